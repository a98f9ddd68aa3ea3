//! Purpose: `slipway run`: the pipeline of the checkout you stand in, uncommitted changes included, by the real machine on
//! a data directory that lasts as long as the command.

mod host;
mod plan;
mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::ids::{CommitSha, RepositoryId};
use domain::kernel::{Machine as _, StreamId};
use domain::pipeline::FILE_NAME;
use domain::plan::Parties;
use domain::run::{Command, Opening, Outcome, Run};
use engine::load;
use local::git::{self, Git};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::args::{Global, RunArgs};
use crate::failure::{Failure, NEGATIVE};
use crate::live::Live;
use crate::output::{self, style};
use host::Host;
use plan::Chosen;

/// Between two looks at the run.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Runs it; 1 when a job failed.
pub async fn run(global: &Global, args: &RunArgs) -> Result<u8, Failure> {
    let checkout = Checkout::find(args).await?;
    let text = checkout.pipeline()?;
    let chosen = match plan::choose(&text, &checkout.branch, args) {
        Ok(chosen) => chosen,
        Err(plan::No::Mistakes(mistakes)) => return report::mistakes(global, &text, &mistakes),
        Err(plan::No::Failure(failure)) => return Err(failure),
    };
    let commit = git::snapshot(&Git::new(), &checkout.top)
        .await
        .map_err(|error| {
            Failure::usage(format!(
                "{} cannot be taken as it stands: {error}",
                checkout.top.display()
            ))
        })?;
    let host = Host::start(&checkout.top)?;
    let done = see_through(global, &host, &checkout, &chosen, &commit).await;
    host.stop().await;
    done
}

/// Opens the run, follows it to its end and tells what came of it.
async fn see_through(
    global: &Global,
    host: &Host,
    checkout: &Checkout,
    chosen: &Chosen,
    commit: &CommitSha,
) -> Result<u8, Failure> {
    let opening = opening(host.repository, chosen, commit);
    let stream = StreamId::run(opening.repository, &opening.run);
    let mut live = Live::new(global.json);
    if !global.json {
        report::begin(&live, checkout, chosen, commit)?;
    }
    host.submit(&stream, &Command::Open(Box::new(opening)))
        .await?;
    let run = follow(global, host, &stream, &mut live).await;
    live.finish();
    let run = run?;
    report::end(global, host, &stream, &run, chosen).await?;
    let outcome = run.finished.map(|finish| finish.outcome);
    Ok(if outcome == Some(Outcome::Succeeded) {
        0
    } else {
        NEGATIVE
    })
}

/// Looks at the run until it has ended. The first Ctrl-C cancels it, the second one ends its processes at once.
async fn follow(
    global: &Global,
    host: &Host,
    stream: &StreamId,
    live: &mut Live,
) -> Result<Run, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let mut printed = 0;
    let mut asked = 0;
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = interrupts.next() => {
                asked += 1;
                if asked == 1 {
                    live.say(&style::paint(style::WAITING, "Stopping; Ctrl-C once more kills what still runs."))?;
                    let reason = "interrupted on the command line".to_owned();
                    host.submit(stream, &Command::Cancel { by: None, reason }).await?;
                } else {
                    return Err(Failure::negative("it was interrupted before its jobs had ended"));
                }
            }
        }
        let run = load::<Run>(&*host.home.journal, stream).await?.state;
        live.update(&run)?;
        if global.json {
            printed = output::events::since(&*host.home.journal, stream, printed).await?;
        }
        if run.is_ended() {
            return Ok(run);
        }
    }
}

fn opening(repository: RepositoryId, chosen: &Chosen, commit: &CommitSha) -> Opening {
    let delivery = format!("local-{}", uuid::Uuid::new_v4());
    Opening {
        repository,
        run: planner::run_of(&delivery),
        delivery,
        trigger: chosen.trigger.clone(),
        reference: chosen.reference.clone(),
        commit: commit.clone(),
        parties: Parties::default(),
        plan: chosen.plan.clone(),
        repeats: None,
        problem: None,
        has_checks: false,
        awaits_trust: false,
        proposal: None,
    }
}

/// Where the user stands.
struct Checkout {
    top: PathBuf,
    branch: String,
}

impl Checkout {
    async fn find(args: &RunArgs) -> Result<Self, Failure> {
        let here = std::env::current_dir().map_err(|error| {
            Failure::usage(format!(
                "the directory that you stand in cannot be read: {error}"
            ))
        })?;
        let top = here.ancestors().find(|folder| folder.join(".git").exists());
        let Some(top) = top.map(Path::to_path_buf) else {
            return Err(
                Failure::usage(format!("{} is in no git repository", here.display()))
                    .help("go into one, or make one: `git init`"),
            );
        };
        let branch = match &args.branch {
            Some(branch) => branch.clone(),
            None => git::current_branch(&Git::new(), &top)
                .await
                .map_err(|error| Failure::unavailable(error.to_string()))?
                .ok_or_else(|| {
                    Failure::usage("no branch is checked out")
                        .help("say which one it counts as: `slipway run --branch main`")
                })?,
        };
        Ok(Self { top, branch })
    }

    /// The pipeline file as it lies there.
    fn pipeline(&self) -> Result<String, Failure> {
        let file = self.top.join(FILE_NAME);
        std::fs::read_to_string(&file).map_err(|error| {
            Failure::usage(format!("{} cannot be read: {error}", file.display())).help(
                "begin one with `version: 1` and a job; `slipway schema` says what may stand in it",
            )
        })
    }
}

/// Ctrl-C and TERM.
struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    fn listen() -> Result<Self, Failure> {
        let broken = |error: std::io::Error| {
            Failure::unavailable(format!("signals cannot be received: {error}"))
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(broken)?,
            terminate: signal(SignalKind::terminate()).map_err(broken)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// For people: `~/src/shop` stays as it is, but nothing in it moves the cursor.
fn shown(path: &Path) -> String {
    output::clean(&path.display().to_string())
}
