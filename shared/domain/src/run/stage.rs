//! Purpose: a stage, which is one environment on the road of a run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::Decision;
use crate::guard::{Guard, holds};
use crate::ids::{Digest, PersonId};
use crate::lane::Deployed;

/// How a stage ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageOutcome {
    Deployed,
    /// The target was touched and is not known to be good.
    Failed {
        why: String,
    },
    /// The target was touched, then brought back.
    RolledBack {
        why: String,
    },
    /// Nothing was done to the target.
    Untouched {
        why: String,
    },
    Rejected {
        by: PersonId,
        reason: String,
    },
    Expired,
    Cancelled,
}

impl StageOutcome {
    /// One word, for lists and pages.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Failed { .. } => "failed",
            Self::RolledBack { .. } => "rolled back",
            Self::Untouched { .. } => "not deployed",
            Self::Rejected { .. } => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The sentence behind the word, where there is one.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Failed { why } | Self::RolledBack { why } | Self::Untouched { why } => Some(why),
            Self::Rejected { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// Where a stage stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StagePhase {
    /// Behind the jobs or the environment before it.
    #[default]
    Blocked,
    /// The people who may decide have to be found.
    Opening,
    /// Somebody has to decide.
    Approval,
    /// A freeze window or other runs are before it.
    WantsLane,
    /// The lane is taken; decisions are checked again, then the deploy is requested.
    HoldsLane,
    /// Deploy, verification or rollback is on its way.
    Working,
    /// All is over but the target has to come to rest.
    Settling(StageOutcome),
    /// The lane goes back.
    Returning(StageOutcome),
    Ended(StageOutcome),
}

/// What a stage's run has to do with its lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneUse {
    #[default]
    Never,
    /// Asked for, perhaps granted without our knowing.
    Wanted,
    Held,
    Returned,
}

/// An approval, from its opening to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub release: Digest,
    pub approvers: Vec<PersonId>,
    pub excluded: Vec<PersonId>,
    pub count: u8,
    pub opened_for: Vec<PersonId>,
    pub expires_at: Timestamp,
    pub decisions: Vec<Decision>,
    /// Why it no longer counts.
    pub voided: Option<String>,
    /// Decisions that were found good when the lane was taken.
    pub authorised: bool,
}

impl Approval {
    /// Whether this person may decide.
    pub fn may_decide(&self, person: PersonId) -> bool {
        self.approvers.contains(&person) && !self.excluded.contains(&person)
    }

    /// Whether enough people said yes and nobody said no.
    pub fn is_granted(&self) -> bool {
        let yes = self.decisions.iter().filter(|d| d.approve).count();
        yes >= usize::from(self.count) && self.refusal().is_none()
    }

    /// The decision that said no.
    pub fn refusal(&self) -> Option<&Decision> {
        self.decisions.iter().find(|d| !d.approve)
    }

    /// Whether its time is over.
    pub fn is_expired(&self, at: Timestamp) -> bool {
        !holds(Guard::ApprovalExpires, at < self.expires_at)
    }

    /// Whether a deploy of this release may begin.
    pub fn permits(&self, release: Option<&Digest>, at: Timestamp) -> bool {
        self.is_granted()
            && self.voided.is_none()
            && !self.is_expired(at)
            && holds(Guard::DecisionBindsRelease, release == Some(&self.release))
    }

    /// People who still have to be told.
    pub fn untold(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.approvers
            .iter()
            .copied()
            .filter(|person| self.may_decide(*person) && !self.opened_for.contains(person))
    }
}

/// A stage's state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub phase: StagePhase,
    pub approval: Option<Approval>,
    pub lane: LaneUse,
    /// End of the freeze window that was seen last.
    pub frozen_until: Option<Timestamp>,
    pub fence: Option<u64>,
    /// What the environment ran before.
    pub previous: Option<Deployed>,
}

impl Stage {
    /// How it ended.
    pub fn outcome(&self) -> Option<&StageOutcome> {
        match &self.phase {
            StagePhase::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }
}
