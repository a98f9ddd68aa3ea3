//! Purpose: what the world still owes a run, derived from its state.

use jiff::Timestamp;

use super::stage::{LaneUse, StageOutcome, StagePhase};
use super::task::{Attempt, Phase, TaskId};
use super::{GRACE_SECONDS, Run};
use crate::ids::{BuildId, EnvironmentName, PersonId};
use crate::kernel::later;

/// Something to be done outside the run's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the concurrency group.
    TakeTurn,
    ReturnTurn,
    /// Ask the pool for places.
    TakeSlots(Vec<Attempt>),
    ReturnSlots(Vec<Attempt>),
    StartBuild(Attempt),
    ObserveBuild {
        attempt: Attempt,
        build: BuildId,
    },
    StopBuild {
        attempt: Attempt,
        build: BuildId,
    },
    /// Find out who may decide.
    OpenApproval(EnvironmentName),
    MailApproval {
        environment: EnvironmentName,
        person: PersonId,
    },
    TakeLane(EnvironmentName),
    /// Read signatures and membership again.
    Authorise(EnvironmentName),
    /// Probe whether the target has come to rest.
    Settle {
        environment: EnvironmentName,
        builds: Vec<BuildId>,
    },
    ReturnLane {
        environment: EnvironmentName,
        outcome: StageOutcome,
    },
}

impl Run {
    pub(super) fn owed(&self, at: Timestamp) -> Vec<Effect> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        let mut owed = Vec::new();
        let may_enter = opening.problem.is_none() && !self.waits_for_trust();
        if !self.has_turn && !self.is_over() && may_enter {
            owed.push(Effect::TakeTurn);
        }
        self.owed_slots(&mut owed);
        for (id, task) in &self.tasks {
            let attempt = Attempt {
                task: id.clone(),
                number: task.attempt,
            };
            match &task.phase {
                Phase::Requested { deferred, .. } => {
                    let waits = deferred.as_ref().is_some_and(|d| d.until > at);
                    if !waits {
                        owed.push(Effect::StartBuild(attempt));
                    }
                }
                Phase::Started { build, .. } => {
                    if self.must_stop(id, at) {
                        owed.push(Effect::StopBuild {
                            attempt: attempt.clone(),
                            build: build.clone(),
                        });
                    }
                    owed.push(Effect::ObserveBuild {
                        attempt,
                        build: build.clone(),
                    });
                }
                Phase::Waiting | Phase::WantsSlot { .. } | Phase::Ended(_) => {}
            }
        }
        for (environment, stage) in &self.stages {
            self.owed_stage(environment, stage, at, &mut owed);
        }
        if self.turn_owed() {
            owed.push(Effect::ReturnTurn);
        }
        owed
    }

    fn owed_slots(&self, owed: &mut Vec<Effect>) {
        let wanted: Vec<Attempt> = self.attempts_that_want_a_slot().collect();
        if !wanted.is_empty() {
            owed.push(Effect::TakeSlots(wanted));
        }
        // Also what was only asked for: a ticket that nobody wants must not stay in the pool's queue.
        let idle: Vec<Attempt> = self
            .slots
            .union(&self.asked)
            .filter(|slot| !self.needs_slot(slot))
            .cloned()
            .collect();
        if !idle.is_empty() {
            owed.push(Effect::ReturnSlots(idle));
        }
    }

    /// Attempts that wait for a place.
    pub fn attempts_that_want_a_slot(&self) -> impl Iterator<Item = Attempt> + '_ {
        self.tasks
            .iter()
            .filter(|(_, task)| matches!(task.phase, Phase::WantsSlot { .. }))
            .map(|(id, task)| Attempt {
                task: id.clone(),
                number: task.attempt,
            })
    }

    /// Whether this attempt uses its place, or will: once it does not, it never will again.
    pub fn needs_slot(&self, attempt: &Attempt) -> bool {
        self.tasks.get(&attempt.task).is_some_and(|task| {
            task.attempt == attempt.number
                && matches!(
                    task.phase,
                    Phase::WantsSlot { .. } | Phase::Requested { .. } | Phase::Started { .. }
                )
        })
    }

    /// Whether the run uses or wants this environment's lane; once it does not, it never will again.
    pub fn needs_lane(&self, environment: &EnvironmentName) -> bool {
        self.stages.get(environment).is_some_and(|stage| {
            !matches!(stage.phase, StagePhase::Ended(_)) || stage.lane == LaneUse::Held
        })
    }

    fn owed_stage(
        &self,
        environment: &EnvironmentName,
        stage: &super::stage::Stage,
        at: Timestamp,
        owed: &mut Vec<Effect>,
    ) {
        let name = || environment.clone();
        match &stage.phase {
            StagePhase::Opening => owed.push(Effect::OpenApproval(name())),
            StagePhase::Approval => {
                if let Some(approval) = &stage.approval {
                    owed.extend(approval.untold().map(|person| Effect::MailApproval {
                        environment: name(),
                        person,
                    }));
                }
            }
            StagePhase::WantsLane if stage.frozen_until.is_none_or(|until| until <= at) => {
                owed.push(Effect::TakeLane(name()));
            }
            StagePhase::HoldsLane if stage.approval.as_ref().is_some_and(|a| !a.authorised) => {
                owed.push(Effect::Authorise(name()));
            }
            StagePhase::Settling(_) => owed.push(Effect::Settle {
                environment: name(),
                builds: self.builds_of(environment),
            }),
            StagePhase::Returning(outcome) => owed.push(Effect::ReturnLane {
                environment: name(),
                outcome: outcome.clone(),
            }),
            StagePhase::Ended(outcome) if stage.lane == LaneUse::Wanted => {
                owed.push(Effect::ReturnLane {
                    environment: name(),
                    outcome: outcome.clone(),
                });
            }
            _ => {}
        }
    }

    /// Every build that ever worked on this environment in this run.
    fn builds_of(&self, environment: &EnvironmentName) -> Vec<BuildId> {
        self.tasks
            .iter()
            .filter(|(id, _)| id.environment() == Some(environment))
            .flat_map(|(_, task)| task.past.iter().filter_map(|past| past.build.clone()))
            .collect()
    }

    /// Whether the build of this task has to end before its own end.
    fn must_stop(&self, id: &TaskId, at: Timestamp) -> bool {
        let Some(task) = self.tasks.get(id) else {
            return false;
        };
        let Phase::Started {
            at: started,
            claimed,
            ..
        } = &task.phase
        else {
            return false;
        };
        if self.cancelled.is_some() || (self.superseded.is_some() && id.environment().is_none()) {
            return true;
        }
        let limit = if *claimed {
            self.step_of(id).map_or(0, |step| step.timeout_seconds) + GRACE_SECONDS
        } else {
            super::CLAIM_SECONDS
        };
        at >= later(*started, limit)
    }
}
