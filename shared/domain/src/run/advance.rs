//! Purpose: what a run does by itself: the next events that its state and the time call for.

use jiff::Timestamp;

use super::stage::{Stage, StageOutcome, StagePhase};
use super::task::{Attempt, EndFacts, MAX_LOST_ATTEMPTS, Phase, Task, TaskId, Verdict};
use super::{Event, LIFETIME_SECONDS, Run, START_SECONDS, later};
use crate::guard::{Guard, holds};
use crate::ids::EnvironmentName;
use crate::plan::{PlannedJob, PlannedStage};
use crate::release::release_of;

impl Run {
    /// The next step, or nothing when the run has to wait.
    pub(super) fn next(&self, at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if self.is_over() {
            return Vec::new();
        }
        if opening.problem.is_some() {
            return self.finish_if_done(at);
        }
        let steps: [fn(&Self, Timestamp) -> Vec<Event>; 7] = [
            Self::end_of_life,
            Self::stop_what_waits,
            Self::overdue_starts,
            Self::next_jobs,
            Self::seal_release,
            Self::next_stages,
            Self::finish_if_done,
        ];
        steps
            .iter()
            .map(|step| step(self, at))
            .find(|events| !events.is_empty())
            .unwrap_or_default()
    }

    fn end_of_life(&self, at: Timestamp) -> Vec<Event> {
        let over = self
            .opened_at
            .is_some_and(|opened| at >= later(opened, LIFETIME_SECONDS));
        if !over || self.cancelled.is_some() {
            return Vec::new();
        }
        let reason = format!("it is older than {} days", LIFETIME_SECONDS / 86_400);
        vec![Event::CancelRequested {
            by: None,
            reason,
            at,
        }]
    }

    /// Tasks and stages of a cancelled or superseded run that have not begun.
    fn stop_what_waits(&self, at: Timestamp) -> Vec<Event> {
        if !self.is_stopping() {
            return Vec::new();
        }
        let why = if self.cancelled.is_some() {
            "the run was cancelled"
        } else {
            "the run was superseded"
        };
        let mut events = Vec::new();
        for (id, task) in &self.tasks {
            let attempt = Attempt {
                task: id.clone(),
                number: task.attempt,
            };
            match task.phase {
                Phase::Waiting => {
                    events.push(Event::JobSkipped {
                        task: id.clone(),
                        why: why.to_owned(),
                    });
                }
                Phase::WantsSlot { .. } => events.push(ended(attempt, Verdict::Cancelled, at)),
                Phase::Requested { .. } if self.stops_unstarted(id) => {
                    events.push(ended(attempt, Verdict::Cancelled, at));
                }
                _ => {}
            }
        }
        for (environment, stage) in &self.stages {
            let environment = environment.clone();
            let outcome = StageOutcome::Cancelled;
            match stage.phase {
                StagePhase::Blocked
                | StagePhase::Opening
                | StagePhase::Approval
                | StagePhase::WantsLane
                    if self.cancelled.is_some() || !self.ignores_supersede() =>
                {
                    events.push(Event::StageEnded {
                        environment,
                        outcome,
                    });
                }
                StagePhase::HoldsLane if self.cancelled.is_some() || !self.ignores_supersede() => {
                    events.push(Event::StageStopped {
                        environment,
                        outcome,
                    });
                }
                _ => {}
            }
        }
        events
    }

    /// Never, unless the simulator has switched the guard of S15 off.
    fn ignores_supersede(&self) -> bool {
        holds(Guard::SupersededStartsNoDeploy, false)
    }

    /// A cancelled run starts nothing; a superseded one starts no job and no deploy, but ends what it began.
    fn stops_unstarted(&self, id: &TaskId) -> bool {
        self.cancelled.is_some()
            || matches!(id, TaskId::Job(_))
            || matches!(id, TaskId::Deploy(_)) && !self.ignores_supersede()
    }

