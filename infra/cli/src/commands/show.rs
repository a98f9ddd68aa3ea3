//! Purpose: `slipway show RUN`: one run, whole: what it is about, its jobs with their tests, its environments.

use domain::words;
use engine::views::{self, ApprovalLine, RunView, StageView, TaskView};
use jiff::Timestamp;

use super::{find, results};
use crate::args::{Global, RunArg};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output::style::{self, paint};
use crate::output::{self, clean};

/// Shows it.
pub async fn run(global: &Global, args: &RunArg) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let view = load(&backend, &args.run).await?;
    if global.json {
        output::document(&view)?;
    } else {
        output::write(&text(&view))?;
    }
    Ok(0)
}

/// The run that is meant.
pub async fn load(backend: &Backend, wanted: &str) -> Result<RunView, Failure> {
    let stream = find::run(backend, wanted).await?;
    let missing = || Failure::usage(format!("{stream} was never opened"));
    let (repository, id) = stream
        .repository_id()
        .zip(stream.run_id())
        .ok_or_else(missing)?;
    let view = views::run(&backend.reads(), repository, &id, Timestamp::now()).await?;
    view.ok_or_else(missing)
}

fn text(view: &RunView) -> String {
    let mut text = head(view);
    if let Some(reason) = &view.quarantine {
        let said = format!("Nobody works on it: {}", clean(reason));
        text.push_str(&format!("\n{}\n", paint(style::BAD, &said)));
    }
    if !view.jobs.is_empty() {
        text.push_str(&format!("\n{}\n", paint(style::STRONG, "JOBS")));
        text.push_str(&results::tasks(&view.jobs));
    }
    if !view.stages.is_empty() || view.rules.is_some() {
        text.push_str(&format!("\n{}\n", paint(style::STRONG, "ENVIRONMENTS")));
        if let Some(rules) = &view.rules {
            text.push_str(&output::wrapped(&clean(rules), 2));
        }
        for stage in &view.stages {
            text.push_str(&environment(stage, view));
        }
    }
    let waits = &view.why.waits;
    if !waits.is_empty() {
        text.push_str(&format!("\n{}\n", paint(style::STRONG, "WAITS FOR")));
        for wait in waits {
            text.push_str(&output::wrapped(&clean(&wait.sentence), 2));
        }
    }
    text
}

fn head(view: &RunView) -> String {
    let status = format!("{} {}", style::mark(&view.status), view.status);
    let mut text = format!(
        "{}  {}  {}\n",
        paint(style::STRONG, view.run.as_str()),
        paint(style::of_status(&view.status), &status),
        clean(&view.repository.name),
    );
    let title = view.commit.title.as_deref().map(clean).unwrap_or_default();
    let about = format!(
        "{}  {}  {title}",
        clean(&view.branch),
        view.commit.sha.short()
    );
    text.push_str(&format!("  {}\n", about.trim_end()));
    let who = match (&view.initiator, &view.commit.author_name) {
        (Some(who), _) => format!(" by {}", clean(&who.name)),
        (None, Some(author)) => format!(", written by {}", clean(author)),
        (None, None) => String::new(),
    };
    let opened = output::ago(view.opened_ms, Timestamp::now());
    let lasts = if view.is_over() { "took" } else { "for" };
    let took = words::duration(view.duration_ms);
    let facts = format!("{}{who}, {opened}, {lasts} {took}", view.event);
    text.push_str(&format!("  {}\n", paint(style::FAINT, &facts)));
    if let Some(release) = &view.release {
        // Whole: whoever approves types its end.
        let said = format!("release {release}");
        text.push_str(&format!("  {}\n", paint(style::FAINT, &said)));
    }
    // Once it is over, the headline tells of a cancellation too.
    let cancelled = view
        .cancelled
        .as_ref()
        .map(|why| format!("cancelled: {why}"));
    if let Some(said) = view.headline.as_ref().or(cancelled.as_ref()) {
        text.push_str(&output::wrapped(&clean(said), 2));
    }
    if let Some(by) = &view.superseded_by {
        text.push_str(&format!("  superseded by {by}\n"));
    }
    text
}

fn environment(stage: &StageView, view: &RunView) -> String {
    let mut line = format!(
        "  {} {}  {}",
        paint(style::of_status(&stage.status), style::mark(&stage.status)),
        clean(stage.environment.as_str()),
        style::status(&stage.status),
    );
    if let (Some(release), "deployed") = (&view.release, stage.status.as_str()) {
        line.push_str(&format!("  release {}", release.short()));
    }
    let mut text = format!("{line}\n");
    if let Some(why) = &stage.why {
        text.push_str(&output::wrapped(&clean(why), 6));
    }
    if let Some(approval) = &stage.approval {
        text.push_str(&approval_text(approval));
    }
    let shown: Vec<&TaskView> = stage
        .tasks
        .iter()
        .filter(|task| task.status != "waiting")
        .collect();
    text.push_str(&results::tasks_of(&shown, 6));
    text
}

fn approval_text(approval: &ApprovalLine) -> String {
    let names = |people: &[views::Who]| {
        let names: Vec<String> = people.iter().map(|who| clean(&who.name)).collect();
        names.join(", ")
    };
    let open = approval.status == "awaiting approval";
    let standing = match open {
        true => String::new(),
        false => format!(" {}", style::status(&approval.status)),
    };
    let mut text = format!(
        "      approval{standing}: {} of {} given, for release {}\n",
        approval.given,
        approval.count,
        approval.release.short(),
    );
    if open {
        let who = names(&approval.approvers);
        let who = if who.is_empty() { "nobody" } else { &who };
        let until = output::exact(approval.expires_ms);
        let said = format!("may decide: {who}, until {until}");
        text.push_str(&output::wrapped(&said, 6));
    }
    if !approval.excluded.is_empty() {
        let who = names(&approval.excluded);
        let said = format!("may not, because it is their own change: {who}");
        text.push_str(&output::wrapped(&said, 6));
    }
    for decision in &approval.decisions {
        let word = if decision.approve {
            "approved"
        } else {
            "rejected"
        };
        let reason = clean(&decision.reason);
        let reason = if reason.is_empty() {
            reason
        } else {
            format!(": {reason}")
        };
        let at = output::exact(decision.at_ms);
        let who = clean(&decision.who.name);
        text.push_str(&format!(
            "      {} by {who}, {at}{reason}\n",
            style::status(word)
        ));
    }
    if let Some(why) = &approval.voided {
        text.push_str(&format!("      no longer counts: {}\n", clean(why)));
    }
    text
}
