//! Purpose: what a run does by itself for its environments: approval, lane, deploy, verification, rollback.

use jiff::Timestamp;

use super::stage::{Stage, StageOutcome, StagePhase};
use super::task::{Attempt, Task, TaskId};
use super::{Event, Run};
use crate::guard::{Guard, holds};
use crate::ids::EnvironmentName;
use crate::plan::PlannedStage;

impl Run {
    pub(super) fn next_stages(&self, at: Timestamp) -> Vec<Event> {
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
        let why = match self.drive(&TaskId::Deploy(name()), at) {
            Step::Wait(events) => return events,
            Step::Good => match &planned.verify {
                None => return stop(StageOutcome::Deployed),
                Some(_) => match self.drive(&TaskId::Verify(name()), at) {
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
        // A cancelled run begins no rollback, but one that has begun has to end before the lane goes back.
        let begun = self.tasks.contains_key(&TaskId::Rollback(name()));
        if planned.rollback.is_none() || self.cancelled.is_some() && !begun {
            return stop(StageOutcome::Failed { why });
        }
        match self.drive(&TaskId::Rollback(name()), at) {
            Step::Wait(events) => events,
            Step::Good => stop(StageOutcome::RolledBack { why }),
            Step::Bad(also) => stop(StageOutcome::Failed {
                why: format!("{why}; the rollback failed too: {also}"),
            }),
        }
    }

    /// Requests the task if it has not been, repeats it if that is safe, else tells how it ended.
    fn drive(&self, id: &TaskId, at: Timestamp) -> Step {
        let request = |number| {
            let attempt = Attempt {
                task: id.clone(),
                number,
            };
            Step::Wait(vec![Event::BuildRequested { attempt, at }])
        };
        let Some(task) = self.tasks.get(id) else {
            return request(1);
        };
        let Some(verdict) = task.verdict() else {
            return Step::Wait(Vec::new());
        };
        if self.will_retry(id, task) {
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
