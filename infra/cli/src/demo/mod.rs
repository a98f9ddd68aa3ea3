//! Purpose: `slipway demo`: the whole road on this computer, from a push to production, with nothing made up.

mod approver;
mod sample;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use domain::kernel::StreamId;
use domain::lane::Lane;
use domain::run::{Outcome, Run, StagePhase};
use engine::load;
use engine::ports::Journal as _;
use local::machine_file::{MachineFile, PersonEntry};
use serde_json::{Value, json};

use crate::args::{DemoArgs, Global};
use crate::commands::up::Signals;
use crate::failure::Failure;
use crate::home::Home;
use crate::live::Live;
use crate::machine::{Machine, watch};
use crate::output;
use sample::Sample;

const STAGING: &str = "staging";
const PRODUCTION: &str = "production";
const INITIATOR: (u64, &str, &str, &str) = (1, "ana", "Ana Aro", "ana@example.org");
const APPROVER: (u64, &str, &str, &str) = (2, "bob", "Bob Baker", "bob@example.org");
/// The demo takes seconds; a computer that needs longer than this has another problem.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at the run.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Goes the whole road; the exit status is 0 only when both environments run the same release.
pub async fn run(global: &Global, args: &DemoArgs) -> Result<u8, Failure> {
    let begun = Instant::now();
    let dir = directory(global)?;
    let home = Home::open(&dir)?;
    people(&dir)?;
    let sample = Sample::make(&dir, INITIATOR.2, INITIATOR.3)?;
    let entry = home.repositories.add(&sample.bare, "shop", None, None)?;
    watch::begin(&dir, &entry).await?;
    let machine = Machine::start(home.clone(), args.port.unwrap_or(0)).await?;
    let mut live = Live::new(global.json);
    live.say(&format!("dashboard  {}", machine.dashboard))?;
    live.say(&format!("journal    {}", dir.display()))?;
    live.say(&format!(
        "push       {} opens the shop: git push origin main",
        INITIATOR.1
    ))?;
    sample.push()?;
    let followed = follow(&home, entry.id, &mut live, global.json, begun).await;
    live.finish();
    if args.stay && followed.is_ok() {
        live.say(&format!(
            "The machine stays up at {} until Ctrl-C.",
            machine.dashboard
        ))?;
        let mut signals = Signals::listen()?;
        signals.wait().await;
        if let Some(status) = signals.stop(machine).await {
            return Ok(status);
        }
    } else {
        machine.stop().await;
    }
    let run = followed?;
    let road = Road::read(&home, &sample, entry.id, &run).await?;
    road.report(global, &dir, begun)
}

/// Follows the run to its end; the designated person approves on the way.
async fn follow(
    home: &Home,
    repository: RepositoryId,
    live: &mut Live,
    json: bool,
    begun: Instant,
) -> Result<Run, Failure> {
    let prefix = format!("run/{repository}/");
    let mut approved = false;
    let mut printed = 0;
    while begun.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(head) = home.journal.heads(&prefix, None, 1).await?.pop() else {
            continue;
        };
        let run = load::<Run>(&*home.journal, &head.stream).await?.state;
        live.update(&run)?;
        if json {
            printed = print_events(home, &head.stream, printed).await?;
        }
        let production = run.stages.get(&EnvironmentName::new(PRODUCTION));
        let asked = production.is_some_and(|stage| stage.phase == StagePhase::Approval);
        if asked && !approved {
            approved = approver::approve(&home.dir.join("outbox"), APPROVER.3).await?;
            if approved {
                live.say(&format!(
                    "approval   {} read the mail, signed in and approved",
                    APPROVER.1
                ))?;
            }
        }
        if domain::kernel::Machine::is_ended(&run) {
            return Ok(run);
        }
    }
    Err(Failure::unavailable(format!(
        "the run did not end within {} s",
        PATIENCE.as_secs()
    ))
    .help(format!(
        "`slipway --data {} why latest` tells what it waits for",
        home.dir.display()
    )))
}

/// Prints the events since the last look, one JSON line each.
async fn print_events(home: &Home, stream: &StreamId, after: u64) -> Result<u64, Failure> {
    let mut last = after;
    for record in home.journal.read(stream, after).await? {
        last = record.number;
        for event in &record.events {
            let body: Value = serde_json::from_str(&event.body).unwrap_or(Value::Null);
            output::json_line(&json!({
                "stream": stream, "commit": record.number, "at_ms": record.at_ms,
                "actor": record.actor, "event": event.kind, "body": body,
            }))?;
        }
    }
    Ok(last)
}

/// What the road came to, read from the journal and from the targets themselves.
struct Road {
    run: Run,
    staging: Option<String>,
    production: Option<String>,
    approver: Option<PersonId>,
    on_target: bool,
    events: usize,
}

