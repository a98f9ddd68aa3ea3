//! Purpose: events as lines of a story.

use crate::run::{Attempt, Event, StageOutcome};

fn list(attempts: &[Attempt]) -> String {
    attempts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn outcome(outcome: &StageOutcome) -> String {
    match outcome.why() {
        Some(why) if !why.is_empty() => format!("{}: {why}", outcome.word()),
        _ => outcome.word().to_owned(),
    }
}

/// An event in one line, without what is the same in every story.
pub(super) fn line(event: &Event) -> String {
    match event {
        Event::RunOpened { .. } => "opened".to_owned(),
        Event::RunTrusted { by, .. } => format!("trusted by {by}"),
        Event::TurnTaken {} => "turn taken".to_owned(),
        Event::TurnReturned {} => "turn returned".to_owned(),
        Event::JobSkipped { task, why } => format!("{task} skipped: {why}"),
        Event::AttemptQueued { attempt, .. } => format!("{attempt} queued"),
        Event::SlotsTaken { attempts } => format!("slots taken: {}", list(attempts)),
        Event::SlotsReturned { attempts } => format!("slots returned: {}", list(attempts)),
        Event::BuildRequested { attempt, .. } => format!("{attempt} requested"),
        Event::BuildDeferred { attempt, why, .. } => format!("{attempt} deferred: {why}"),
        Event::BuildStarted { attempt, build, .. } => format!("{attempt} started as {build}"),
        Event::BuildClaimed { attempt, build, .. } => format!("{attempt} claimed by {build}"),
        Event::AttemptEnded { attempt, end } => match end.verdict.why() {
            Some(why) => format!("{attempt} {}: {why}", end.verdict.word()),
            None => format!("{attempt} {}", end.verdict.word()),
        },
        Event::ReleaseSealed { .. } => "release sealed".to_owned(),
        Event::StageReached { environment } => format!("{environment} reached"),
        Event::StageFrozen { environment, until } => format!("{environment} frozen until {until}"),
        Event::ApprovalOpened {
            environment, count, ..
        } => {
            format!("{environment} asks for {count} approval(s)")
        }
        Event::ApprovalMailed {
            environment,
            person,
        } => format!("{environment} mailed to {person}"),
        Event::ApprovalNotMailed {
            environment,
            person,
            why,
        } => {
            format!("{environment} not mailed to {person}: {why}")
        }
        Event::DecisionMade {
            environment,
            decision,
        } => {
            let word = if decision.approve {
                "approved"
            } else {
                "rejected"
            };
            format!("{environment} {word} by {}", decision.person)
        }
        Event::ApprovalVoided { environment, why } => format!("{environment} voided: {why}"),
        Event::LaneWanted { environment } => format!("{environment} wants its lane"),
        Event::LaneTaken {
            environment, fence, ..
        } => format!("{environment} has its lane, fence {fence}"),
        Event::DeployAuthorised { environment, .. } => format!("{environment} authorised"),
        Event::StageStopped {
            environment,
            outcome: o,
        } => format!("{environment} stopped, {}", outcome(o)),
        Event::StageSettled { environment } => format!("{environment} settled"),
        Event::LaneReturned { environment } => format!("{environment} lane returned"),
        Event::StageEnded {
            environment,
            outcome: o,
        } => format!("{environment} {}", outcome(o)),
        Event::CancelRequested { reason, .. } => format!("cancel requested: {reason}"),
        Event::RunSuperseded { by } => format!("superseded by {by}"),
        Event::SkipRequested { wish, .. } => format!("skip requested by {wish}"),
        Event::JobCancelled { task } => format!("{task} cancelled"),
        Event::RunFinished {
            outcome, headline, ..
        } => format!("finished {}: {headline}", outcome.word()),
    }
}
