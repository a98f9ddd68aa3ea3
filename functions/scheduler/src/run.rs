//! Purpose: what a run asks of its group, pool and lanes, and who may approve it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::change::{self, Change};
use domain::ids::{EnvironmentName, PersonId};
use domain::kernel::StreamId;
use domain::lane::{self, Lane};
use domain::plan::Trigger;
use domain::pool::{self, Pool, Ticket};
use domain::repository::{self, Repository};
use domain::run::{Attempt, Command, Effect, Opening, Run, StageOutcome};
use engine::{Fault, Perform, Refused};

use crate::Desk;

#[async_trait]
impl Perform<Run> for Desk<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        run: &Run,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Some(opening) = &run.opening else {
            return Err(Fault::Malformed(format!(
                "{stream} owes something but was never opened"
            )));
        };
        match effect {
            Effect::TakeTurn => self.take_turn(opening).await,
            Effect::ReturnTurn => self.return_turn(opening).await,
            Effect::TakeSlots(attempts) => self.take_slots(opening, attempts).await,
            Effect::ReturnSlots(attempts) => self.return_slots(opening, attempts).await,
            Effect::TakeLane(environment) => self.take_lane(opening, environment).await,
            Effect::ReturnLane {
                environment,
                outcome,
            } => self.return_lane(run, opening, environment, outcome).await,
            Effect::OpenApproval(environment) => {
                self.open_approval(run, opening, environment).await
            }
            other => Err(Fault::Malformed(format!(
                "the scheduler does not perform {other:?}"
            ))),
        }
    }
}

