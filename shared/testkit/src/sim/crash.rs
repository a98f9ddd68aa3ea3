//! Purpose: every crash point of one full road, one by one: push, staging, approval, production.

use super::driver::{Options, run_seed};
use super::report::Violation;

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Crashes {
    /// Steps of the road without a crash: so many points there are.
    pub points: u64,
    /// Points after which a law did not hold, or the run did not succeed with both environments deployed once.
    pub bad: Vec<(u64, String)>,
}

/// Takes the same full road once for each of its steps (those with `step % of == part`), each time with one crash there: of
/// the task that was about to go on, or of the whole process.
pub fn every_crash(seed: u64, whole_process: bool, part: u64, of: u64) -> Crashes {
    let road = |at: u64| {
        let options = Options {
            crash_at: Some(at),
            whole_process,
            trace: false,
        };
        run_seed(seed, options)
    };
    let calm = road(u64::MAX);
    let mut crashes = Crashes {
        points: calm.stats.steps,
        bad: Vec::new(),
    };
    let wrong = |violation: Option<Violation>, succeeded: u64, deploys: u64| match violation {
        Some(violation) => Some(violation.to_string()),
        None if succeeded != 1 => Some("the run did not succeed".to_owned()),
        None if deploys != 2 => Some(format!("{deploys} deploys ran, not 2")),
        None => None,
    };
    if let Some(why) = wrong(calm.violation, calm.stats.succeeded, calm.stats.deploys) {
        crashes.bad.push((u64::MAX, why));
        return crashes;
    }
    for at in (1..=crashes.points).filter(|at| at % of.max(1) == part) {
        let outcome = road(at);
        let stats = outcome.stats;
        if let Some(why) = wrong(outcome.violation, stats.succeeded, stats.deploys) {
            crashes.bad.push((at, why));
        }
    }
    crashes
}
