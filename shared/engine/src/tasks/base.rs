//! Purpose: the findings that the base branch has already: those of its latest good run of the same job.

use std::collections::BTreeSet;

use domain::kernel::StreamId;
use domain::plan::{ReportKind, Trigger};
use domain::run::{Attempt, EndFacts, Opening, Run, Summary, TaskId};

use super::Tasks;
use super::outcome::readable;
use crate::fault::Fault;
use crate::load::load;
use crate::ports::{Head, HeadCursor};

/// Runs of the repository whose summaries are looked through, newest first.
const MAX_HEADS: usize = 500;
/// Summaries that are fetched at once.
const PAGE: usize = 100;
/// Runs of the base branch that are read whole.
const MAX_RUNS_READ: usize = 20;

/// The fingerprints; `None` when no such run was found within these bounds.
pub(super) async fn known_findings(
    tasks: &Tasks<'_>,
    stream: &StreamId,
    run: &Run,
    attempt: &Attempt,
) -> Result<Option<BTreeSet<String>>, Fault> {
    let Some(opening) = &run.opening else {
        return Ok(None);
    };
    let prefix = format!("run/{}/", opening.repository);
    let mut cursor: Option<HeadCursor> = None;
    let mut read = 0;
    for _ in 0..MAX_HEADS / PAGE {
        let page = tasks.journal.heads(&prefix, cursor.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        cursor = Some(last.cursor());
        let candidates = page
            .iter()
            .filter(|head| head.stream != *stream && is_of_base(opening, head));
        for head in candidates {
            if read == MAX_RUNS_READ {
                return Ok(None);
            }
            read += 1;
            if let Some(known) = findings_in(tasks, head, &attempt.task).await? {
                return Ok(Some(known));
            }
        }
    }
    Ok(None)
}

/// Whether a run of the base branch has run jobs, as far as its summary tells.
fn is_of_base(opening: &Opening, head: &Head) -> bool {
    let Ok(other) = serde_json::from_value::<Summary>(head.summary.clone()) else {
        return false;
    };
    let same_place = match &opening.trigger {
        Trigger::PullRequest { base, .. } | Trigger::MergeGroup { base, .. } => {
            other.reference == format!("refs/heads/{base}")
        }
        // What a tag adds is told from the tags before it.
        Trigger::Tag { .. } => other.event == opening.trigger.event(),
        Trigger::Push { .. } | Trigger::Schedule { .. } | Trigger::Manual { .. } => {
            other.reference == opening.reference
        }
    };
    let is_proposed = ["pull_request", "merge_group"].contains(&other.event.as_str());
    same_place && !is_proposed && other.jobs_done > 0
}

/// A run that cannot be read is no base: whoever works on it stops it.
async fn findings_in(
    tasks: &Tasks<'_>,
    head: &Head,
    task: &TaskId,
) -> Result<Option<BTreeSet<String>>, Fault> {
    match readable(load::<Run>(tasks.journal, &head.stream).await)? {
        Ok(loaded) => findings_of(tasks, good_end(&loaded.state, task)).await,
        Err(why) => {
            tracing::warn!(stream = %head.stream, why, "a run cannot be read, so it is no base");
            Ok(None)
        }
    }
}

fn good_end<'r>(run: &'r Run, task: &TaskId) -> Option<&'r EndFacts> {
    run.tasks
        .get(task)?
        .last_end()
        .filter(|end| end.verdict.is_good())
}

/// The fingerprints of an end's findings; `None` when one of its reports cannot be read any more, since findings that are
/// missing here would be called new there.
async fn findings_of(
    tasks: &Tasks<'_>,
    end: Option<&EndFacts>,
) -> Result<Option<BTreeSet<String>>, Fault> {
    let Some(end) = end else { return Ok(None) };
    let mut known = BTreeSet::new();
    for report in end
        .reports
        .iter()
        .filter(|report| report.kind == Some(ReportKind::Sarif))
    {
        let Some(digest) = &report.source else {
            continue;
        };
        let bytes = match readable(tasks.blobs.get(digest).await)? {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(why) => {
                tracing::warn!(path = report.path, why, "a base report cannot be read");
                return Ok(None);
            }
        };
        match reports::fingerprints(&bytes, &reports::Known::default()) {
            Ok(fingerprints) => known.extend(fingerprints),
            Err(why) => {
                tracing::warn!(path = report.path, %why, "a base report is unreadable");
                return Ok(None);
            }
        }
    }
    Ok(Some(known))
}
