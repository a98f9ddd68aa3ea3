//! Purpose: what each event changes in a run. Never fails: an event that does not fit changes nothing.

use super::stage::{Approval, LaneUse, Stage, StagePhase};
use super::task::{Attempt, Deferred, EndFacts, Past, Phase, Task, TaskId, Verdict};
use super::{Event, Finish, Opening, Run};
use crate::ids::EnvironmentName;

impl Run {
    pub(super) fn apply(mut self, event: &Event) -> Self {
        match event {
            Event::RunOpened { opening, at } => {
                self.open(opening);
                self.opened_at = Some(*at);
            }
            Event::RunTrusted { by, .. } => self.trusted = Some(*by),
            Event::TurnTaken {} => self.has_turn = true,
            Event::TurnReturned {} => self.turn_returned = true,
            Event::ReleaseSealed { release } => self.release = Some(release.clone()),
            Event::CancelRequested { reason, .. } => self.cancelled = Some(reason.clone()),
            Event::RunSuperseded { by } => self.superseded = Some(by.clone()),
            Event::SkipRequested { wish, .. } => self.skips.push(wish.clone()),
            Event::RunFinished {
                outcome,
                headline,
                at,
            } => {
                self.finished = Some(Finish {
                    outcome: *outcome,
                    headline: headline.clone(),
                    at: *at,
                });
            }
            Event::SlotsTaken { attempts } => {
                self.asked.retain(|asked| !attempts.contains(asked));
                self.slots.extend(attempts.iter().cloned());
            }
            Event::SlotsReturned { attempts } => {
                self.asked.retain(|asked| !attempts.contains(asked));
                self.slots.retain(|held| !attempts.contains(held));
            }
            task_event => {
                self.apply_to_task(task_event);
                self.apply_to_stage(task_event);
            }
        }
        self
    }

    fn open(&mut self, opening: &Opening) {
        self.opening = Some(Box::new(opening.clone()));
        for job in &opening.plan.jobs {
            self.tasks
                .insert(TaskId::Job(job.id.clone()), Task::default());
        }
        for stage in &opening.plan.stages {
            self.stages
                .insert(stage.environment.clone(), Stage::default());
        }
    }

    fn task(&mut self, attempt: &Attempt) -> &mut Task {
        self.tasks.entry(attempt.task.clone()).or_default()
    }

    fn apply_to_task(&mut self, event: &Event) {
        match event {
            Event::JobSkipped { task, why } => {
                let task = self.tasks.entry(task.clone()).or_default();
                task.phase = Phase::Ended(Verdict::Skipped { why: why.clone() });
            }
            Event::JobCancelled { task } => {
                let task = self.tasks.entry(task.clone()).or_default();
                task.phase = Phase::Ended(Verdict::Cancelled);
            }
            Event::AttemptQueued { attempt, at } => {
                self.asked.insert(attempt.clone());
                let task = self.task(attempt);
                task.attempt = attempt.number;
                task.phase = Phase::WantsSlot { since: *at };
            }
            Event::BuildRequested { attempt, at } => {
                let task = self.task(attempt);
                task.attempt = attempt.number;
                task.phase = Phase::Requested {
                    at: *at,
                    deferred: None,
                };
            }
            Event::BuildDeferred {
                attempt,
                why,
                until,
                frozen,
            } => {
                let deferral = Deferred {
                    why: why.clone(),
                    until: *until,
                };
                if let Phase::Requested { at, deferred } = &mut self.task(attempt).phase {
                    *deferred = Some(deferral);
                    if *frozen {
                        *at = *until;
                    }
                }
            }
            Event::BuildStarted { attempt, build, at } => {
                let task = self.task(attempt);
                task.phase = Phase::Started {
                    at: *at,
                    build: build.clone(),
                    claimed: false,
                };
            }
            Event::BuildClaimed { attempt, build, at } => {
                let task = self.task(attempt);
                task.phase = Phase::Started {
                    at: *at,
                    build: build.clone(),
                    claimed: true,
                };
            }
            Event::AttemptEnded { attempt, end } => self.end_attempt(attempt, end),
            _ => {}
        }
    }

