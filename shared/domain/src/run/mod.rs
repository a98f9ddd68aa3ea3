//! Purpose: the machine of one run, from the push to its end: jobs, release, environments, approvals.

mod advance;
mod approve;
mod command;
mod decide;
mod deploy;
mod effect;
mod event;
mod evolve;
mod finish;
mod skip;
mod stage;
mod summary;
mod task;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use command::{Command, Rejection};
pub use effect::Effect;
pub use event::{Decision, Event, Opening, Outcome, Proposal};
pub use stage::{Approval, LaneUse, Stage, StageOutcome, StagePhase};
pub use summary::{StageSummary, Summary};
pub use task::{
    Attempt, Deferred, EndFacts, MAX_LOST_ATTEMPTS, Past, Phase, Task, TaskId, Verdict,
};

use crate::guard::{Guard, holds};
use crate::ids::{BuildId, Digest, EnvironmentName, JobId, PersonId, RunId};
use crate::kernel::{Machine, StreamId, later};
use crate::plan::{PlannedJob, PlannedStage, Step, Trigger};
use crate::release::Artifact;

/// Seconds that the host of builds has to start a build before the attempt counts as not started.
pub const START_SECONDS: u32 = 30 * 60;
/// Seconds that a started build has to claim.
pub const CLAIM_SECONDS: u32 = 15 * 60;
/// Seconds that a build gets beyond its own time-out to end by itself.
pub const GRACE_SECONDS: u32 = 60;
/// Seconds that a run may live; whatever still waits then is cancelled, so that every wait has an end.
pub const LIFETIME_SECONDS: u32 = 30 * 24 * 3600;
/// Steps that one `advance` takes at most.
const MAX_STEPS: usize = 10_000;

/// The state of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub opening: Option<Box<Opening>>,
    pub opened_at: Option<Timestamp>,
    /// Who has released the commit of a stranger.
    pub trusted: Option<PersonId>,
    pub has_turn: bool,
    pub turn_returned: bool,
    pub tasks: BTreeMap<TaskId, Task>,
    /// Places in the pool that were asked for and not granted yet: its ticket may stand in the queue.
    pub asked: BTreeSet<Attempt>,
    /// Places in the pool that were granted and not given back.
    pub slots: BTreeSet<Attempt>,
    pub release: Option<Digest>,
    pub stages: BTreeMap<EnvironmentName, Stage>,
    pub cancelled: Option<String>,
    pub superseded: Option<RunId>,
    /// Wishes to skip jobs that were followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<String>,
    pub finished: Option<Finish>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finish {
    pub outcome: Outcome,
    /// The one sentence to show first.
    pub headline: String,
    pub at: Timestamp,
}

impl Run {
    /// Whether the outcome is known.
    pub fn is_over(&self) -> bool {
        self.finished.is_some()
    }

    /// Whether nothing new may begin.
    pub fn is_stopping(&self) -> bool {
        self.cancelled.is_some() || self.superseded.is_some()
    }

    /// Whether nothing of it may run before somebody has released its commit.
    pub fn waits_for_trust(&self) -> bool {
        let strange = self.opening.as_ref().is_some_and(|o| o.awaits_trust);
        strange && !holds(Guard::StrangersWait, self.trusted.is_some())
    }

    /// Whether a build of it has started and has not ended yet.
    pub fn is_at_work(&self) -> bool {
        let mut tasks = self.tasks.values();
        tasks.any(|task| matches!(task.phase, Phase::Started { .. }))
    }

    /// Whether this build runs code of the repository for this attempt.
    pub fn has_claimed(&self, attempt: &Attempt, build: &BuildId) -> bool {
        let task = self.tasks.get(&attempt.task);
        let task = task.filter(|task| task.attempt == attempt.number);
        task.is_some_and(|task| {
            matches!(&task.phase, Phase::Started { build: own, claimed: true, .. } if own == build)
        })
    }

    /// The plan's job behind a task.
    pub fn job(&self, id: &TaskId) -> Option<&PlannedJob> {
        let TaskId::Job(job) = id else { return None };
        self.opening
            .as_ref()?
            .plan
            .jobs
            .iter()
            .find(|planned| planned.id == *job)
    }

    /// Whether this job has passed; `None` = it has not ended. One that was left out on purpose is as good as one that passed;
    /// one that was skipped because of another is not.
    pub fn has_passed(&self, job: &JobId) -> Option<bool> {
        let id = TaskId::Job(job.clone());
        let verdict = self.tasks.get(&id)?.verdict()?;
        Some(match verdict {
            Verdict::Skipped { .. } => self.job(&id).is_some_and(|job| job.skip.is_some()),
            verdict => verdict.is_good(),
        })
    }

    /// Whether this job has failed, or was skipped because another did. One that was cancelled is neither.
    pub fn has_missed(&self, job: &JobId) -> bool {
        let task = self.tasks.get(&TaskId::Job(job.clone()));
        let cancelled = task.and_then(Task::verdict) == Some(&Verdict::Cancelled);
        self.has_passed(job) == Some(false) && !cancelled
    }