impl Road {
    async fn read(
        home: &Home,
        sample: &Sample,
        repository: RepositoryId,
        run: &Run,
    ) -> Result<Self, Failure> {
        let mut deployed = Vec::new();
        let mut on_target = true;
        for name in [STAGING, PRODUCTION] {
            let stream = StreamId::lane(repository, &EnvironmentName::new(name));
            let lane = load::<Lane>(&*home.journal, &stream).await?.state;
            let release = lane.deployed.map(|deployed| deployed.release.to_string());
            on_target &= release.is_some() && release == sample.deployed(name);
            deployed.push(release);
        }
        let mut events = 0;
        for head in home.journal.heads("", None, 1000).await? {
            let records = home.journal.read(&head.stream, 0).await?;
            events += records
                .iter()
                .map(|record| record.events.len())
                .sum::<usize>();
        }
        let approval = run
            .stages
            .get(&EnvironmentName::new(PRODUCTION))
            .and_then(|s| s.approval.as_ref());
        let decision = approval.and_then(|approval| approval.decisions.iter().find(|d| d.approve));
        let production = deployed.pop().flatten();
        let staging = deployed.pop().flatten();
        let approver = decision.map(|decision| decision.person);
        Ok(Self {
            run: run.clone(),
            staging,
            production,
            approver,
            on_target,
            events,
        })
    }

    /// Whether all of it truly happened.
    fn is_good(&self) -> bool {
        let finished = self.run.finished.as_ref();
        finished.is_some_and(|finish| finish.outcome == Outcome::Succeeded)
            && self.staging.is_some()
            && self.staging == self.production
            && self.on_target
            && self.approver == Some(PersonId(APPROVER.0))
    }

    fn report(&self, global: &Global, dir: &Path, begun: Instant) -> Result<u8, Failure> {
        let code = u8::from(!self.is_good());
        let opening = self.run.opening.as_ref();
        let finish = self.run.finished.as_ref();
        let seconds = (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        if global.json {
            output::json_line(&json!({
                "outcome": finish.map_or("unknown", |finish| finish.outcome.word()),
                "run": opening.map(|opening| &opening.run),
                "commit": opening.map(|opening| &opening.commit),
                "staging": { "release": self.staging },
                "production": { "release": self.production },
                "initiator": opening.and_then(|o| o.parties.initiator).map(login),
                "approver": self.approver.map(login),
                "events": self.events,
                "seconds": seconds,
                "data": dir,
            }))?;
            return Ok(code);
        }
        let headline = finish.map_or("the run did not end", |finish| finish.headline.as_str());
        let data = dir.display();
        output::line("")?;
        output::line(format!("{headline} ({seconds} s, {} events)", self.events))?;
        if let (0, Some(release)) = (code, &self.staging) {
            let short = release.get(..12).unwrap_or(release);
            output::line(format!(
                "staging and production both run release {short}, approved by {}",
                APPROVER.1
            ))?;
        } else {
            output::line("staging and production do not run the same approved release")?;
        }
        output::line("")?;
        output::line(format!(
            "look again  slipway --data {data} up     (the dashboard)"
        ))?;
        output::line(format!("            slipway --data {data} show latest"))?;
        output::line(format!("            slipway --data {data} journal verify"))?;
        output::line("your own    slipway up, then slipway repo add PATH")?;
        Ok(code)
    }
}

fn login(person: PersonId) -> String {
    [INITIATOR, APPROVER]
        .iter()
        .find(|(id, ..)| *id == person.0)
        .map_or_else(|| person.to_string(), |(_, login, ..)| (*login).to_owned())
}

/// A directory of its own: the demo never touches the machine that a user has.
fn directory(global: &Global) -> Result<PathBuf, Failure> {
    let failed = |error: std::io::Error| {
        Failure::unavailable(format!("a directory for the demo cannot be made: {error}"))
            .help("name one: `slipway --data DIR demo`")
    };
    let Some(dir) = &global.data else {
        let dir = tempfile::Builder::new()
            .prefix("slipway-demo-")
            .tempdir()
            .map_err(failed)?;
        return Ok(dir.keep());
    };
    let dir = std::path::absolute(dir).map_err(failed)?;
    let full = std::fs::read_dir(&dir).is_ok_and(|mut files| files.next().is_some());
    if full {
        return Err(Failure::usage(format!("{} is not empty", dir.display()))
            .help("the demo begins anew: name a directory that is empty or not there yet"));
    }
    Ok(dir)
}

fn people(dir: &Path) -> Result<(), Failure> {
    let person = |(id, login, name, email): (u64, &str, &str, &str), teams: &[&str]| PersonEntry {
        id: PersonId(id),
        login: login.to_owned(),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
    };
    let people = vec![
        person(INITIATOR, &[]),
        person(APPROVER, &["release-approvers"]),
    ];
    Ok(MachineFile {
        people,
        ..MachineFile::default()
    }
    .write(dir)?)
}