    /// Intents for which no build could be had in time.
    fn overdue_starts(&self, at: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, task) in &self.tasks {
            let Phase::Requested {
                at: requested,
                deferred,
            } = &task.phase
            else {
                continue;
            };
            if at < later(*requested, START_SECONDS) {
                continue;
            }
            let reason = deferred
                .as_ref()
                .map_or("the host did not answer", |d| d.why.as_str());
            let why = format!(
                "it did not start within {} minutes: {reason}",
                START_SECONDS / 60
            );
            let attempt = Attempt {
                task: id.clone(),
                number: task.attempt,
            };
            events.push(ended(attempt, Verdict::NotStarted { why }, at));
        }
        events
    }

    fn next_jobs(&self, at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if !self.has_turn {
            return Vec::new();
        }
        opening
            .plan
            .jobs
            .iter()
            .filter_map(|job| self.next_job(job, at))
            .collect()
    }

    fn next_job(&self, job: &PlannedJob, at: Timestamp) -> Option<Event> {
        let id = TaskId::Job(job.id.clone());
        let task = self.tasks.get(&id)?;
        match &task.phase {
            Phase::Waiting => {
                if let Some(why) = &job.skip {
                    return Some(Event::JobSkipped {
                        task: id,
                        why: why.clone(),
                    });
                }
                let needs = || job.needs.iter().map(|need| TaskId::Job(need.clone()));
                if let Some(bad) = needs().find(|need| self.has_failed(need)) {
                    let why = format!("it needs {}, which did not succeed", short(&bad));
                    return Some(Event::JobSkipped { task: id, why });
                }
                needs()
                    .all(|need| self.is_done(&need))
                    .then(|| Event::AttemptQueued {
                        attempt: Attempt {
                            task: id.clone(),
                            number: 1,
                        },
                        at,
                    })
            }
            Phase::Ended(_) if self.will_retry(&id, task) => Some(Event::AttemptQueued {
                attempt: Attempt {
                    task: id,
                    number: task.attempt + 1,
                },
                at,
            }),
            _ => None,
        }
    }

    /// Whether an ended attempt is followed by another.
    fn will_retry(&self, id: &TaskId, task: &Task) -> bool {
        let Phase::Ended(verdict) = &task.phase else {
            return false;
        };
        if self.is_stopping() && self.stops_unstarted(id) {
            return false;
        }
        let count = |wanted: fn(&Verdict) -> bool| {
            task.past
                .iter()
                .filter(|past| wanted(&past.end.verdict))
                .count()
        };
        match verdict {
            Verdict::Succeeded | Verdict::Cancelled | Verdict::Skipped { .. } => false,
            _ if id.touches_target() => {
                task.attempt < MAX_LOST_ATTEMPTS
                    && holds(Guard::DeployNeverRepeated, !task.was_claimed())
            }
            Verdict::Lost { .. } | Verdict::NotStarted { .. } => {
                count(|v| matches!(v, Verdict::Lost { .. } | Verdict::NotStarted { .. }))
                    < usize::from(MAX_LOST_ATTEMPTS)
            }
            Verdict::Failed { .. } | Verdict::TimedOut => {
                let retries = self.job(id).map_or(0, |job| job.retries);
                count(|v| matches!(v, Verdict::Failed { .. } | Verdict::TimedOut))
                    <= usize::from(retries)
            }
        }
    }

    /// Ended, and no attempt will follow.
    fn final_verdict(&self, id: &TaskId) -> Option<&Verdict> {
        let task = self.tasks.get(id)?;
        task.verdict().filter(|_| !self.will_retry(id, task))
    }

    fn is_done(&self, id: &TaskId) -> bool {
        self.final_verdict(id).is_some_and(Verdict::is_good)
    }

    fn has_failed(&self, id: &TaskId) -> bool {
        let skipped_by_need = |id: &TaskId| {
            self.job(id).is_some_and(|job| job.skip.is_none())
                && matches!(self.final_verdict(id), Some(Verdict::Skipped { .. }))
        };
        self.final_verdict(id).is_some_and(|v| !v.is_good()) || skipped_by_need(id)
    }

    /// Every job has ended, good or bad; `None` while one has not, else whether all are good.
    pub(super) fn jobs_verdict(&self) -> Option<bool> {
        let mut good = true;
        for id in self.tasks.keys().filter(|id| matches!(id, TaskId::Job(_))) {
            self.final_verdict(id)?;
            good &= !self.has_failed(id);
        }
        Some(good)
    }

    fn seal_release(&self, _at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if !self.has_turn
            || self.release.is_some()
            || self.is_stopping()
            || self.jobs_verdict() != Some(true)
        {
            return Vec::new();
        }
        let release = release_of(&opening.commit, &opening.plan.pipeline, &self.artifacts());
        vec![Event::ReleaseSealed { release }]
    }

    fn next_stages(&self, at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        let stages = &opening.plan.stages;
        stages
            .iter()
            .flat_map(|planned| self.next_stage(planned, at))
            .collect()
    }

    fn next_stage(&self, planned: &PlannedStage, at: Timestamp) -> Vec<Event> {
        let Some(stage) = self.stages.get(&planned.environment) else {
            return Vec::new();
        };
        let environment = planned.environment.clone();
        match &stage.phase {
            StagePhase::Blocked => self.unblock(planned),
            StagePhase::Approval => self.next_approval(environment, stage, at),
            StagePhase::WantsLane => self
                .expire(&environment, stage, at, false)
                .unwrap_or_else(|| self.freeze(&environment, stage, at)),
            StagePhase::HoldsLane => self.next_deploy(environment, stage, at),
            StagePhase::Working => self.next_work(planned, at),
            _ => Vec::new(),
        }
    }

    fn unblock(&self, planned: &PlannedStage) -> Vec<Event> {
        let environment = planned.environment.clone();
        let untouched = |why: String| {
            let outcome = StageOutcome::Untouched { why };
            vec![Event::StageEnded {
                environment: environment.clone(),
                outcome,
            }]
        };
        if self.jobs_verdict() == Some(false) {
            return untouched("a job did not succeed".to_owned());
        }
        if let Some(before) = &planned.after {
            match self.stages.get(before).and_then(Stage::outcome) {
                Some(StageOutcome::Deployed) => {}
                Some(outcome) => {
                    return untouched(format!("{before} did not succeed ({})", outcome.word()));
                }
                None => return Vec::new(),
            }
        }
        if self.release.is_none() {
            return Vec::new();
        }
        let mut events = vec![Event::StageReached {
            environment: environment.clone(),
        }];
        if planned.approval.is_none() {
            events.push(Event::LaneWanted { environment });
        }
        events
    }

    fn next_approval(
        &self,
        environment: EnvironmentName,
        stage: &Stage,
        at: Timestamp,
    ) -> Vec<Event> {
        let Some(approval) = &stage.approval else {
            return Vec::new();
        };
        if let Some(no) = approval.refusal() {
            let outcome = StageOutcome::Rejected {
                by: no.person,
                reason: no.reason.clone(),
            };
            return vec![Event::StageEnded {
                environment,
                outcome,
            }];
        }
        if let Some(expired) = self.expire(&environment, stage, at, false) {
            return expired;
        }
        if holds(Guard::DeployNeedsApproval, approval.is_granted()) {
            return vec![Event::LaneWanted { environment }];
        }
        Vec::new()
    }

    /// The end of a stage whose approval is over; after the lane was taken it has to be given back.
    fn expire(
        &self,
        environment: &EnvironmentName,
        stage: &Stage,
        at: Timestamp,
        holds_lane: bool,
    ) -> Option<Vec<Event>> {
        stage
            .approval
            .as_ref()
            .filter(|approval| approval.is_expired(at))?;
        let (environment, outcome) = (environment.clone(), StageOutcome::Expired);
        Some(vec![if holds_lane {
            Event::StageStopped {
                environment,
                outcome,
            }
        } else {
            Event::StageEnded {
                environment,
                outcome,
            }
        }])
    }

    fn freeze(&self, environment: &EnvironmentName, stage: &Stage, at: Timestamp) -> Vec<Event> {
        if stage.frozen_until.is_some_and(|until| until > at) {
            return Vec::new();
        }
        let frozen = self
            .frozen_until(environment, at)
            .filter(|until| *until > at);
        frozen
            .map(|until| Event::StageFrozen {
                environment: environment.clone(),
                until,
            })
            .into_iter()
            .collect()
    }

    fn next_deploy(
        &self,
        environment: EnvironmentName,
        stage: &Stage,
        at: Timestamp,
    ) -> Vec<Event> {
        if let Some(expired) = self.expire(&environment, stage, at, true) {
            return expired;
        }
        if let Some(why) = stage
            .approval
            .as_ref()
            .and_then(|approval| approval.voided.clone())
        {
            let outcome = StageOutcome::Untouched { why };
            return vec![Event::StageStopped {
                environment,
                outcome,
            }];
        }
        let frozen = self.freeze(&environment, stage, at);
        if !frozen.is_empty() {
            return frozen;
        }
        let is_frozen = stage.frozen_until.is_some_and(|until| until > at);
        if is_frozen || !self.deploy_permitted(stage, at) {
            return Vec::new();
        }
        let attempt = Attempt {
            task: TaskId::Deploy(environment),
            number: 1,
        };
        vec![Event::BuildRequested { attempt, at }]
    }

    /// Whether the stage's deploy may begin, as far as approvals go.
    pub(super) fn deploy_permitted(&self, stage: &Stage, at: Timestamp) -> bool {
        stage.approval.as_ref().is_none_or(|approval| {
            holds(
                Guard::DeployNeedsApproval,
                approval.permits(self.release.as_ref(), at),
            ) && holds(Guard::DeployIsAuthorised, approval.authorised)
        })
    }

    /// Deploy, then verification; rollback when one of them fails after the target was touched.
    fn next_work(&self, planned: &PlannedStage, at: Timestamp) -> Vec<Event> {
        let environment = planned.environment.clone();
        let stop = |outcome| {
            vec![Event::StageStopped {
                environment: environment.clone(),
                outcome,
            }]
        };
        let name = || environment.clone();
        let why = match self.drive(TaskId::Deploy(name()), at) {
            Step::Wait(events) => return events,
            Step::Good => match &planned.verify {
                None => return stop(StageOutcome::Deployed),
                Some(_) => match self.drive(TaskId::Verify(name()), at) {
                    Step::Wait(events) => return events,
                    Step::Good => return stop(StageOutcome::Deployed),
                    Step::Bad(why) => format!("the verification did not pass: {why}"),
                },
            },
            Step::Bad(why) => why,
        };
        let touched = self
            .tasks
            .get(&TaskId::Deploy(name()))
            .is_some_and(Task::was_claimed);
        if !touched {
            return stop(StageOutcome::Untouched { why });
        }
        if planned.rollback.is_none() || self.cancelled.is_some() {
            return stop(StageOutcome::Failed { why });
        }
        match self.drive(TaskId::Rollback(name()), at) {
            Step::Wait(events) => events,
            Step::Good => stop(StageOutcome::RolledBack { why }),
            Step::Bad(also) => stop(StageOutcome::Failed {
                why: format!("{why}; the rollback failed too: {also}"),
            }),
        }
    }

    /// Requests the task if it has not been, repeats it if that is safe, else tells how it ended.
    fn drive(&self, id: TaskId, at: Timestamp) -> Step {
        let request = |number| {
            let attempt = Attempt {
                task: id.clone(),
                number,
            };
            Step::Wait(vec![Event::BuildRequested { attempt, at }])
        };
        let Some(task) = self.tasks.get(&id) else {
            return request(1);
        };
        let Some(verdict) = task.verdict() else {
            return Step::Wait(Vec::new());
        };
        if self.will_retry(&id, task) {
            return request(task.attempt + 1);
        }
        if verdict.is_good() {
            return Step::Good;
        }
        let headline = task.last_end().and_then(|end| end.headline.as_deref());
        let detail = headline.or(verdict.why()).unwrap_or(verdict.word());
        Step::Bad(detail.to_owned())
    }
}

/// What a driven task says.
enum Step {
    Wait(Vec<Event>),
    Good,
    Bad(String),
}

/// The name as a person wrote it.
pub(super) fn short(id: &TaskId) -> String {
    match id {
        TaskId::Job(job) => job.to_string(),
        TaskId::Deploy(name) => format!("the deploy to {name}"),
        TaskId::Verify(name) => format!("the verification of {name}"),
        TaskId::Rollback(name) => format!("the rollback of {name}"),
    }
}

fn ended(attempt: Attempt, verdict: Verdict, at: Timestamp) -> Event {
    Event::AttemptEnded {
        attempt,
        end: Box::new(EndFacts::without_build(verdict, at)),
    }
}
