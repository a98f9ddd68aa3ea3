//! Purpose: what can be asked of a run, and the rules that say no.

use jiff::Timestamp;

use super::event::{Decision, Opening};
use super::task::{Attempt, EndFacts};
use crate::ids::{BuildId, CommitSha, EnvironmentName, PersonId, RunId};
use crate::lane::Deployed;

/// A wish about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Open(Box<Opening>),
    /// Somebody releases the commit of a stranger, who asked for that very commit.
    Trust {
        commit: CommitSha,
        by: PersonId,
    },
    /// The concurrency group lets it go on.
    TakeTurn,
    /// The branch has moved on to a commit whose run is here already.
    Supersede {
        by: RunId,
    },
    TurnReturned,
    GrantSlots(Vec<Attempt>),
    SlotsReturned(Vec<Attempt>),
    /// The host of builds cannot start it now.
    DeferBuild {
        attempt: Attempt,
        why: String,
        until: Timestamp,
        /// Somebody wants it to wait: the time that it has to start begins anew.
        frozen: bool,
    },
    /// The host of builds will never start it.
    RefuseBuild {
        attempt: Attempt,
        why: String,
    },
    BuildStarted {
        attempt: Attempt,
        build: BuildId,
    },
    /// The first step of a build asks whether it may run code of the repository.
    Claim {
        attempt: Attempt,
        build: BuildId,
    },
    /// A build was seen to have ended.
    BuildEnded {
        attempt: Attempt,
        build: BuildId,
        end: Box<EndFacts>,
    },
    OpenApproval {
        environment: EnvironmentName,
        approvers: Vec<PersonId>,
        excluded: Vec<PersonId>,
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
    Decide {
        environment: EnvironmentName,
        decision: Decision,
    },
    GrantLane {
        environment: EnvironmentName,
        fence: u64,
        previous: Option<Deployed>,
    },
    /// Signatures and membership were read again; these people's decisions are good.
    Authorise {
        environment: EnvironmentName,
        approvers: Vec<PersonId>,
    },
    Settled {
        environment: EnvironmentName,
    },
    LaneReturned {
        environment: EnvironmentName,
    },
    Cancel {
        by: Option<PersonId>,
        reason: String,
    },
    /// Nobody waits for its outcome any more: it is cancelled if nothing of it is at work.
    Withdraw {
        reason: String,
    },
    /// The jobs that have not begun are not run.
    Skip {
        by: PersonId,
        /// What the wish is known by when it is brought again.
        wish: String,
    },
}

/// Why a run says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("there is no such run")]
    NoRun,
    #[error("the run has ended ({0})")]
    Finished(&'static str),
    #[error("the run is about another commit, {0}")]
    OtherCommit(CommitSha),
    #[error("every job of it has begun")]
    NothingToSkip,
    #[error("attempt {0} is not waiting for that")]
    NotCurrent(Attempt),
    #[error("attempt {0} belongs to another build")]
    ClaimedByOther(Attempt),
    #[error("attempt {attempt} has ended; this claim comes too late")]
    ClaimTooLate { attempt: Attempt },
    #[error("it may not begin: {0}")]
    NotPermitted(String),
    #[error("the pipeline has no environment `{0}` in this run")]
    NoEnvironment(EnvironmentName),
    #[error("nothing waits for an approval of {0}")]
    NoApproval(EnvironmentName),
    #[error("the approval of {0} has expired")]
    ApprovalExpired(EnvironmentName),
    #[error("that decision is for another release; this approval is for {0}")]
    OtherRelease(String),
    #[error("you may not decide about {0}: you are not one of its approvers")]
    NotAnApprover(EnvironmentName),
    #[error("you may not decide about {0}: you started or wrote this change yourself")]
    OwnChange(EnvironmentName),
    #[error("you have decided about {0} already")]
    DecidedAlready(EnvironmentName),
    #[error("it has begun {0}, which needs an approval, and is not superseded any more")]
    TooLateToSupersede(EnvironmentName),
}
