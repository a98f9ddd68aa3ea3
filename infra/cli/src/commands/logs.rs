//! Purpose: `slipway logs RUN [TASK]`: the log of a task's attempt, to its end or as it grows.

use std::time::Duration;

use domain::run::Attempt;
use engine::ports::{LogLine, LogStream};
use engine::views::{self, RunView, TaskView};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{find, show};
use crate::args::{Global, LogsArgs};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output::{self, style};

/// Between two looks at a log that grows.
const PAUSE: Duration = Duration::from_millis(300);

/// Prints it.
pub async fn run(global: &Global, args: &LogsArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let view = show::load(&backend, &args.run).await?;
    let task = task(&view, args.task.as_deref())?;
    let attempt = attempt(&view, task, args)?;
    if !global.json {
        let said = format!("{} of run {}", attempt, view.run);
        output::note(&style::paint(style::FAINT, &said));
    }
    print(global, &backend, &view, &attempt, args).await
}

async fn print(
    global: &Global,
    backend: &Backend,
    view: &RunView,
    attempt: &Attempt,
    args: &LogsArgs,
) -> Result<u8, Failure> {
    let mut after = args.after;
    loop {
        let page = views::log(
            &*backend.journal,
            &*backend.logs,
            view.repository.id,
            &view.run,
            attempt,
            after,
        )
        .await?
        .ok_or_else(|| Failure::usage(format!("there is no attempt {attempt}")))?;
        for line in &page.lines {
            after = line.number;
            match global.json {
                true => output::json_line(line)?,
                false => output::write(&text(line))?,
            }
        }
        if page.next.is_some() {
            continue;
        }
        if page.live && args.follow {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        if !global.json {
            let why = match (&page.build, page.live) {
                (None, true) => format!("It has not begun: {}.", page.status),
                (None, false) => format!("It never began: {}.", page.status),
                (Some(_), true) => "It goes on; `--follow` shows what is to come.".to_owned(),
                (Some(_), false) => format!("It has ended: {}.", style::status(&page.status)),
            };
            output::note(&why);
        }
        return Ok(0);
    }
}

fn text(line: &LogLine) -> String {
    let at = Timestamp::from_millisecond(line.at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string();
    let look = match line.stream {
        LogStream::Stdout => style::PLAIN,
        LogStream::Stderr => style::WAITING,
        LogStream::System => style::BUSY,
    };
    let keep = |c: &char| *c == '\t' || !c.is_control();
    let said: String = line.text.chars().filter(keep).collect();
    format!(
        "{} {}\n",
        style::paint(style::FAINT, &at),
        style::paint(look, &said)
    )
}

/// All tasks of a run, in the order in which they take place.
fn tasks(view: &RunView) -> impl DoubleEndedIterator<Item = &TaskView> {
    view.jobs
        .iter()
        .chain(view.stages.iter().flat_map(|stage| &stage.tasks))
}

/// The one that was named; else one that failed, one that runs, or the last one that has a log.
fn task<'a>(view: &'a RunView, wanted: Option<&str>) -> Result<&'a TaskView, Failure> {
    let found = match wanted {
        Some(wanted) => tasks(view)
            .find(|task| task.task.to_string() == wanted || task.name == wanted)
            .or_else(|| only(tasks(view).filter(|task| task.name.starts_with(wanted))))
            .or_else(|| of_environment(view, wanted)),
        None => {
            let has_log = |task: &&TaskView| task.attempts.iter().any(|a| a.build.is_some());
            let failed = tasks(view).find(|task| task.is_bad() && has_log(task));
            let running = || tasks(view).find(|task| task.status == "running");
            failed
                .or_else(running)
                .or_else(|| tasks(view).rfind(has_log))
        }
    };
    found.ok_or_else(|| {
        let names: Vec<String> = tasks(view).map(|task| task.task.to_string()).collect();
        let what = match wanted {
            Some(wanted) => format!(
                "run {} has no task {wanted:?}, or several that begin so",
                view.run
            ),
            None => format!(
                "no task of run {} has begun, so there is no log yet",
                view.run
            ),
        };
        let help = match names.is_empty() {
            true => format!("`slipway show {}` says how it stands", view.run),
            false => find::candidates(names),
        };
        Failure::usage(what).help(help)
    })
}

/// What was done last with an environment.
fn of_environment<'a>(view: &'a RunView, wanted: &str) -> Option<&'a TaskView> {
    let of = |task: &&TaskView| {
        task.task
            .environment()
            .is_some_and(|e| e.as_str() == wanted)
    };
    let has_log = |task: &&TaskView| task.attempts.iter().any(|a| a.build.is_some());
    let all = || tasks(view).filter(of);
    all().rfind(has_log).or_else(|| all().next())
}

fn only<'a>(mut tasks: impl Iterator<Item = &'a TaskView>) -> Option<&'a TaskView> {
    let first = tasks.next()?;
    tasks.next().is_none().then_some(first)
}

fn attempt(view: &RunView, task: &TaskView, args: &LogsArgs) -> Result<Attempt, Failure> {
    let last = task.attempts.last().map(|attempt| attempt.number);
    let number = match (args.attempt, last) {
        (Some(number), Some(last)) if number == 0 || number > last => {
            let many = domain::words::counted(u64::from(last), "attempt");
            return Err(Failure::usage(format!(
                "{} has {many}, not {number}",
                task.task
            )));
        }
        (Some(number), _) => number,
        (None, Some(last)) => last,
        (None, None) if args.follow => 1,
        (None, None) => {
            return Err(
                Failure::usage(format!("{} has not begun: {}", task.task, task.status)).help(
                    format!(
                        "`slipway logs {} '{}' --follow` waits for it",
                        view.run, task.name
                    ),
                ),
            );
        }
    };
    Ok(Attempt {
        task: task.task.clone(),
        number,
    })
}
