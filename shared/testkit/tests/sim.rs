//! Purpose: the simulator as a test: seeds without a violation, every crash point of one road, every mutant caught.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use domain::guard::Guard;
use testkit::sim::crash::every_crash;
use testkit::sim::mutants::hunt;
use testkit::sim::{Options, Stats, run_seed};

/// Seeds that every test run goes through.
const SEEDS: u64 = 2_000;
/// Seeds that a mutant is given; far more than any has needed.
const MUTANT_SEEDS: u64 = 3_000;

/// Does it for every number below `total`, on every processor.
fn for_all(total: u64, each: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= total {
                        break;
                    }
                    each(number);
                }
            });
        }
    });
}

#[test]
fn no_seed_breaks_a_law() {
    let sum = Mutex::new(Stats::default());
    let violations = Mutex::new(Vec::new());
    for_all(SEEDS, |seed| {
        let outcome = run_seed(seed, Options::default());
        sum.lock().unwrap().add(&outcome.stats);
        if let Some(violation) = outcome.violation {
            violations
                .lock()
                .unwrap()
                .push(format!("seed {seed}: {violation}"));
        }
    });
    let violations = violations.into_inner().unwrap();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    // A simulation in which little happens proves little.
    let sum = sum.into_inner().unwrap();
    assert!(sum.runs > SEEDS, "{sum:?}");
    assert!(sum.succeeded > SEEDS / 4, "{sum:?}");
    assert!(sum.deploys > SEEDS, "{sum:?}");
    for count in [
        sum.crashes,
        sum.ambiguous,
        sum.failed_calls,
        sum.duplicates,
        sum.lost_messages,
    ] {
        assert!(count > SEEDS, "{sum:?}");
    }
    assert!(sum.refused > 100, "{sum:?}");
}

#[test]
fn the_same_seed_gives_the_same_log() {
    for seed in 0..40 {
        let options = Options {
            trace: true,
            ..Options::default()
        };
        let (one, two) = (run_seed(seed, options), run_seed(seed, options));
        assert_eq!(one.fingerprint, two.fingerprint, "seed {seed}");
        assert_eq!(one.trace, two.trace, "seed {seed}");
        assert_eq!(one.stats, two.stats, "seed {seed}");
        let silent = run_seed(seed, Options::default());
        assert_eq!(
            one.fingerprint, silent.fingerprint,
            "the trace of seed {seed} changes it"
        );
    }
}

fn no_crash_point_is_bad(whole_process: bool) {
    let bad = Mutex::new(Vec::new());
    let points = AtomicU64::new(0);
    const PARTS: u64 = 16;
    for_all(PARTS, |part| {
        let crashes = every_crash(0, whole_process, part, PARTS);
        points.store(crashes.points, Ordering::Relaxed);
        bad.lock().unwrap().extend(crashes.bad);
    });
    let bad = bad.into_inner().unwrap();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(points.into_inner() > 500);
}

#[test]
fn a_task_may_crash_at_every_point_of_a_full_road() {
    no_crash_point_is_bad(false);
}

#[test]
fn the_process_may_crash_at_every_point_of_a_full_road() {
    no_crash_point_is_bad(true);
}

#[test]
fn every_mutant_is_caught() {
    let survivors = Mutex::new(Vec::new());
    for_all(Guard::ALL.len() as u64, |index| {
        let guard = Guard::ALL[usize::try_from(index).unwrap()];
        let mutant = hunt(guard, 0, MUTANT_SEEDS, 1);
        if mutant.caught.is_empty() {
            survivors.lock().unwrap().push(guard);
        }
    });
    let survivors = survivors.into_inner().unwrap();
    assert!(
        survivors.is_empty(),
        "no seed notices that these are gone: {survivors:?}"
    );
}