    /// The plan's environment.
    pub fn planned_stage(&self, environment: &EnvironmentName) -> Option<&PlannedStage> {
        self.opening
            .as_ref()?
            .plan
            .stages
            .iter()
            .find(|stage| stage.environment == *environment)
    }

    /// The commands of a task.
    pub fn step_of(&self, id: &TaskId) -> Option<&Step> {
        match id {
            TaskId::Job(_) => self.job(id).map(|job| &job.step),
            TaskId::Deploy(name) => self.planned_stage(name).map(|stage| &stage.deploy),
            TaskId::Verify(name) => self.planned_stage(name).and_then(|s| s.verify.as_ref()),
            TaskId::Rollback(name) => self.planned_stage(name).and_then(|s| s.rollback.as_ref()),
        }
    }

    /// The artifacts of all jobs, in the plan's order.
    pub fn artifacts(&self) -> Vec<Artifact> {
        let jobs = self.opening.iter().flat_map(|opening| &opening.plan.jobs);
        jobs.filter_map(|job| self.tasks.get(&TaskId::Job(job.id.clone()))?.last_end())
            .flat_map(|end| end.artifacts.iter().cloned())
            .collect()
    }

    /// When the freeze window that holds now is over; `None` when none holds.
    pub fn frozen_until(&self, environment: &EnvironmentName, at: Timestamp) -> Option<Timestamp> {
        let stage = self.planned_stage(environment)?;
        crate::pipeline::calendar::frozen_until(&stage.freeze, at)
    }

    /// The stream that this run is the history of.
    pub fn stream(&self) -> Option<StreamId> {
        let opening = self.opening.as_ref()?;
        Some(StreamId::run(opening.repository, &opening.run))
    }

    fn turn_owed(&self) -> bool {
        let asked = self
            .opening
            .as_ref()
            .is_some_and(|opening| opening.problem.is_none());
        self.is_over() && asked && !self.turn_returned
    }

    fn wakes(&self) -> Vec<Timestamp> {
        let mut wakes = Vec::new();
        for (id, task) in &self.tasks {
            match &task.phase {
                Phase::Requested { at, deferred } => {
                    wakes.push(later(*at, START_SECONDS));
                    wakes.extend(deferred.as_ref().map(|d| d.until));
                }
                Phase::Started { at, claimed, .. } => {
                    let step = self.step_of(id).map_or(0, |step| step.timeout_seconds);
                    let limit = if *claimed {
                        step + GRACE_SECONDS
                    } else {
                        CLAIM_SECONDS
                    };
                    wakes.push(later(*at, limit));
                }
                _ => {}
            }
        }
        for stage in self.stages.values() {
            if matches!(
                stage.phase,
                StagePhase::Approval | StagePhase::WantsLane | StagePhase::HoldsLane
            ) {
                wakes.extend(stage.approval.as_ref().map(|approval| approval.expires_at));
                wakes.extend(stage.frozen_until);
            }
        }
        wakes.extend(self.opened_at.map(|at| later(at, LIFETIME_SECONDS)));
        wakes
    }
}

impl Machine for Run {
    const KIND: &'static str = "run";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        self.answer(at, command)
    }

    fn advance(&self, at: Timestamp) -> Vec<Event> {
        let mut run = self.clone();
        let mut events = Vec::new();
        for _ in 0..MAX_STEPS {
            let next = run.next(at);
            if next.is_empty() {
                break;
            }
            run = next.iter().fold(run, Self::evolve);
            events.extend(next);
        }
        events
    }

    fn evolve(self, event: &Event) -> Self {
        self.apply(event)
    }

    fn outstanding(&self, at: Timestamp) -> Vec<Effect> {
        self.owed(at)
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        if self.is_over() {
            return None;
        }
        self.wakes().into_iter().filter(|wake| *wake > after).min()
    }

    fn is_ended(&self) -> bool {
        self.is_over() && self.owed(Timestamp::MAX).is_empty()
    }

    fn summary(&self) -> Summary {
        self.summarise()
    }

    fn neighbours(&self, event: &Event) -> Vec<StreamId> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        let mut neighbours = Vec::new();
        if let Event::CancelRequested { .. } | Event::RunSuperseded { .. } = event {
            let group = &opening.plan.concurrency.group;
            neighbours.push(StreamId::change(opening.repository, group));
        }
        if opening.has_checks && event.is_visible() {
            neighbours.push(StreamId::checks(opening.repository, &opening.run));
        }
        if let (Event::RunFinished { .. }, Trigger::PullRequest { number, .. }) =
            (event, &opening.trigger)
            && opening.has_checks
        {
            neighbours.push(StreamId::pull(opening.repository, *number));
        }
        neighbours
    }
}
