//! Purpose: one push on a calm day, from its delivery until everything has come to rest, with a ledger of all that it took.

use super::driver::calm;
use super::ledger::Entry;
use super::recipe::Recipe;
use super::report::{Stats, Violation};
use super::scenario::Scenario;

/// The push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Road {
    /// Jobs of its pipeline, each with an artifact; the second needs the first. As many have a place at once.
    pub jobs: usize,
    /// Whether it goes on to staging and, after one approval, to production.
    pub deploys: bool,
}

/// What it took.
#[derive(Clone, Debug)]
pub struct Taken {
    pub stats: Stats,
    pub entries: Vec<Entry>,
}

impl Road {
    /// Takes the road.
    ///
    /// # Errors
    /// The law that did not hold.
    pub fn take(self) -> Result<Taken, Violation> {
        let mut recipe = Recipe::full_road();
        recipe.jobs = self.jobs;
        if !self.deploys {
            recipe.staging = false;
            recipe.production = None;
        }
        let (outcome, entries) = calm(Scenario::one_push(recipe, self.jobs.max(1)));
        match outcome.violation {
            Some(violation) => Err(violation),
            None => Ok(Taken {
                stats: outcome.stats,
                entries,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_road_ends_well_and_is_the_same_each_time() {
        for deploys in [false, true] {
            let road = Road { jobs: 3, deploys };
            let taken = road.take().unwrap();
            assert_eq!(taken.stats.succeeded, 1);
            assert_eq!(taken.stats.deploys, if deploys { 2 } else { 0 });
            let commits = |entry: &&Entry| matches!(entry, Entry::Committed(_));
            let commits = taken.entries.iter().filter(commits).count();
            assert_eq!(commits as u64, taken.stats.commits);
            let again = road.take().unwrap();
            assert_eq!(again.entries.len(), taken.entries.len());
        }
    }
}