    fn end_attempt(&mut self, attempt: &Attempt, end: &EndFacts) {
        let task = self.task(attempt);
        let (build, claimed) = match &task.phase {
            Phase::Started { build, claimed, .. } => (Some(build.clone()), *claimed),
            _ => (None, false),
        };
        task.past.push(Past {
            number: attempt.number,
            build,
            claimed,
            end: end.clone(),
        });
        task.phase = Phase::Ended(end.verdict.clone());
    }

    fn stage(&mut self, environment: &EnvironmentName) -> &mut Stage {
        self.stages.entry(environment.clone()).or_default()
    }

    fn apply_to_stage(&mut self, event: &Event) {
        match event {
            Event::StageReached { environment } => {
                let needs_approval = self
                    .planned_stage(environment)
                    .is_some_and(|s| s.approval.is_some());
                self.stage(environment).phase = if needs_approval {
                    StagePhase::Opening
                } else {
                    StagePhase::WantsLane
                };
            }
            Event::StageFrozen { environment, until } => {
                self.stage(environment).frozen_until = Some(*until);
            }
            Event::LaneWanted { environment } => {
                let stage = self.stage(environment);
                stage.phase = StagePhase::WantsLane;
                stage.lane = LaneUse::Wanted;
            }
            Event::LaneTaken {
                environment,
                fence,
                previous,
            } => {
                let stage = self.stage(environment);
                stage.phase = StagePhase::HoldsLane;
                stage.lane = LaneUse::Held;
                stage.fence = Some(*fence);
                stage.previous = previous.clone();
            }
            Event::BuildRequested { attempt, .. } => {
                if let Some(environment) = attempt.task.environment() {
                    self.stage(environment).phase = StagePhase::Working;
                }
            }
            Event::StageStopped {
                environment,
                outcome,
            } => {
                self.stage(environment).phase = StagePhase::Settling(outcome.clone());
            }
            Event::StageSettled { environment } => {
                let stage = self.stage(environment);
                if let StagePhase::Settling(outcome) = &stage.phase {
                    stage.phase = StagePhase::Returning(outcome.clone());
                }
            }
            Event::LaneReturned { environment } => {
                self.stage(environment).lane = LaneUse::Returned;
            }
            Event::StageEnded {
                environment,
                outcome,
            } => {
                self.stage(environment).phase = StagePhase::Ended(outcome.clone());
            }
            approval_event => self.apply_to_approval(approval_event),
        }
    }

    fn apply_to_approval(&mut self, event: &Event) {
        match event {
            Event::ApprovalOpened {
                environment,
                release,
                approvers,
                excluded,
                count,
                expires_at,
            } => {
                let stage = self.stage(environment);
                stage.phase = StagePhase::Approval;
                stage.approval = Some(Approval {
                    release: release.clone(),
                    approvers: approvers.clone(),
                    excluded: excluded.clone(),
                    count: *count,
                    opened_for: Vec::new(),
                    expires_at: *expires_at,
                    decisions: Vec::new(),
                    voided: None,
                    authorised: false,
                });
            }
            Event::ApprovalMailed {
                environment,
                person,
            }
            | Event::ApprovalNotMailed {
                environment,
                person,
                ..
            } => {
                if let Some(approval) = &mut self.stage(environment).approval {
                    approval.opened_for.push(*person);
                }
            }
            Event::DecisionMade {
                environment,
                decision,
            } => {
                if let Some(approval) = &mut self.stage(environment).approval {
                    approval.decisions.push(decision.clone());
                }
            }
            Event::ApprovalVoided { environment, why } => {
                if let Some(approval) = &mut self.stage(environment).approval {
                    approval.voided = Some(why.clone());
                }
            }
            Event::DeployAuthorised { environment, .. } => {
                if let Some(approval) = &mut self.stage(environment).approval {
                    approval.authorised = true;
                }
            }
            _ => {}
        }
    }
}
