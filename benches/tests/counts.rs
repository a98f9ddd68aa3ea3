//! Purpose: the counts of the table, held in every test run: calls until a build starts, commits and write units of a pipeline.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use benches::counts::{of, take, until_first_build};
use testkit::sim::road::Road;

/// What a pipeline takes: commits, and write units of their transactions. Less is progress, and belongs in here.
const TAKEN: [(Road, u64, u64); 2] = [
    (
        Road {
            jobs: 10,
            deploys: false,
        },
        55,
        236,
    ),
    (
        Road {
            jobs: 10,
            deploys: true,
        },
        89,
        374,
    ),
];

#[test]
fn a_pipeline_of_ten_jobs_takes_as_many_commits_and_units_as_it_did() {
    for (road, commits, writes) in TAKEN {
        let units = of(&take(road).unwrap().entries).unwrap();
        assert_eq!(
            (units.commits, units.transactions),
            (commits, writes),
            "{road:?}: {units:?}"
        );
        assert_eq!(units.least, 4 * commits);
    }
}

/// Nearly every item is below one kilobyte, so a commit costs no more than it must.
#[test]
fn commits_are_small() {
    for (road, ..) in TAKEN {
        let units = of(&take(road).unwrap().entries).unwrap();
        assert!(
            units.transactions * 100 <= units.least * 110,
            "{road:?}: {units:?}"
        );
    }
}

#[test]
fn a_build_is_asked_for_after_so_many_calls() {
    let road = Road {
        jobs: 1,
        deploys: false,
    };
    let calls = until_first_build(&take(road).unwrap().entries);
    assert_eq!(calls.len(), 57, "{calls:?}");
    assert_eq!(calls.first(), Some(&"PutItem"));
    assert_eq!(calls.last(), Some(&"StartBuild"));
}
