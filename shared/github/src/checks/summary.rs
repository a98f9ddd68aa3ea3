//! Purpose: the check of the whole run in words: its title, and tables of what became of jobs and environments.

use domain::plan::PlannedJob;
use domain::run::{Phase, StageOutcome, Task, TaskId, Verdict};

use super::job::{capital, starts, tests, tests_in_words, took, waits_for, waits_for_place};
use super::{MAX_NAME, MAX_TITLE, Scene, proposal, stage, text};

/// Jobs that the table lists; GitHub shows each of them as a check anyway.
const MAX_ROWS: usize = 300;

/// What happened, the failing line first.
pub(super) fn title(scene: &Scene<'_>) -> String {
    let run = scene.run;
    let Some(finish) = &run.finished else {
        return capital(run.status());
    };
    let failed = scene.opening.plan.jobs.iter().find_map(|planned| {
        let task = run.tasks.get(&TaskId::Job(planned.id.clone()))?;
        let failed = matches!(task.verdict()?, Verdict::Failed { .. });
        let headline = task.last_end()?.headline.as_deref();
        headline.filter(|_| failed).map(|line| (planned, line))
    });
    match failed {
        Some((planned, line)) if finish.headline.contains(line) => {
            format!("{line} ({})", planned.id)
        }
        _ => finish.headline.clone(),
    }
}

/// Markdown.
pub(super) fn text(scene: &Scene<'_>) -> String {
    let mut parts = scene.waits.words.parts();
    if let Some(finish) = &scene.run.finished {
        parts.push(text::markdown(&finish.headline, MAX_TITLE * 5));
    }
    // Before what may be long, so that its fence is never cut off.
    parts.extend(proposal::section(scene.opening));
    parts.extend(tables(scene));
    parts.join("\n\n")
}

/// What became of jobs and environments, and where to read more.
pub(super) fn tables(scene: &Scene<'_>) -> Vec<String> {
    let plan = &scene.opening.plan;
    let mut parts = Vec::new();
    if !plan.jobs.is_empty() {
        parts.push(jobs(scene));
    }
    if !scene.run.stages.is_empty() {
        parts.push(stages(scene));
    }
    if let Some(source) = &plan.environments {
        parts.push(text::markdown(&source.sentence(), MAX_TITLE * 5));
    }
    parts.push(format!("[The whole run]({})", scene.url));
    parts
}

fn jobs(scene: &Scene<'_>) -> String {
    let mut rows = vec![
        "| Job | State | Took | Tests |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    let planned = scene.opening.plan.jobs.iter();
    rows.extend(planned.take(MAX_ROWS).map(|planned| row(scene, planned)));
    rows.join("\n")
}

fn row(scene: &Scene<'_>, planned: &PlannedJob) -> String {
    let task = scene.run.tasks.get(&TaskId::Job(planned.id.clone()));
    let end = task.and_then(Task::last_end);
    let state = match task.map(|task| &task.phase) {
        None | Some(Phase::Waiting) => waits_for(scene, planned),
        Some(Phase::WantsSlot { .. }) => waits_for_place(scene, planned),
        Some(Phase::Requested { .. }) => task.map(starts).unwrap_or_default(),
        Some(Phase::Started { .. }) => "Runs".to_owned(),
        Some(Phase::Ended(verdict)) => capital(verdict.word()),
    };
    format!(
        "| {} | {} | {} | {} |",
        text::markdown(planned.id.as_str(), MAX_NAME),
        text::markdown(&state, MAX_TITLE),
        end.and_then(took).unwrap_or_default(),
        end.map(tests).and_then(tests_in_words).unwrap_or_default(),
    )
}

fn stages(scene: &Scene<'_>) -> String {
    let mut rows = vec![
        "| Environment | State | Runs | Ran before |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    let planned = scene.opening.plan.stages.iter();
    rows.extend(planned.filter_map(|planned| {
        let stage = scene.run.stages.get(&planned.environment)?;
        let is_there = stage.outcome() == Some(&StageOutcome::Deployed);
        let name = planned.environment.as_str();
        let name = match planned.url.as_deref().filter(|_| is_there) {
            Some(url) => text::link(name, MAX_NAME, url),
            None => text::markdown(name, MAX_NAME),
        };
        let runs = is_there.then(|| scene.opening.commit.short());
        let before = stage.previous.as_ref().map(|ran| ran.commit.short());
        Some(format!(
            "| {name} | {} | {} | {} |",
            text::markdown(&stage::title(scene, planned, stage), MAX_TITLE),
            runs.unwrap_or_default(),
            before.unwrap_or_default(),
        ))
    }));
    rows.join("\n")
}
