//! Purpose: row 7: what a pipeline of ten jobs writes.

use testkit::sim::road::Road;

use crate::Error;
use crate::counts::{Units, of, take};
use crate::table::Row;

/// Commits that a pipeline of ten jobs may take.
pub const GOAL_OF_COMMITS: u64 = 40;

/// The roads of ten jobs, and what they write.
pub(crate) fn roads() -> Result<[(&'static str, Units); 2], Error> {
    let units = |deploys| of(&take(Road { jobs: 10, deploys })?.entries);
    Ok([
        ("ten jobs", units(false)?),
        ("ten jobs, staging, production", units(true)?),
    ])
}

pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for (name, units) in roads()? {
        let commits = Row::of(7, format!("commits of a pipeline: {name}"))
            .pair(
                units.commits.to_string(),
                GOAL_OF_COMMITS.to_string(),
                units.commits as f64 / GOAL_OF_COMMITS as f64,
            )
            .goal(
                format!("≤ {GOAL_OF_COMMITS}"),
                units.commits <= GOAL_OF_COMMITS,
            );
        let written = Row::of(7, format!("write units of its transactions: {name}")).pair(
            units.transactions.to_string(),
            format!("{}, were every item below 1 KB", units.least),
            units.transactions as f64 / units.least as f64,
        );
        rows.extend([commits, written]);
    }
    Ok(rows)
}
