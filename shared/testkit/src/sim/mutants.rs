//! Purpose: what the simulator is worth: each guard is switched off in turn, and some seed has to notice.

use domain::guard::{Guard, without};

use super::driver::{Options, run_seed};

/// One guard switched off.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub guard: Guard,
    /// Seeds that noticed, and the laws that did not hold.
    pub caught: Vec<(u64, &'static str)>,
    /// Seeds that were tried.
    pub tried: u64,
}

/// Tries seeds from `first` without this guard until `enough` have noticed, at most `seeds`.
pub fn hunt(guard: Guard, first: u64, seeds: u64, enough: usize) -> Mutant {
    let mut mutant = Mutant {
        guard,
        caught: Vec::new(),
        tried: 0,
    };
    for seed in first..first.saturating_add(seeds) {
        if mutant.caught.len() >= enough {
            break;
        }
        mutant.tried += 1;
        let outcome = without(Some(guard), || run_seed(seed, Options::default()));
        if let Some(violation) = outcome.violation {
            mutant.caught.push((seed, violation.law));
        }
    }
    mutant
}
