//! Purpose: the rules of an approval: when it opens, who may decide, when the decisions still count.

use jiff::Timestamp;

use super::command::Rejection;
use super::decide::{Answer, once};
use super::event::Decision;
use super::stage::StagePhase;
use super::{Event, Run, StageOutcome};
use crate::guard::{Guard, holds};
use crate::ids::{EnvironmentName, PersonId};
use crate::kernel::later;
use crate::plan::Role;

impl Run {
    pub(super) fn open_approval(
        &self,
        at: Timestamp,
        environment: &EnvironmentName,
        approvers: &[PersonId],
        excluded: &[PersonId],
    ) -> Answer {
        let stage = self.stage_of(environment)?;
        let policy = self
            .planned_stage(environment)
            .and_then(|stage| stage.approval.as_ref());
        let (StagePhase::Opening, Some(policy), Some(release)) =
            (&stage.phase, policy, &self.release)
        else {
            return Ok(Vec::new());
        };
        if let Some(why) = self.unknown_party(&policy.exclude) {
            return Ok(vec![Event::StageEnded {
                environment: environment.clone(),
                outcome: StageOutcome::Untouched { why },
            }]);
        }
        let left = approvers
            .iter()
            .filter(|person| !excluded.contains(person))
            .count();
        if left < usize::from(policy.count) {
            let why = format!(
                "it needs {} approval(s), but only {left} of the people named may give one: check the \
                 approvers' logins and teams, and who is excluded",
                policy.count
            );
            let outcome = StageOutcome::Untouched { why };
            return Ok(vec![Event::StageEnded {
                environment: environment.clone(),
                outcome,
            }]);
        }
        Ok(vec![Event::ApprovalOpened {
            environment: environment.clone(),
            release: release.clone(),
            approvers: approvers.to_vec(),
            excluded: excluded.to_vec(),
            count: policy.count,
            expires_at: later(at, policy.expires_seconds),
        }])
    }

    /// A person who may not decide has to be known: else anybody could be that person, an approver too.
    fn unknown_party(&self, excluded: &[Role]) -> Option<String> {
        let opening = self.opening.as_ref()?;
        let known = |role: &&Role| opening.parties.knows(**role, &opening.trigger);
        let role = excluded.iter().find(|role| !known(role))?;
        let (commit, run) = (opening.commit.short(), &opening.run);
        let (who, what) = match role {
            Role::Initiator => (
                "whoever started this run".to_owned(),
                "its sender's number or committer's address",
            ),
            Role::Author => (
                format!("the author of commit {commit}"),
                "that author's address",
            ),
        };
        Some(format!(
            "{who} may not give its approval, and nobody can tell who that is: no person of this machine has {what}. \
             Declare the person with `slipway people add`, then ask for the run again: `slipway retry {run}`"
        ))
    }

    pub(super) fn told(
        &self,
        environment: &EnvironmentName,
        person: PersonId,
        fault: Option<&String>,
    ) -> Vec<Event> {
        let open = self
            .stages
            .get(environment)
            .and_then(|stage| stage.approval.as_ref());
        let new = open.is_some_and(|approval| !approval.opened_for.contains(&person));
        let environment = environment.clone();
        let event = match fault {
            None => Event::ApprovalMailed {
                environment,
                person,
            },
            Some(why) => Event::ApprovalNotMailed {
                environment,
                person,
                why: why.clone(),
            },
        };
        once(new, event)
    }

    pub(super) fn decision(
        &self,
        at: Timestamp,
        environment: &EnvironmentName,
        decision: &Decision,
    ) -> Answer {
        let stage = self.stage_of(environment)?;
        let Some(approval) = &stage.approval else {
            return Err(Rejection::NoApproval(environment.clone()));
        };
        let person = decision.person;
        let before = approval.decisions.iter().find(|d| d.person == person);
        if let Some(before) = before
            && !holds(Guard::OneDecisionPerPerson, false)
        {
            let same = before.approve == decision.approve && before.release == decision.release;
            return if same {
                Ok(Vec::new())
            } else {
                Err(Rejection::DecidedAlready(environment.clone()))
            };
        }
        if stage.phase != StagePhase::Approval {
            return Err(Rejection::NoApproval(environment.clone()));
        }
        if !holds(
            Guard::DecisionBindsRelease,
            decision.release == approval.release,
        ) {
            return Err(Rejection::OtherRelease(approval.release.short().to_owned()));
        }
        if !holds(
            Guard::DeciderIsEligible,
            approval.approvers.contains(&person),
        ) {
            return Err(Rejection::NotAnApprover(environment.clone()));
        }
        if !holds(Guard::DeciderIsEligible, approval.may_decide(person)) {
            return Err(Rejection::OwnChange(environment.clone()));
        }
        if approval.is_expired(at) {
            return Err(Rejection::ApprovalExpired(environment.clone()));
        }
        let (environment, decision) = (environment.clone(), decision.clone());
        Ok(vec![Event::DecisionMade {
            environment,
            decision,
        }])
    }

    /// Decisions were read again: enough of them are still good, or the approval no longer counts.
    pub(super) fn authorise(
        &self,
        environment: &EnvironmentName,
        approvers: &[PersonId],
    ) -> Answer {
        let stage = self.stage_of(environment)?;
        let (StagePhase::HoldsLane, Some(approval)) = (&stage.phase, &stage.approval) else {
            return Ok(Vec::new());
        };
        if approval.authorised || approval.voided.is_some() {
            return Ok(Vec::new());
        }
        let good = approvers
            .iter()
            .filter(|person| {
                approval
                    .decisions
                    .iter()
                    .any(|d| d.person == **person && d.approve)
            })
            .count();
        let environment = environment.clone();
        if holds(
            Guard::DeployNeedsApproval,
            good >= usize::from(approval.count),
        ) {
            return Ok(vec![Event::DeployAuthorised {
                environment,
                approvers: approvers.to_vec(),
            }]);
        }
        let why = format!(
            "of its approvals only {good} still count(s), {} needed: an approver was removed or a signature is wrong",
            approval.count
        );
        Ok(vec![Event::ApprovalVoided { environment, why }])
    }
}
