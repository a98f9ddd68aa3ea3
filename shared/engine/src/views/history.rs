//! Purpose: the events of a run in words, with who recorded them and when.

use domain::ids::PersonId;
use domain::run::{Attempt, Event, TaskId};
use domain::words::{counted, exact};
use serde::Serialize;

use super::names::Names;
use crate::codec;
use crate::fault::Fault;
use crate::ports::Record;

/// One event for readers.
#[derive(Clone, Debug, Serialize)]
pub struct EventLine {
    /// Number of the commit that holds it.
    pub commit: u64,
    pub at_ms: i64,
    /// `the scheduler`, `Ana Silva`.
    pub actor: String,
    /// The event's type in the journal.
    pub kind: String,
    pub text: String,
}

/// The people that these events and their commits speak of.
pub(super) fn people_of(records: &[Record], events: &[Event]) -> Vec<PersonId> {
    let actors = records.iter().filter_map(|r| Names::actor_id(&r.actor));
    let mut people: Vec<PersonId> = actors.collect();
    for event in events {
        match event {
            Event::RunOpened { opening, .. } => {
                people.extend(opening.parties.initiator);
                people.extend(opening.parties.author);
            }
            Event::ApprovalOpened { approvers, .. } => people.extend(approvers),
            Event::ApprovalMailed { person, .. } | Event::ApprovalNotMailed { person, .. } => {
                people.push(*person);
            }
            Event::DecisionMade { decision, .. } => people.push(decision.person),
            Event::DeployAuthorised { approvers, .. } => people.extend(approvers),
            Event::CancelRequested { by, .. } => people.extend(by),
            Event::SkipRequested { by, .. } => people.push(*by),
            _ => {}
        }
    }
    people
}

/// Every event of these records, in order. One of an unknown type is shown by its type alone: reading decides nothing.
pub(super) fn lines(records: &[Record], names: &Names<'_>) -> Vec<EventLine> {
    let mut lines = Vec::new();
    for record in records {
        for stored in &record.events {
            let text = match codec::decode::<Event>(stored) {
                Ok(event) => describe(&event, names),
                Err(error) => error.to_string(),
            };
            lines.push(EventLine {
                commit: record.number,
                at_ms: record.at_ms,
                actor: names.actor(&record.actor),
                kind: stored.kind.clone(),
                text,
            });
        }
    }
    lines
}

/// The events that this program knows, for building the state; an unknown one is a fault.
pub(super) fn decoded(
    stream: &domain::kernel::StreamId,
    records: &[Record],
) -> Result<Vec<Event>, Fault> {
    crate::load::events::<domain::run::Run>(stream, records)
}

fn describe(event: &Event, names: &Names<'_>) -> String {
    match event {
        Event::RunOpened { opening, .. } => match &opening.problem {
            None => format!(
                "opened for {} at {}",
                opening.reference,
                opening.commit.short()
            ),
            Some(problem) => format!("opened, and cannot be planned: {problem}"),
        },
        Event::TurnTaken {} => "its concurrency group let it go on".to_owned(),
        Event::TurnReturned {} => "left its concurrency group".to_owned(),
        Event::ReleaseSealed { release } => format!("sealed release {}", release.short()),
        Event::CancelRequested { by, reason, .. } => match by {
            Some(by) => format!("{} cancelled it: {reason}", names.name(*by)),
            None => format!("cancelled: {reason}"),
        },
        Event::RunSuperseded { by } => format!("superseded by run {by}"),
        Event::SkipRequested { by, .. } => {
            format!("{} skipped the jobs that had not begun", names.name(*by))
        }
        Event::JobCancelled { task } => format!("{} was cancelled before it began", named(task)),
        Event::RunFinished {
            outcome, headline, ..
        } => format!("finished, {}: {headline}", outcome.word()),
        Event::JobSkipped { .. }
        | Event::AttemptQueued { .. }
        | Event::SlotsTaken { .. }
        | Event::SlotsReturned { .. }
        | Event::BuildRequested { .. }
        | Event::BuildDeferred { .. }
        | Event::BuildStarted { .. }
        | Event::BuildClaimed { .. }
        | Event::AttemptEnded { .. } => describe_task(event),
        Event::ApprovalOpened { .. }
        | Event::ApprovalMailed { .. }
        | Event::ApprovalNotMailed { .. }
        | Event::DecisionMade { .. }
        | Event::ApprovalVoided { .. }
        | Event::DeployAuthorised { .. } => describe_approval(event, names),
        _ => describe_stage(event),
    }
}

