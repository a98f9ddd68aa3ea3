//! Purpose: the check of one environment, from what it waits for to what runs there.

use domain::checks::{Check, Conclusion, Status};
use domain::plan::PlannedStage;
use domain::run::{Approval, Phase, Stage, StageOutcome, StagePhase, Task, TaskId};
use domain::words;
use jiff::Timestamp;

use super::job::capital;
use super::{MAX_NAME, MAX_TITLE, SUMMARY, Scene, text};

/// People who may decide that are named.
const MAX_APPROVERS: usize = 20;

/// The check of an environment.
pub(super) fn check(scene: &Scene<'_>, planned: &PlannedStage) -> Check {
    let name = &planned.environment;
    let nothing = Stage::default();
    let stage = scene.run.stages.get(name).unwrap_or(&nothing);
    let task = TaskId::Deploy(name.clone());
    let (started_at, completed_at) = times(scene, stage, &task);
    let title = title(scene, planned, stage);
    let mut parts = vec![text::markdown(&title, MAX_TITLE)];
    parts.extend(scene.waits.approvers.get(name).map(|who| may_decide(who)));
    parts.extend(asked(planned, stage));
    parts.push(format!("[The whole run]({})", scene.url));
    let summary = text::bounded(parts.join("\n\n"));
    Check {
        name: format!("{SUMMARY} / → {}", text::line(name.as_str(), MAX_NAME)),
        external_id: format!("{}/{task}", scene.opening.run),
        status: status(&stage.phase),
        started_at,
        completed_at,
        details_url: scene.url.clone(),
        title: text::line(&title, MAX_TITLE),
        summary,
        annotations: Vec::new(),
        actions: Vec::new(),
    }
}

fn status(phase: &StagePhase) -> Status {
    let outcome = match phase {
        StagePhase::Blocked | StagePhase::Opening | StagePhase::WantsLane => return Status::Queued,
        StagePhase::HoldsLane
        | StagePhase::Working
        | StagePhase::Settling(_)
        | StagePhase::Returning(_) => return Status::InProgress,
        StagePhase::Approval => return Status::Completed(Conclusion::ActionRequired),
        StagePhase::Ended(outcome) => outcome,
    };
    Status::Completed(match outcome {
        StageOutcome::Deployed => Conclusion::Success,
        StageOutcome::Failed { .. }
        | StageOutcome::RolledBack { .. }
        | StageOutcome::Rejected { .. } => Conclusion::Failure,
        StageOutcome::Untouched { .. } => Conclusion::Skipped,
        StageOutcome::Expired => Conclusion::TimedOut,
        StageOutcome::Cancelled => Conclusion::Cancelled,
    })
}

/// When the deploy began, and when the last task of the environment ended.
fn times(
    scene: &Scene<'_>,
    stage: &Stage,
    deploy: &TaskId,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok().filter(|_| ms > 0);
    let tasks = &scene.run.tasks;
    let started = tasks.get(deploy).and_then(|task| match &task.phase {
        Phase::Started { at, .. } => Some(*at),
        _ => task.past.first().and_then(|past| at(past.end.started_ms)),
    });
    let of_stage = tasks
        .iter()
        .filter(|(id, _)| id.environment() == deploy.environment());
    let ended = of_stage.filter_map(|(_, task)| Task::last_end(task));
    let ended = ended.filter_map(|end| at(end.finished_ms)).max();
    (started, ended.filter(|_| stage.outcome().is_some()))
}

/// What is waited for and where in line, or what came of it.
pub(super) fn title(scene: &Scene<'_>, planned: &PlannedStage, stage: &Stage) -> String {
    let waits = stage.phase == StagePhase::WantsLane && stage.frozen_until.is_none();
    let begins = waits || stage.phase == StagePhase::HoldsLane;
    if begins && scene.waits.frozen {
        return "Deploys are frozen; /unfreeze lets them begin again".to_owned();
    }
    match scene.waits.lanes.get(&planned.environment) {
        Some(line) if waits => line.title(),
        _ => state(planned, stage),
    }
}

/// The same of the run alone.
pub(super) fn state(planned: &PlannedStage, stage: &Stage) -> String {
    match &stage.phase {
        StagePhase::Blocked => match &planned.after {
            Some(before) => format!("Waits for {before}"),
            None => "Waits for the jobs".to_owned(),
        },
        StagePhase::Opening => "Finds out who may approve".to_owned(),
        StagePhase::Approval => stage.approval.as_ref().map_or_else(String::new, wanted),
        StagePhase::WantsLane => match stage.frozen_until {
            Some(until) => format!("Frozen until {}", words::exact(until)),
            None => "Waits for its turn".to_owned(),
        },
        phase => match stage.outcome().and_then(StageOutcome::why) {
            Some(why) => format!("{}: {why}", capital(phase.word())),
            None => capital(phase.word()),
        },
    }
}

fn wanted(approval: &Approval) -> String {
    let yes = approval
        .decisions
        .iter()
        .filter(|made| made.approve)
        .count();
    format!(
        "Waits for approval until {}: {yes} of {}",
        words::exact(approval.expires_at),
        approval.count
    )
}

/// What to write to decide; an environment's name and a hash are safe as they are.
fn asked(planned: &PlannedStage, stage: &Stage) -> Option<String> {
    let waits = stage.phase == StagePhase::Approval;
    let approval = stage.approval.as_ref().filter(|_| waits)?;
    let (environment, release) = (&planned.environment, &approval.release);
    let short = release.short();
    Some(format!(
        "Decide by the link in your mail, or in a comment on any issue or pull request of this repository:\n\n\
         ```\n/approve {environment} {release}\n```\n\nor `/reject {environment} {short}` and why."
    ))
}

fn may_decide(logins: &[String]) -> String {
    let named = logins.iter().take(MAX_APPROVERS);
    let mut names: Vec<String> = named.map(|login| text::markdown(login, MAX_NAME)).collect();
    let rest = logins.len().saturating_sub(MAX_APPROVERS);
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    match names.is_empty() {
        true => "Nobody who may decide is left.".to_owned(),
        false => format!("Who may decide: {}", names.join(", ")),
    }
}
