//! Purpose: what can happen to a run. These are stored for good: a shipped variant never changes its meaning.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;
use super::task::{Attempt, EndFacts, TaskId, Verdict};
use crate::ids::{BuildId, CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use crate::lane::Deployed;
use crate::plan::{Parties, Plan, Trigger};

/// What a run is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub repository: RepositoryId,
    pub run: RunId,
    /// The delivery that asked for it.
    pub delivery: String,
    pub trigger: Trigger,
    /// The full ref: `refs/heads/main`.
    pub reference: String,
    pub commit: CommitSha,
    pub parties: Parties,
    pub plan: Plan,
    /// The run that a person asked for once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<RunId>,
    /// Why the pipeline file cannot be used; the run fails with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// GitHub shows this run: the stream of its checks hears of what changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_checks: bool,
    /// The code is a stranger's: nothing of it runs before somebody who may has released this commit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_trust: bool,
    /// The pull request's own version of the pipeline file, where that is another one than the run was planned by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
}

/// A version of the pipeline file that a pull request proposes. Nothing of it runs before it is merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The commit of the base branch whose version the run was planned by.
    pub rules: CommitSha,
    /// What is wrong with the proposed version: sentences, the first of them; empty = nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<String>,
    /// From the base's version to the proposed one, as a unified diff; empty where the proposed one cannot be read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diff: String,
}

/// Something that happened to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    RunOpened {
        opening: Box<Opening>,
        at: Timestamp,
    },
    /// Somebody who may has released the commit of a stranger.
    RunTrusted {
        by: PersonId,
        at: Timestamp,
    },
    TurnTaken {},
    TurnReturned {},
    JobSkipped {
        task: TaskId,
        why: String,
    },
    /// The attempt waits for a place in the pool.
    AttemptQueued {
        attempt: Attempt,
        at: Timestamp,
    },
    SlotsTaken {
        attempts: Vec<Attempt>,
    },
    SlotsReturned {
        attempts: Vec<Attempt>,
    },
    /// The intent: from here on a build may be asked for.
    BuildRequested {
        attempt: Attempt,
        at: Timestamp,
    },
    BuildDeferred {
        attempt: Attempt,
        why: String,
        until: Timestamp,
        /// Somebody wants it to wait: the time that it has to start begins anew then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        frozen: bool,
    },
    BuildStarted {
        attempt: Attempt,
        build: BuildId,
        at: Timestamp,
    },
    /// From here on code of the repository runs.
    BuildClaimed {
        attempt: Attempt,
        build: BuildId,
        at: Timestamp,
    },
    AttemptEnded {
        attempt: Attempt,
        end: Box<EndFacts>,
    },
    /// All jobs are good; this is what will be deployed.
    ReleaseSealed {
        release: Digest,
    },
    StageReached {
        environment: EnvironmentName,
    },
    ApprovalOpened {
        environment: EnvironmentName,
        release: Digest,
        approvers: Vec<PersonId>,
        excluded: Vec<PersonId>,
        count: u8,
        expires_at: Timestamp,
    },
    ApprovalMailed {
        environment: EnvironmentName,
        person: PersonId,
    },
    ApprovalNotMailed {
        environment: EnvironmentName,
        person: PersonId,
        why: String,
    },
    DecisionMade {
        environment: EnvironmentName,
        decision: Decision,
    },
    ApprovalVoided {
        environment: EnvironmentName,
        why: String,
    },
    /// A freeze window holds; the environment is not touched before it is over.
    StageFrozen {
        environment: EnvironmentName,
        until: Timestamp,
    },
    LaneWanted {
        environment: EnvironmentName,
    },
    LaneTaken {
        environment: EnvironmentName,
        fence: u64,
        previous: Option<Deployed>,
    },
    /// The decisions were checked again, after the lane was taken.
    DeployAuthorised {
        environment: EnvironmentName,
        approvers: Vec<PersonId>,
    },
    /// All tasks of the stage have ended; the target has to come to rest.
    StageStopped {
        environment: EnvironmentName,
        outcome: StageOutcome,
    },
    StageSettled {
        environment: EnvironmentName,
    },
    LaneReturned {
        environment: EnvironmentName,
    },
    StageEnded {
        environment: EnvironmentName,
        outcome: StageOutcome,
    },
    CancelRequested {
        by: Option<PersonId>,
        reason: String,
        at: Timestamp,
    },
    RunSuperseded {
        by: RunId,
    },
    /// Somebody wants the jobs that have not begun not to be run; the same commit ends them.
    SkipRequested {
        by: PersonId,
        /// What the wish is known by when it is brought again.
        wish: String,
        at: Timestamp,
    },
    /// It had not begun, and will not.
    JobCancelled {
        task: TaskId,
    },
    RunFinished {
        outcome: Outcome,
        headline: String,
        at: Timestamp,
    },
}

/// One person's word on one approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub person: PersonId,
    pub approve: bool,
    pub reason: String,
    pub release: Digest,
    pub at: Timestamp,
    /// Over [`Decision::signed_text`], in base64.
    pub signature: String,
}

impl Decision {
    /// The text that the control plane signs: everything that the decision is bound to.
    pub fn signed_text(&self, run: &RunId, environment: &EnvironmentName) -> String {
        let word = if self.approve { "approve" } else { "reject" };
        format!(
            "slipway decision v1\nrun {run}\nenvironment {environment}\nrelease {}\nperson {}\n{word}\nat {}\nreason {}\n",
            self.release,
            self.person,
            self.at.as_millisecond(),
            Digest::of(self.reason.as_bytes())
        )
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Succeeded,
    Failed,
    Cancelled,
    Superseded,
    /// Somebody who may said no.
    Rejected,
    /// Nobody decided in time.
    Expired,
}

impl Outcome {
    /// One word, for lists and pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

impl Event {
    /// The attempt that the event speaks of, for stories and logs.
    pub fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::AttemptEnded { end, .. } => Some(&end.verdict),
            _ => None,
        }
    }

    /// Whether somebody who looks at the run sees a difference.
    pub fn is_visible(&self) -> bool {
        match self {
            Self::JobSkipped { .. }
            | Self::BuildStarted { .. }
            | Self::AttemptEnded { .. }
            | Self::StageReached { .. }
            | Self::ApprovalOpened { .. }
            | Self::DecisionMade { .. }
            | Self::ApprovalVoided { .. }
            | Self::StageFrozen { .. }
            | Self::StageEnded { .. }
            | Self::CancelRequested { .. }
            | Self::SkipRequested { .. }
            | Self::JobCancelled { .. }
            | Self::RunSuperseded { .. }
            | Self::RunTrusted { .. }
            | Self::RunFinished { .. } => true,
            // The stream of its checks is opened after the run, and looks at it then.
            Self::RunOpened { .. }
            | Self::TurnTaken {}
            | Self::TurnReturned {}
            | Self::AttemptQueued { .. }
            | Self::SlotsTaken { .. }
            | Self::SlotsReturned { .. }
            | Self::BuildRequested { .. }
            | Self::BuildDeferred { .. }
            | Self::BuildClaimed { .. }
            | Self::ReleaseSealed { .. }
            | Self::ApprovalMailed { .. }
            | Self::ApprovalNotMailed { .. }
            | Self::LaneWanted { .. }
            | Self::LaneTaken { .. }
            | Self::DeployAuthorised { .. }
            | Self::StageStopped { .. }
            | Self::StageSettled { .. }
            | Self::LaneReturned { .. } => false,
        }
    }
}
