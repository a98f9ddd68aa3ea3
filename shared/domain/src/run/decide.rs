//! Purpose: the rules of a run: which commands may happen now.

use jiff::Timestamp;

use super::command::{Command, Rejection};
use super::stage::{LaneUse, Stage, StageOutcome, StagePhase};
use super::task::{Attempt, EndFacts, Phase, Task, TaskId, Verdict};
use super::{Event, Run};
use crate::guard::{Guard, holds};
use crate::ids::{BuildId, CommitSha, EnvironmentName, PersonId, RunId};

pub(super) type Answer = Result<Vec<Event>, Rejection>;

impl Run {
    pub(super) fn answer(&self, at: Timestamp, command: &Command) -> Answer {
        if let Command::Open(opening) = command {
            let open = Event::RunOpened {
                opening: opening.clone(),
                at,
            };
            return Ok(if self.opening.is_some() {
                Vec::new()
            } else {
                vec![open]
            });
        }
        if self.opening.is_none() {
            return Err(Rejection::NoRun);
        }
        if let Some(cleanup) = self.clean_up(command) {
            return Ok(cleanup);
        }
        if let Some(finish) = &self.finished
            && !holds(Guard::FinishedStaysFinished, false)
        {
            return Err(Rejection::Finished(finish.outcome.word()));
        }
        match command {
            Command::Trust { commit, by } => self.trust(at, commit, *by),
            Command::TakeTurn => {
                let may = !self.has_turn && !self.waits_for_trust();
                Ok(once(may, Event::TurnTaken {}))
            }
            Command::Supersede { by } => self.supersede(by),
            Command::Cancel { by, reason } => Ok(self.cancel(at, *by, reason)),
            Command::Withdraw { .. } if self.is_at_work() => Ok(Vec::new()),
            Command::Withdraw { reason } => Ok(self.cancel(at, None, reason)),
            Command::Skip { by, wish } => self.skip(at, *by, wish),
            Command::Decide {
                environment,
                decision,
            } => self.decision(at, environment, decision),
            Command::OpenApproval {
                environment,
                approvers,
                excluded,
            } => self.open_approval(at, environment, approvers, excluded),
            Command::ApprovalMailed {
                environment,
                person,
            } => Ok(self.told(environment, *person, None)),
            Command::ApprovalNotMailed {
                environment,
                person,
                why,
            } => Ok(self.told(environment, *person, Some(why))),
            Command::GrantLane {
                environment,
                fence,
                previous,
            } => {
                let stage = self.stage_of(environment)?;
                let event = Event::LaneTaken {
                    environment: environment.clone(),
                    fence: *fence,
                    previous: previous.clone(),
                };
                Ok(once(stage.phase == StagePhase::WantsLane, event))
            }
            Command::Authorise {
                environment,
                approvers,
            } => self.authorise(environment, approvers),
            Command::Settled { environment } => {
                let stage = self.stage_of(environment)?;
                let settling = matches!(stage.phase, StagePhase::Settling(_));
                Ok(once(
                    settling,
                    Event::StageSettled {
                        environment: environment.clone(),
                    },
                ))
            }
            other => self.about_builds(at, other),
        }
    }

    fn cancel(&self, at: Timestamp, by: Option<PersonId>, reason: &str) -> Vec<Event> {
        let requested = Event::CancelRequested {
            by,
            reason: reason.to_owned(),
            at,
        };
        once(self.cancelled.is_none(), requested)
    }

    fn trust(&self, at: Timestamp, commit: &CommitSha, by: PersonId) -> Answer {
        let own = self.opening.as_ref().map(|opening| &opening.commit);
        if let Some(own) = own.filter(|own| *own != commit) {
            return Err(Rejection::OtherCommit(own.clone()));
        }
        let waits = self.trusted.is_none() && self.opening.as_ref().is_some_and(|o| o.awaits_trust);
        Ok(once(waits, Event::RunTrusted { by, at }))
    }

