//! Purpose: what `slipway run` says: before, while and after.

use domain::ids::CommitSha;
use domain::kernel::StreamId;
use domain::pipeline::{self, Diagnostic, FILE_NAME};
use domain::run::{Outcome, Run};
use engine::views::{self, RunView, TaskView};
use jiff::Timestamp;
use serde_json::json;

use super::host::Host;
use super::plan::Chosen;
use super::{Checkout, shown};
use crate::args::Global;
use crate::commands::results;
use crate::failure::{Failure, NEGATIVE};
use crate::live::Live;
use crate::output::style::{self, paint};
use crate::output::{self, clean};

/// Last lines of a failed job's log that are shown: the log is gone afterwards.
const TAIL: usize = 30;
/// Failed jobs whose logs are shown.
const MAX_TAILS: usize = 5;

/// The file cannot be used.
pub fn mistakes(global: &Global, text: &str, mistakes: &[Diagnostic]) -> Result<u8, Failure> {
    if global.json {
        output::json_line(&json!({ "file": FILE_NAME, "valid": false, "diagnostics": mistakes }))?;
    } else {
        output::write(&pipeline::render(FILE_NAME, text, mistakes, true))?;
    }
    Ok(NEGATIVE)
}

/// What is about to run.
pub fn begin(
    live: &Live,
    checkout: &Checkout,
    chosen: &Chosen,
    commit: &CommitSha,
) -> Result<(), Failure> {
    let jobs = domain::words::counted(chosen.plan.jobs.len() as u64, "job");
    live.say(&format!(
        "{jobs} of {} as it stands, {} on {} ({})",
        shown(&checkout.top),
        chosen.trigger.event(),
        clean(&checkout.branch),
        commit.short(),
    ))?;
    if !chosen.not_deployed.is_empty() {
        let said = format!(
            "Environments are not deployed by `slipway run`: {}",
            names(chosen)
        );
        live.say(&paint(style::FAINT, &said))?;
    }
    Ok(())
}

/// What came of it.
pub async fn end(
    global: &Global,
    host: &Host,
    stream: &StreamId,
    run: &Run,
    chosen: &Chosen,
) -> Result<(), Failure> {
    let missing = || Failure::negative("the run is not in its journal");
    let id = stream.run_id().ok_or_else(missing)?;
    let view = views::run(&host.home.reads(), host.repository, &id, Timestamp::now()).await?;
    let view = view.ok_or_else(missing)?;
    if global.json {
        return output::json_line(&json!({
            "outcome": view.status,
            "run": view.run,
            "commit": view.commit.sha,
            "headline": view.headline,
            "duration_ms": view.duration_ms,
            "tests": view.tests,
            "jobs": view.jobs,
            "not_deployed": chosen.not_deployed,
        }));
    }
    for task in view
        .jobs
        .iter()
        .filter(|task| task.is_bad())
        .take(MAX_TAILS)
    {
        tail(host, &view, task).await?;
    }
    output::line("")?;
    output::write(&results::tasks(&view.jobs))?;
    let outcome = run.finished.as_ref().map(|finish| finish.outcome);
    let look = if outcome == Some(Outcome::Succeeded) {
        style::GOOD
    } else {
        style::of_status(&view.status)
    };
    let word = paint(
        look,
        &format!("{} {}", style::mark(&view.status), view.status),
    );
    let headline = view.headline.as_deref().map(clean).unwrap_or_default();
    let again = format!("{}: ", view.status);
    let headline = headline.strip_prefix(&again).unwrap_or(&headline);
    let took = domain::words::duration(view.duration_ms);
    let said = format!("{word} in {took}: {headline}");
    output::write(&format!("\n{}", output::wrapped(&said, 0)))
}

/// The last lines of a failed job's log.
async fn tail(host: &Host, view: &RunView, task: &TaskView) -> Result<(), Failure> {
    let Some(last) = task
        .attempts
        .last()
        .filter(|attempt| attempt.build.is_some())
    else {
        return Ok(());
    };
    let journal = &*host.home.journal;
    let builds = &host.functions.builds;
    let log = views::log_tail(
        journal,
        builds,
        view.repository.id,
        &view.run,
        &last.attempt,
    )
    .await?;
    let Some(log) = log else { return Ok(()) };
    let skipped = log.lines.len().saturating_sub(TAIL);
    let heading = format!("── the end of the log of {} ──", clean(&task.name));
    output::line(format!("\n{}", paint(style::FAINT, &heading)))?;
    for line in log.lines.iter().skip(skipped) {
        output::line(line.text.replace(|c: char| c.is_control() && c != '\t', ""))?;
    }
    Ok(())
}

fn names(chosen: &Chosen) -> String {
    let names: Vec<String> = chosen
        .not_deployed
        .iter()
        .map(|name| clean(name.as_str()))
        .collect();
    names.join(", ")
}