fn describe_task(event: &Event) -> String {
    match event {
        Event::JobSkipped { task, why } => format!("{} skipped: {why}", named(task)),
        Event::AttemptQueued { attempt, .. } => {
            format!("{} waits for a place", tried(attempt))
        }
        Event::SlotsTaken { attempts } => {
            let count = counted(attempts.len() as u64, "place");
            format!("got {count} in the pool: {}", all(attempts))
        }
        Event::SlotsReturned { attempts } => {
            let count = counted(attempts.len() as u64, "place");
            format!("gave {count} back to the pool: {}", all(attempts))
        }
        Event::BuildRequested { attempt, .. } => format!("{} requested", tried(attempt)),
        Event::BuildDeferred {
            attempt,
            why,
            until,
            ..
        } => format!("{} put off until {}: {why}", tried(attempt), exact(*until)),
        Event::BuildStarted { attempt, build, .. } => {
            format!("{} has build {build}", tried(attempt))
        }
        Event::BuildClaimed { attempt, build, .. } => {
            format!("{} claimed by build {build}", tried(attempt))
        }
        Event::AttemptEnded { attempt, end } => {
            let detail = end.headline.as_deref().or(end.verdict.why());
            let word = end.verdict.word();
            match detail {
                Some(detail) => format!("{} {word}: {detail}", tried(attempt)),
                None => format!("{} {word}", tried(attempt)),
            }
        }
        _ => String::new(),
    }
}

fn describe_approval(event: &Event, names: &Names<'_>) -> String {
    match event {
        Event::ApprovalOpened {
            environment,
            approvers,
            count,
            expires_at,
            ..
        } => format!(
            "{environment} needs {} of {} until {}",
            counted(u64::from(*count), "approval"),
            names.list(approvers.iter().copied(), "or"),
            exact(*expires_at)
        ),
        Event::ApprovalMailed {
            environment,
            person,
        } => format!("asked {} by mail about {environment}", names.name(*person)),
        Event::ApprovalNotMailed {
            environment,
            person,
            why,
        } => {
            let name = names.name(*person);
            format!("could not mail {name} about {environment}: {why}")
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
            let name = names.name(decision.person);
            if decision.reason.is_empty() {
                format!("{name} {word} {environment}")
            } else {
                format!("{name} {word} {environment}: {}", decision.reason)
            }
        }
        Event::ApprovalVoided { environment, why } => {
            format!("the approval of {environment} no longer counts: {why}")
        }
        Event::DeployAuthorised {
            environment,
            approvers,
        } => format!(
            "checked again: {} may approve {environment}",
            names.list(approvers.iter().copied(), "and")
        ),
        _ => String::new(),
    }
}

fn describe_stage(event: &Event) -> String {
    match event {
        Event::StageReached { environment } => format!("reached {environment}"),
        Event::StageFrozen { environment, until } => {
            format!("{environment} is frozen until {}", exact(*until))
        }
        Event::LaneWanted { environment } => format!("asked for its turn in {environment}"),
        Event::LaneTaken {
            environment, fence, ..
        } => format!("may deploy to {environment}, fence {fence}"),
        Event::StageStopped {
            environment,
            outcome,
        } => format!("{environment} {}, coming to rest", outcome.word()),
        Event::StageSettled { environment } => format!("{environment} has come to rest"),
        Event::LaneReturned { environment } => format!("gave {environment} back"),
        Event::StageEnded {
            environment,
            outcome,
        } => match outcome.why() {
            Some(why) => format!("{environment} {}: {why}", outcome.word()),
            None => format!("{environment} {}", outcome.word()),
        },
        _ => String::new(),
    }
}

/// A task as a person says it: `unit (go=1.24)`, `the deploy to staging`.
pub fn named(task: &TaskId) -> String {
    match task {
        TaskId::Job(job) => job.to_string(),
        TaskId::Deploy(environment) => format!("the deploy to {environment}"),
        TaskId::Verify(environment) => format!("the verification of {environment}"),
        TaskId::Rollback(environment) => format!("the rollback of {environment}"),
    }
}

/// The task, and which attempt if it is not the first.
fn tried(attempt: &Attempt) -> String {
    match attempt.number {
        0 | 1 => named(&attempt.task),
        number => format!("{}, attempt {number},", named(&attempt.task)),
    }
}

fn all(attempts: &[Attempt]) -> String {
    let names: Vec<String> = attempts.iter().map(|a| named(&a.task)).collect();
    names.join(", ")
}