impl Desk<'_> {
    async fn take_turn(&self, opening: &Opening) -> Result<Vec<Command>, Fault> {
        let head = match opening.trigger {
            // Only a push can come after the one that replaced it; a person who repeats an old one means it.
            Trigger::Push { .. } if opening.repeats.is_none() => {
                self.deps
                    .sources
                    .head(opening.repository, &opening.reference)
                    .await?
            }
            _ => None,
        };
        let group = &opening.plan.concurrency;
        let stream = StreamId::change(opening.repository, &group.group);
        let enter = change::Command::Enter {
            repository: opening.repository,
            run: opening.run.clone(),
            commit: opening.commit.clone(),
            on_new: group.on_new,
            head,
        };
        match self.invocation.submit::<Change>(&stream, &enter).await {
            Ok(done) => {
                let granted = done
                    .state
                    .member(&opening.run)
                    .is_some_and(|member| member.granted);
                Ok(if granted {
                    vec![Command::TakeTurn]
                } else {
                    Vec::new()
                })
            }
            Err(Refused::Rejected(change::Rejection::Stale { by })) => {
                Ok(vec![Command::Supersede { by }])
            }
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }

    async fn return_turn(&self, opening: &Opening) -> Result<Vec<Command>, Fault> {
        let stream = StreamId::change(opening.repository, &opening.plan.concurrency.group);
        let leave = change::Command::Leave {
            run: opening.run.clone(),
        };
        let left = self.invocation.submit::<Change>(&stream, &leave).await;
        left.map_err(Refused::into_fault)?;
        Ok(vec![Command::TurnReturned])
    }

    async fn take_slots(
        &self,
        opening: &Opening,
        attempts: &[Attempt],
    ) -> Result<Vec<Command>, Fault> {
        let take = pool::Command::Take {
            capacity: self.deps.capacity,
            tickets: tickets(opening, attempts),
        };
        let pool = match self
            .invocation
            .submit::<Pool>(&StreamId::pool(pool::JOBS), &take)
            .await
        {
            Ok(done) => done.state,
            // It asks again when it is looked at again.
            Err(Refused::Rejected(pool::Rejection::Full)) => return Ok(Vec::new()),
            Err(Refused::Fault(fault)) => return Err(fault),
        };
        let granted: Vec<Attempt> = tickets(opening, attempts)
            .into_iter()
            .filter(|ticket| pool.holders.contains(ticket))
            .map(|ticket| ticket.attempt)
            .collect();
        Ok(if granted.is_empty() {
            Vec::new()
        } else {
            vec![Command::GrantSlots(granted)]
        })
    }

    async fn return_slots(
        &self,
        opening: &Opening,
        attempts: &[Attempt],
    ) -> Result<Vec<Command>, Fault> {
        let give = pool::Command::Return {
            tickets: tickets(opening, attempts),
        };
        let returned = self
            .invocation
            .submit::<Pool>(&StreamId::pool(pool::JOBS), &give)
            .await;
        returned.map_err(Refused::into_fault)?;
        Ok(vec![Command::SlotsReturned(attempts.to_vec())])
    }

    async fn take_lane(
        &self,
        opening: &Opening,
        environment: &EnvironmentName,
    ) -> Result<Vec<Command>, Fault> {
        // Whoever ends a freeze rings it; it asks again when it is looked at again, too.
        let hold = repository::Command::Hold {
            repository: opening.repository,
            run: opening.run.clone(),
        };
        let stream = StreamId::repository(opening.repository);
        let held = self.invocation.submit::<Repository>(&stream, &hold).await;
        let standing = held.map_err(Refused::into_fault)?.state;
        if standing.frozen().is_some() || standing.standing.barred().is_some() {
            return Ok(Vec::new());
        }
        let stream = StreamId::lane(opening.repository, environment);
        let take = lane::Command::Take {
            repository: opening.repository,
            run: opening.run.clone(),
        };
        let lane = match self.invocation.submit::<Lane>(&stream, &take).await {
            Ok(done) => done.state,
            // It asks again when it is looked at again.
            Err(Refused::Rejected(lane::Rejection::Full)) => return Ok(Vec::new()),
            Err(Refused::Fault(fault)) => return Err(fault),
        };
        let Some(fence) = lane.fence_of(&opening.run) else {
            return Ok(Vec::new());
        };
        let (environment, previous) = (environment.clone(), lane.deployed);
        Ok(vec![Command::GrantLane {
            environment,
            fence,
            previous,
        }])
    }

    async fn return_lane(
        &self,
        run: &Run,
        opening: &Opening,
        environment: &EnvironmentName,
        outcome: &StageOutcome,
    ) -> Result<Vec<Command>, Fault> {
        let give = lane::Command::Return {
            run: opening.run.clone(),
            outcome: outcome.clone(),
            release: run
                .release
                .clone()
                .map(|release| (opening.commit.clone(), release)),
        };
        let stream = StreamId::lane(opening.repository, environment);
        let returned = self.invocation.submit::<Lane>(&stream, &give).await;
        returned.map_err(Refused::into_fault)?;
        Ok(vec![Command::LaneReturned {
            environment: environment.clone(),
        }])
    }

    /// Logins and teams become numbers; nobody is guessed.
    async fn open_approval(
        &self,
        run: &Run,
        opening: &Opening,
        environment: &EnvironmentName,
    ) -> Result<Vec<Command>, Fault> {
        let policy = run
            .planned_stage(environment)
            .and_then(|stage| stage.approval.as_ref());
        let Some(policy) = policy else {
            return Ok(Vec::new());
        };
        let mut approvers: BTreeSet<PersonId> = BTreeSet::new();
        for login in &policy.people {
            approvers.extend(
                self.deps
                    .people
                    .by_login(login)
                    .await?
                    .map(|person| person.id),
            );
        }
        for team in &policy.teams {
            approvers.extend(
                self.deps
                    .people
                    .team(team)
                    .await?
                    .iter()
                    .map(|person| person.id),
            );
        }
        let excluded = approvers
            .iter()
            .copied()
            .filter(|person| {
                policy
                    .exclude
                    .iter()
                    .any(|role| opening.parties.has(*person, *role))
            })
            .collect();
        Ok(vec![Command::OpenApproval {
            environment: environment.clone(),
            approvers: approvers.into_iter().collect(),
            excluded,
        }])
    }
}

fn tickets(opening: &Opening, attempts: &[Attempt]) -> Vec<Ticket> {
    let ticket = |attempt: &Attempt| Ticket {
        repository: opening.repository,
        run: opening.run.clone(),
        attempt: attempt.clone(),
    };
    attempts.iter().map(ticket).collect()
}
