//! Purpose: why a run waits: for what, since when, until when, and what that waits for in turn.

mod reason;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use domain::change::Change;
use domain::ids::{JobId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::pool::{JOBS, Pool, Ticket};
use domain::pull::Pull;
use domain::run::{
    Attempt, LIFETIME_SECONDS, Opening, Phase, Run, Stage, StagePhase, Task, TaskId,
};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::history::named;
use super::names::Names;
use crate::fault::Fault;
use crate::load::load;
use crate::ports::{Journal, People};

pub use reason::Reason;

/// Runs behind runs that are followed.
const MAX_DEPTH: usize = 3;

/// What a run waits for, as data and in sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    pub repository: RepositoryId,
    pub run: RunId,
    pub status: String,
    /// The one sentence to show if there is room for one.
    pub sentence: String,
    /// All that it waits for or works on now; once it is over, what keeps its pull request from being merged.
    pub waits: Vec<Wait>,
    pub at_ms: i64,
}

/// One thing that a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// What waits: `the run`, a job's or an environment's name, `the deploy to staging`.
    pub subject: String,
    pub reason: Reason,
    pub since_ms: Option<i64>,
    /// When the wait ends at the latest, if nothing else ends it.
    pub until_ms: Option<i64>,
    pub sentence: String,
    /// The run that this is about, when it is another one, and what that one waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<Box<Why>>,
}

/// Why this run is where it is at `at`; `None` if there is no such run.
///
/// The sentences name people, so `people` is asked; a name that cannot be told is replaced by its number.
pub async fn why(
    journal: &dyn Journal,
    people: &dyn People,
    stream: &StreamId,
    at: Timestamp,
) -> Result<Option<Why>, Fault> {
    let mut ask = Ask {
        journal,
        names: Names::new(people),
        at,
        seen: BTreeSet::new(),
    };
    ask.why(stream, 0).await
}

/// One question: where it reads, and what it has followed already.
struct Ask<'a> {
    journal: &'a dyn Journal,
    names: Names<'a>,
    at: Timestamp,
    seen: BTreeSet<StreamId>,
}

