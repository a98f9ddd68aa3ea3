//! Purpose: the names of the guards that keep the machine safe, so that the simulator can switch each one off and show that
//! it is needed.
//!
//! In every build that a user runs, [`holds`] is the condition itself. The feature `mutants`, which only the simulator turns
//! on, adds a switch per thread.

/// A rule whose absence the simulator must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// S3: the first claim of an intent wins.
    FirstClaimWins,
    /// S3: an intent that has ended takes no claim.
    LateClaimRefused,
    /// S4: a claimed deploy is never repeated by itself.
    DeployNeverRepeated,
    /// S5: a lane has one holder.
    LaneIsExclusive,
    /// S10: a lane goes back only after its target has settled.
    LaneWaitsForSettling,
    /// S10: a lane is taken back only from a run that no longer uses it.
    LaneReclaimNeedsEnd,
    /// S11: every grant has a higher fence.
    FenceGrows,
    /// S6: a deploy that needs an approval waits for it.
    DeployNeedsApproval,
    /// S6: an approval ends at its expiry.
    ApprovalExpires,
    /// S6, S7: a decision holds for the release that it names, and no other.
    DecisionBindsRelease,
    /// S6: only the people of the policy decide, and never those it excludes.
    DeciderIsEligible,
    /// S6: decisions are checked again when the lane has been taken.
    DeployIsAuthorised,
    /// S8: one decision per person.
    OneDecisionPerPerson,
    /// S9: a finished run takes no command.
    FinishedStaysFinished,
    /// S15: a superseded run starts no deploy.
    SupersededStartsNoDeploy,
    /// A run that has begun an environment with an approval is not superseded any more.
    ProductionIsNotSuperseded,
    /// A pool never grants more places than it has.
    PoolIsBounded,
    /// S17: a delivery whose signature is wrong changes nothing.
    SignatureIsChecked,
    /// S12: a delivery is durable before it is answered.
    DurableBeforeAnswer,
    /// S19: environments and their approvals are those of the default branch.
    DefaultBranchDecides,
    /// S20: code of a stranger waits until somebody has released it.
    StrangersWait,
    /// S21: while deploys are frozen, none begins.
    FreezeStopsDeploys,
    /// S22: whether a pull request is closed is asked before anything is ended for it.
    ClosedIsAskedAnew,
    /// L1: what waits for a pull request that was closed ends.
    ClosedEndsWaiting,
    /// S20, S23: what is to be merged is deployed nowhere.
    ProposedIsNotDeployed,
    /// S24: while somebody holds a pull request, nothing on GitHub lets it be merged.
    HoldStopsMerge,
    /// S25: what was said of one commit of a pull request holds at no other.
    WordBindsCommit,
    /// S26: a run whose jobs somebody has skipped has not passed.
    SkippedIsNotPassed,
    /// L6: a delivery that did not arrive is fetched.
    MissedDeliveryIsFetched,
    /// L5: what may be on GitHub already is looked for before it is created.
    LookBeforeCreate,
    /// L5: an update of GitHub is made by the call that intended it.
    UpdateHasOneCaller,
}

impl Guard {
    /// All of them.
    pub const ALL: [Self; 31] = [
        Self::FirstClaimWins,
        Self::LateClaimRefused,
        Self::DeployNeverRepeated,
        Self::LaneIsExclusive,
        Self::LaneWaitsForSettling,
        Self::LaneReclaimNeedsEnd,
        Self::FenceGrows,
        Self::DeployNeedsApproval,
        Self::ApprovalExpires,
        Self::DecisionBindsRelease,
        Self::DeciderIsEligible,
        Self::DeployIsAuthorised,
        Self::OneDecisionPerPerson,
        Self::FinishedStaysFinished,
        Self::SupersededStartsNoDeploy,
        Self::ProductionIsNotSuperseded,
        Self::PoolIsBounded,
        Self::SignatureIsChecked,
        Self::DurableBeforeAnswer,
        Self::DefaultBranchDecides,
        Self::StrangersWait,
        Self::FreezeStopsDeploys,
        Self::ClosedIsAskedAnew,
        Self::ClosedEndsWaiting,
        Self::ProposedIsNotDeployed,
        Self::HoldStopsMerge,
        Self::WordBindsCommit,
        Self::SkippedIsNotPassed,
        Self::MissedDeliveryIsFetched,
        Self::LookBeforeCreate,
        Self::UpdateHasOneCaller,
    ];
}

/// Whether the guarded step may go on: the condition, unless the simulator has switched this guard off.
#[inline]
pub fn holds(guard: Guard, condition: bool) -> bool {
    #[cfg(feature = "mutants")]
    if switch::is_off(guard) {
        return true;
    }
    #[cfg(not(feature = "mutants"))]
    let _ = guard;
    condition
}

#[cfg(feature = "mutants")]
pub use switch::without;

#[cfg(feature = "mutants")]
mod switch {
    use std::cell::Cell;

    use super::Guard;

    thread_local! {
        static OFF: Cell<Option<Guard>> = const { Cell::new(None) };
    }

    pub(super) fn is_off(guard: Guard) -> bool {
        OFF.with(|off| off.get() == Some(guard))
    }

    /// Runs `body` with one guard (or none) switched off on this thread.
    pub fn without<T>(guard: Option<Guard>, body: impl FnOnce() -> T) -> T {
        struct Restore(Option<Guard>);
        impl Drop for Restore {
            fn drop(&mut self) {
                OFF.with(|off| off.set(self.0));
            }
        }
        let _restore = Restore(OFF.with(|off| off.replace(guard)));
        body()
    }
}