    /// Returning what was borrowed is right at any time, also after the end.
    fn clean_up(&self, command: &Command) -> Option<Vec<Event>> {
        match command {
            Command::TurnReturned => Some(once(!self.turn_returned, Event::TurnReturned {})),
            Command::SlotsReturned(attempts) => {
                let known: Vec<Attempt> = attempts
                    .iter()
                    .filter(|a| self.slots.contains(a) || self.asked.contains(a))
                    .cloned()
                    .collect();
                Some(once(
                    !known.is_empty(),
                    Event::SlotsReturned { attempts: known },
                ))
            }
            Command::GrantSlots(attempts) if self.is_over() => {
                let new: Vec<Attempt> = attempts
                    .iter()
                    .filter(|a| !self.slots.contains(a))
                    .cloned()
                    .collect();
                Some(once(!new.is_empty(), Event::SlotsTaken { attempts: new }))
            }
            Command::LaneReturned { environment } => {
                let stage = self.stages.get(environment)?;
                let environment = environment.clone();
                match (&stage.phase, stage.lane) {
                    (_, LaneUse::Returned | LaneUse::Never) => Some(Vec::new()),
                    (StagePhase::Returning(outcome), _) => Some(vec![
                        Event::LaneReturned {
                            environment: environment.clone(),
                        },
                        Event::StageEnded {
                            environment,
                            outcome: outcome.clone(),
                        },
                    ]),
                    (StagePhase::Ended(_), _) => Some(vec![Event::LaneReturned { environment }]),
                    _ => Some(Vec::new()),
                }
            }
            _ => None,
        }
    }

    fn about_builds(&self, at: Timestamp, command: &Command) -> Answer {
        match command {
            Command::GrantSlots(attempts) => Ok(self.grant_slots(at, attempts)),
            Command::DeferBuild {
                attempt,
                why,
                until,
                frozen,
            } => {
                let event = Event::BuildDeferred {
                    attempt: attempt.clone(),
                    why: why.clone(),
                    until: *until,
                    frozen: *frozen,
                };
                Ok(once(self.is_requested(attempt), event))
            }
            Command::RefuseBuild { attempt, why } => {
                let verdict = Verdict::NotStarted { why: why.clone() };
                let end = Box::new(EndFacts::without_build(verdict, at));
                let event = Event::AttemptEnded {
                    attempt: attempt.clone(),
                    end,
                };
                Ok(once(self.is_requested(attempt), event))
            }
            Command::BuildStarted { attempt, build } => {
                let event = Event::BuildStarted {
                    attempt: attempt.clone(),
                    build: build.clone(),
                    at,
                };
                Ok(once(self.is_requested(attempt), event))
            }
            Command::Claim { attempt, build } => self.claim(at, attempt, build),
            Command::BuildEnded {
                attempt,
                build,
                end,
            } => Ok(self.build_ended(attempt, build, end)),
            _ => Ok(Vec::new()),
        }
    }

    fn current(&self, attempt: &Attempt) -> Option<&Task> {
        self.tasks
            .get(&attempt.task)
            .filter(|task| task.attempt == attempt.number)
    }

    fn is_requested(&self, attempt: &Attempt) -> bool {
        self.current(attempt)
            .is_some_and(|task| matches!(task.phase, Phase::Requested { .. }))
    }

    fn grant_slots(&self, at: Timestamp, attempts: &[Attempt]) -> Vec<Event> {
        let new: Vec<Attempt> = attempts
            .iter()
            .filter(|a| !self.slots.contains(a))
            .cloned()
            .collect();
        if new.is_empty() {
            return Vec::new();
        }
        let waits = |attempt: &&Attempt| {
            self.current(attempt)
                .is_some_and(|t| matches!(t.phase, Phase::WantsSlot { .. }))
        };
        let requests: Vec<Event> = new
            .iter()
            .filter(waits)
            .map(|attempt| Event::BuildRequested {
                attempt: attempt.clone(),
                at,
            })
            .collect();
        let mut events = vec![Event::SlotsTaken { attempts: new }];
        events.extend(requests);
        events
    }