impl Ask<'_> {
    async fn why(&mut self, stream: &StreamId, depth: usize) -> Result<Option<Why>, Fault> {
        self.seen.insert(stream.clone());
        let run: Run = load(self.journal, stream).await?.state;
        let Some(opening) = &run.opening else {
            return Ok(None);
        };
        let mut waits = if run.is_over() {
            Vec::new()
        } else {
            self.waits(&run, opening, depth).await?
        };
        waits.extend(self.held(opening).await?);
        Ok(Some(Why {
            repository: opening.repository,
            run: opening.run.clone(),
            status: run.status().to_owned(),
            sentence: sentence(&run, &waits),
            waits,
            at_ms: self.at.as_millisecond(),
        }))
    }

    async fn waits(
        &mut self,
        run: &Run,
        opening: &Opening,
        depth: usize,
    ) -> Result<Vec<Wait>, Fault> {
        let mut waits = self.given_up(run, opening).await?;
        if run.is_stopping() {
            waits.push(self.wait("the run", reason::stopping(run), run.opened_at, None));
        } else if run.waits_for_trust() {
            waits.push(self.wait("the run", Reason::Trust, run.opened_at, end_of_life(run)));
        } else if !run.has_turn {
            waits.push(self.turn(run, opening, depth).await?);
        }
        for planned in &opening.plan.stages {
            let name = &planned.environment;
            if let Some(stage) = run.stages.get(name)
                && let Some(wait) = self.stage(run, opening, name, stage, depth).await?
            {
                waits.push(wait);
            }
        }
        let queue = run.tasks.values();
        let queued = queue
            .clone()
            .any(|task| matches!(task.phase, Phase::WantsSlot { .. }));
        let pool: Option<Pool> = if queued {
            Some(load(self.journal, &StreamId::pool(JOBS)).await?.state)
        } else {
            None
        };
        let in_order = |id: &TaskId| {
            opening
                .plan
                .jobs
                .iter()
                .position(|job| is_task(&job.id, id))
        };
        let mut tasks: Vec<(&TaskId, &Task)> = run.tasks.iter().collect();
        tasks.sort_by_key(|(id, _)| in_order(id).unwrap_or(usize::MAX));
        for (id, task) in tasks {
            waits.extend(self.task(run, opening, id, task, pool.as_ref()));
        }
        Ok(waits)
    }

    /// Who keeps the pull request of the run from being merged.
    async fn held(&mut self, opening: &Opening) -> Result<Option<Wait>, Fault> {
        let Trigger::PullRequest { number, .. } = opening.trigger else {
            return Ok(None);
        };
        let stream = StreamId::pull(opening.repository, number);
        let pull: Pull = load(self.journal, &stream).await?.state;
        let Some(hold) = pull.words.held() else {
            return Ok(None);
        };
        self.names.learn([hold.by]).await;
        let reason = Reason::Held {
            by: self.names.name(hold.by),
            why: hold.reason.clone(),
        };
        let since = Some(hold.since);
        Ok(Some(self.wait("the pull request", reason, since, None)))
    }

    /// What nobody works on any more: the run itself, or what it waits for.
    async fn given_up(&self, run: &Run, opening: &Opening) -> Result<Vec<Wait>, Fault> {
        let repository = opening.repository;
        let own = StreamId::run(repository, &opening.run);
        let mut streams = vec![("the run".to_owned(), own)];
        if !run.has_turn && !run.is_stopping() {
            let group = &opening.plan.concurrency.group;
            let stream = StreamId::change(repository, group);
            streams.push((format!("the group {group}"), stream));
        }
        if run.attempts_that_want_a_slot().next().is_some() {
            let stream = StreamId::pool(JOBS);
            streams.push(("the pool of jobs".to_owned(), stream));
        }
        let wants_lane = |stage: &Stage| stage.phase == StagePhase::WantsLane;
        for (name, _) in run.stages.iter().filter(|(_, stage)| wants_lane(stage)) {
            let stream = StreamId::lane(repository, name);
            streams.push((format!("the turns of {name}"), stream));
        }
        let mut waits = Vec::new();
        for (subject, stream) in streams {
            let head = self.journal.head(&stream).await?;
            if let Some(why) = head.and_then(|head| head.quarantine) {
                waits.push(self.wait(subject, Reason::Quarantined { stream, why }, None, None));
            }
        }
        Ok(waits)
    }

    fn wait(
        &self,
        subject: impl Into<String>,
        reason: Reason,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Wait {
        let subject = subject.into();
        Wait {
            sentence: reason.sentence(&subject, since, until, self.at),
            subject,
            reason,
            since_ms: since.map(Timestamp::as_millisecond),
            until_ms: until.map(Timestamp::as_millisecond),
            behind: None,
        }
    }

    async fn turn(&mut self, run: &Run, opening: &Opening, depth: usize) -> Result<Wait, Fault> {
        let group = &opening.plan.concurrency.group;
        let stream = StreamId::change(opening.repository, group);
        let change: Change = load(self.journal, &stream).await?.state;
        let before = change.before(&opening.run).cloned();
        let reason = Reason::Turn {
            group: group.clone(),
            behind: before.clone(),
        };
        let mut wait = self.wait("the run", reason, run.opened_at, end_of_life(run));
        wait.behind = self.behind(opening.repository, before, depth).await?;
        Ok(wait)
    }

    /// What the other run waits for; nothing beyond the depth, and nothing twice.
    fn behind<'s>(
        &'s mut self,
        repository: RepositoryId,
        other: Option<RunId>,
        depth: usize,
    ) -> BoxFuture<'s, Result<Option<Box<Why>>, Fault>> {
        Box::pin(async move {
            let Some(other) = other else { return Ok(None) };
            let stream = StreamId::run(repository, &other);
            if depth >= MAX_DEPTH || self.seen.contains(&stream) {
                return Ok(None);
            }
            Ok(self.why(&stream, depth + 1).await?.map(Box::new))
        })
    }

    fn task(
        &self,
        run: &Run,
        opening: &Opening,
        id: &TaskId,
        task: &Task,
        pool: Option<&Pool>,
    ) -> Option<Wait> {
        let (reason, since, until) = match &task.phase {
            // What it needs is on this list itself.
            Phase::Waiting | Phase::Ended(_) => return None,
            Phase::WantsSlot { since } => {
                let ticket = Ticket {
                    repository: opening.repository,
                    run: opening.run.clone(),
                    attempt: Attempt {
                        task: id.clone(),
                        number: task.attempt,
                    },
                };
                let reason = reason::pool(pool?, &ticket);
                (reason, Some(*since), end_of_life(run))
            }
            Phase::Requested { at, deferred } => match deferred {
                Some(later) if later.until > self.at => {
                    let why = later.why.clone();
                    (Reason::Deferred { why }, Some(*at), Some(later.until))
                }
                _ => (Reason::Starting, Some(*at), None),
            },
            Phase::Started { at, claimed, .. } => {
                let limit = run.step_of(id).map_or(0, |step| step.timeout_seconds);
                if *claimed {
                    let until = at.checked_add(SignedDuration::from_secs(i64::from(limit)));
                    (
                        Reason::Running {
                            limit_seconds: limit,
                        },
                        Some(*at),
                        until.ok(),
                    )
                } else {
                    (Reason::Starting, Some(*at), None)
                }
            }
        };
        Some(self.wait(named(id), reason, since, until))
    }
}

/// When whatever still waits is cancelled.
fn end_of_life(run: &Run) -> Option<Timestamp> {
    let life = SignedDuration::from_secs(i64::from(LIFETIME_SECONDS));
    run.opened_at?.checked_add(life).ok()
}

fn is_task(job: &JobId, task: &TaskId) -> bool {
    matches!(task, TaskId::Job(id) if id == job)
}

/// The sentence that matters most: what holds everything up, before what is on its way.
fn sentence(run: &Run, waits: &[Wait]) -> String {
    if let Some(finish) = &run.finished {
        return format!("It has ended: {}.", finish.headline);
    }
    // A hold keeps the pull request back, and not the run.
    let own = |wait: &&Wait| !matches!(wait.reason, Reason::Held { .. });
    let first = waits
        .iter()
        .filter(own)
        .min_by_key(|wait| wait.reason.rank());
    first.map_or_else(
        || "It is about to take its next step.".to_owned(),
        |wait| wait.sentence.clone(),
    )
}
