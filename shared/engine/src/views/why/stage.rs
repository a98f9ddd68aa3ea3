//! Purpose: what an environment of a run waits for.

use std::collections::BTreeSet;

use domain::ids::{EnvironmentName, PersonId};
use domain::kernel::StreamId;
use domain::lane::Lane;
use domain::run::{Approval, Opening, Run, Stage, StagePhase};
use jiff::Timestamp;

use super::{Ask, Reason, Wait, end_of_life};
use crate::fault::Fault;
use crate::freeze::freeze;
use crate::load::load;

impl Ask<'_> {
    pub(super) async fn stage(
        &mut self,
        run: &Run,
        opening: &Opening,
        name: &EnvironmentName,
        stage: &Stage,
        depth: usize,
    ) -> Result<Option<Wait>, Fault> {
        let subject = name.to_string();
        let frozen = stage.frozen_until.filter(|until| *until > self.at);
        let unchecked = stage.approval.as_ref().is_some_and(|a| !a.authorised);
        let halts = match &stage.phase {
            StagePhase::WantsLane => true,
            StagePhase::HoldsLane => unchecked,
            _ => false,
        };
        if halts && frozen.is_none() {
            let until = latest(run, stage);
            if let Some(wait) = self.deploys_frozen(opening, name, until).await? {
                return Ok(Some(wait));
            }
        }
        let wait = match &stage.phase {
            StagePhase::Blocked | StagePhase::Working | StagePhase::Ended(_) => return Ok(None),
            StagePhase::Opening => self.wait(subject, Reason::FindingApprovers, None, None),
            StagePhase::Approval => match &stage.approval {
                Some(approval) => self.approval(subject, approval).await,
                None => return Ok(None),
            },
            StagePhase::WantsLane | StagePhase::HoldsLane if frozen.is_some() => {
                self.wait(subject, Reason::Frozen, None, frozen)
            }
            StagePhase::WantsLane => {
                let until = latest(run, stage);
                return self.lane(opening, name, until, depth).await.map(Some);
            }
            StagePhase::HoldsLane => {
                let reason = if unchecked {
                    Reason::Authorising
                } else {
                    Reason::AboutToDeploy
                };
                self.wait(subject, reason, None, None)
            }
            StagePhase::Settling(_) => self.wait(subject, Reason::Settling, None, None),
            StagePhase::Returning(_) => self.wait(subject, Reason::Returning, None, None),
        };
        Ok(Some(wait))
    }

    /// Somebody has frozen the deploys of the whole repository.
    async fn deploys_frozen(
        &mut self,
        opening: &Opening,
        name: &EnvironmentName,
        until: Option<Timestamp>,
    ) -> Result<Option<Wait>, Fault> {
        let Some(freeze) = freeze(self.journal, opening.repository).await? else {
            return Ok(None);
        };
        self.names.learn(freeze.by).await;
        let reason = Reason::DeploysFrozen {
            by: freeze.by.map(|by| self.names.name(by)),
            why: freeze.reason,
        };
        Ok(Some(self.wait(
            name.to_string(),
            reason,
            Some(freeze.at),
            until,
        )))
    }

    async fn approval(&mut self, subject: String, approval: &Approval) -> Wait {
        let given: BTreeSet<PersonId> = approval.decisions.iter().map(|d| d.person).collect();
        let missing: Vec<PersonId> = approval
            .approvers
            .iter()
            .copied()
            .filter(|person| approval.may_decide(*person) && !given.contains(person))
            .collect();
        self.names.learn(missing.iter().copied()).await;
        let reason = Reason::Approval {
            of: self.names.list(missing.iter().copied(), "or"),
            people: missing,
            given: approval.decisions.iter().filter(|d| d.approve).count(),
            count: approval.count,
        };
        self.wait(subject, reason, None, Some(approval.expires_at))
    }

    async fn lane(
        &mut self,
        opening: &Opening,
        name: &EnvironmentName,
        until: Option<Timestamp>,
        depth: usize,
    ) -> Result<Wait, Fault> {
        let stream = StreamId::lane(opening.repository, name);
        let lane: Lane = load(self.journal, &stream).await?.state;
        let holder = lane
            .holder
            .clone()
            .filter(|holder| holder.run != opening.run);
        let reason = Reason::Lane {
            holder: holder.as_ref().map(|holder| holder.run.clone()),
            position: lane.position(&opening.run),
            granted: lane.fence_of(&opening.run).is_some(),
        };
        let since = holder.as_ref().map(|holder| holder.since);
        let mut wait = self.wait(name.to_string(), reason, since, until);
        let other = holder.map(|holder| holder.run);
        wait.behind = self.behind(opening.repository, other, depth).await?;
        Ok(wait)
    }
}

/// When a stage that has not begun is over at the latest.
fn latest(run: &Run, stage: &Stage) -> Option<Timestamp> {
    let expiry = stage.approval.as_ref().map(|approval| approval.expires_at);
    expiry.into_iter().chain(end_of_life(run)).min()
}
