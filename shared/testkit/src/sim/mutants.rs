//! Purpose: what the simulator is worth: each guard is switched off in turn, and some seed has to notice.

use domain::guard::{Guard, without};

use super::driver::{Options, run_seed};

/// One guard switched off.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub guard: Guard,
    /// Seeds that noticed, by the law that this guard stands for.
    pub caught: Vec<(u64, &'static str)>,
    /// Seeds in which another law did not hold: these do not count.
    pub elsewhere: Vec<(u64, &'static str)>,
    /// Seeds that were tried.
    pub tried: u64,
}

/// Tries seeds from `first` without this guard until `enough` have noticed, at most `seeds`.
pub fn hunt(guard: Guard, first: u64, seeds: u64, enough: usize) -> Mutant {
    let mut mutant = Mutant {
        guard,
        caught: Vec::new(),
        elsewhere: Vec::new(),
        tried: 0,
    };
    for seed in first..first.saturating_add(seeds) {
        if mutant.caught.len() >= enough {
            break;
        }
        mutant.tried += 1;
        let outcome = without(Some(guard), || run_seed(seed, Options::default()));
        if let Some(violation) = outcome.violation {
            let found = (seed, violation.law);
            if laws_of(guard).contains(&violation.law) {
                mutant.caught.push(found);
            } else {
                mutant.elsewhere.push(found);
            }
        }
    }
    mutant
}

/// The laws that a guard stands for: to be caught by another one is no proof of it.
fn laws_of(guard: Guard) -> &'static [&'static str] {
    match guard {
        Guard::FirstClaimWins | Guard::LateClaimRefused => &["S3"],
        Guard::DeployNeverRepeated => &["S4"],
        Guard::LaneIsExclusive => &["S5"],
        Guard::LaneWaitsForSettling | Guard::LaneReclaimNeedsEnd => &["S5", "S10"],
        Guard::FenceGrows => &["S11"],
        Guard::DeployNeedsApproval
        | Guard::ApprovalExpires
        | Guard::DecisionBindsRelease
        | Guard::DeciderIsEligible
        | Guard::DeployIsAuthorised => &["S6"],
        Guard::OneDecisionPerPerson => &["S8"],
        Guard::FinishedStaysFinished => &["S9"],
        Guard::SupersededStartsNoDeploy | Guard::ProductionIsNotSuperseded => &["S15"],
        Guard::PoolIsBounded => &["pool"],
        Guard::SignatureIsChecked => &["S17"],
        Guard::DurableBeforeAnswer => &["S12"],
        Guard::DefaultBranchDecides => &["S19"],
        Guard::StrangersWait => &["S20"],
        Guard::FreezeStopsDeploys => &["S21"],
        Guard::ClosedIsAskedAnew => &["S22"],
        Guard::ClosedEndsWaiting => &["L1"],
        Guard::ProposedIsNotDeployed => &["S20", "S23"],
        Guard::HoldStopsMerge => &["S24"],
        Guard::WordBindsCommit => &["S25"],
        Guard::SkippedIsNotPassed => &["S26"],
        Guard::MissedDeliveryIsFetched => &["L6"],
        Guard::LookBeforeCreate | Guard::UpdateHasOneCaller => &["L5"],
    }
}