    fn claim(&self, at: Timestamp, attempt: &Attempt, build: &BuildId) -> Answer {
        let claimed = Event::BuildClaimed {
            attempt: attempt.clone(),
            build: build.clone(),
            at,
        };
        let too_late = || Rejection::ClaimTooLate {
            attempt: attempt.clone(),
        };
        let Some(task) = self.current(attempt) else {
            return if holds(Guard::LateClaimRefused, false)
                && self.tasks.contains_key(&attempt.task)
            {
                Ok(vec![claimed])
            } else {
                Err(too_late())
            };
        };
        match &task.phase {
            Phase::Started {
                build: winner,
                claimed: true,
                ..
            } if winner == build => Ok(Vec::new()),
            Phase::Started { claimed: true, .. } if !holds(Guard::FirstClaimWins, false) => {
                Err(Rejection::ClaimedByOther(attempt.clone()))
            }
            Phase::Requested { .. } | Phase::Started { .. } => {
                self.may_begin(at, attempt)?;
                Ok(vec![claimed])
            }
            Phase::Ended(_) if holds(Guard::LateClaimRefused, false) => Ok(vec![claimed]),
            _ => Err(too_late()),
        }
    }

    /// Whether code of the repository may begin to run for this attempt.
    fn may_begin(&self, at: Timestamp, attempt: &Attempt) -> Result<(), Rejection> {
        let no = |why: &str| Err(Rejection::NotPermitted(why.to_owned()));
        if self.cancelled.is_some() {
            return no("the run was cancelled");
        }
        if self.waits_for_trust() {
            return no("nobody has released its commit");
        }
        let TaskId::Deploy(environment) = &attempt.task else {
            let superseded = self.superseded.is_some() && attempt.task.environment().is_none();
            return if superseded {
                no("the run was superseded")
            } else {
                Ok(())
            };
        };
        if !holds(Guard::SupersededStartsNoDeploy, self.superseded.is_none()) {
            return no("the run was superseded");
        }
        let stage = self.stage_of(environment)?;
        if self.deploy_permitted(stage, at) {
            Ok(())
        } else {
            no("its approval has run out")
        }
    }

    fn build_ended(&self, attempt: &Attempt, build: &BuildId, end: &EndFacts) -> Vec<Event> {
        let Some(task) = self.current(attempt) else {
            return Vec::new();
        };
        let Phase::Started {
            build: current,
            claimed,
            ..
        } = &task.phase
        else {
            return Vec::new();
        };
        if current != build {
            return Vec::new();
        }
        let mut end = end.clone();
        if !claimed {
            end.verdict = self.unclaimed(attempt, end.verdict);
        }
        vec![Event::AttemptEnded {
            attempt: attempt.clone(),
            end: Box::new(end),
        }]
    }

    /// How a build ended that ran no code of the repository: nothing is wrong with one that was not wanted any more.
    fn unclaimed(&self, attempt: &Attempt, verdict: Verdict) -> Verdict {
        match verdict {
            _ if self.is_stopping() && self.stops_unstarted(&attempt.task) => Verdict::Cancelled,
            Verdict::NotStarted { .. } => verdict,
            _ => Verdict::NotStarted {
                why: format!("the build ended without a claim ({})", verdict.word()),
            },
        }
    }

    pub(super) fn stage_of(&self, environment: &EnvironmentName) -> Result<&Stage, Rejection> {
        self.stages
            .get(environment)
            .ok_or_else(|| Rejection::NoEnvironment(environment.clone()))
    }

    fn supersede(&self, by: &RunId) -> Answer {
        if self.is_stopping() {
            return Ok(Vec::new());
        }
        let begun = self.stages.iter().find(|(_, stage)| {
            stage.approval.is_some()
                && matches!(
                    stage.phase,
                    StagePhase::HoldsLane
                        | StagePhase::Working
                        | StagePhase::Settling(_)
                        | StagePhase::Returning(_)
                        | StagePhase::Ended(StageOutcome::Deployed)
                )
        });
        match begun {
            Some((environment, _)) if !holds(Guard::ProductionIsNotSuperseded, false) => {
                Err(Rejection::TooLateToSupersede(environment.clone()))
            }
            _ => Ok(vec![Event::RunSuperseded { by: by.clone() }]),
        }
    }
}

/// The event, where it is news.
pub(super) fn once(new: bool, event: Event) -> Vec<Event> {
    if new { vec![event] } else { Vec::new() }
}
