//! Purpose: a plan cut down to some of its jobs and what these need.

use std::collections::BTreeSet;

use crate::ids::JobId;
use crate::plan::{Plan, PlannedJob};

/// The ids of the job of this name (every cell of its matrix) or of this cell; empty when there is none.
pub fn named(jobs: &[PlannedJob], wanted: &str) -> BTreeSet<JobId> {
    let named = jobs
        .iter()
        .filter(|job| job.name == wanted || job.id.as_str() == wanted);
    named.map(|job| job.id.clone()).collect()
}

/// These jobs and all that they need.
pub fn with_needs(jobs: &[PlannedJob], mut wanted: BTreeSet<JobId>) -> BTreeSet<JobId> {
    // Each job comes after what it needs, so that one walk from the end finds all.
    for job in jobs.iter().rev() {
        if wanted.contains(&job.id) {
            wanted.extend(job.needs.iter().cloned());
        }
    }
    wanted
}

/// Skips the jobs that are good already and that no other needs: `why` says where they succeeded.
pub fn skip_good(plan: &mut Plan, good: &BTreeSet<JobId>, why: &str) {
    let open = plan.jobs.iter().map(|job| &job.id);
    let open = open.filter(|id| !good.contains(*id)).cloned().collect();
    let kept = with_needs(&plan.jobs, open);
    for job in &mut plan.jobs {
        if !kept.contains(&job.id) && job.skip.is_none() {
            job.skip = Some(why.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
