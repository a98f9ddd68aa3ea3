//! Purpose: the list of runs: newest first, page by page, filtered.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::ids::{CommitSha, Digest, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::report::TestCounts;
use domain::run::{StageSummary, Summary};
use jiff::Timestamp;
use serde::Serialize;

use super::Reads;
use super::names::{Names, RepositoryRef, Who, commit_of, repository_ref};
use crate::fault::Fault;
use crate::ports::{Head, HeadCursor};

/// Runs that one page looks at to find those that the filter keeps; the page says so when it stopped there.
pub const MAX_LOOKED_AT: usize = 2_000;
/// Heads read at once while a filter is searched for.
const READ_AT_ONCE: usize = 200;

/// Which runs a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunsFilter {
    /// A repository's name or number.
    pub repository: Option<String>,
    /// A branch, a tag or a full ref.
    pub branch: Option<String>,
    /// A word of [`domain::run::Run::status`].
    pub status: Option<String>,
}

impl RunsFilter {
    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn keeps(&self, summary: &Summary) -> bool {
        let branch = self.branch.as_deref();
        branch.is_none_or(|branch| {
            branch == summary.reference || branch == short_reference(&summary.reference)
        }) && self
            .status
            .as_deref()
            .is_none_or(|status| status == summary.status)
    }
}

/// One page of runs.
#[derive(Clone, Debug, Serialize)]
pub struct RunsView {
    pub filter: RunsFilter,
    /// All repositories that the machine knows, to choose from.
    pub repositories: Vec<RepositoryRef>,
    pub runs: Vec<RunRow>,
    /// Where the next page goes on; `None` = there is nothing after this page.
    pub next: Option<String>,
    /// Why there may be more than is shown, or nothing at all.
    pub notice: Option<String>,
    pub at_ms: i64,
}

/// One run in a list.
#[derive(Clone, Debug, Serialize)]
pub struct RunRow {
    pub repository: RepositoryRef,
    pub run: RunId,
    pub status: String,
    pub headline: String,
    /// The full ref.
    pub reference: String,
    /// The branch or tag alone.
    pub branch: String,
    pub commit: Option<CommitSha>,
    pub title: Option<String>,
    pub event: String,
    /// Who started it; else who wrote the commit.
    pub who: Option<Who>,
    pub opened_ms: i64,
    pub finished_ms: Option<i64>,
    /// Until its end, or until now.
    pub duration_ms: u64,
    pub jobs_done: u32,
    pub jobs: u32,
    pub tests: TestCounts,
    pub release: Option<Digest>,
    pub stages: Vec<StageSummary>,
    /// Why nobody works on it any more.
    pub quarantine: Option<String>,
}

impl RunRow {
    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.finished_ms.is_some()
    }
}

/// `main` of `refs/heads/main`, `v1` of `refs/tags/v1`, `pull/7` of `refs/pull/7/head`.
pub fn short_reference(reference: &str) -> &str {
    let pull = reference
        .strip_prefix("refs/")
        .filter(|rest| rest.starts_with("pull/"));
    if let Some(pull) = pull {
        return pull
            .strip_suffix("/head")
            .or_else(|| pull.strip_suffix("/merge"))
            .unwrap_or(pull);
    }
    reference
        .strip_prefix("refs/heads/")
        .or_else(|| reference.strip_prefix("refs/tags/"))
        .unwrap_or(reference)
}

/// A place in the list as text, for links: `1700000000000-run/12/0a1b2c`.
pub fn show_cursor(cursor: &HeadCursor) -> String {
    format!("{}-{}", cursor.created_ms, cursor.stream)
}

fn read_cursor(text: &str) -> Option<HeadCursor> {
    let (created_ms, stream) = text.split_once('-')?;
    Some(HeadCursor {
        created_ms: created_ms.parse().ok()?,
        stream: StreamId::parse(stream)?,
    })
}

/// One page of at most `limit` runs that the filter keeps, after the place `after` if that is given.
///
/// A place that cannot be read is `Malformed`.
pub async fn runs(
    reads: &Reads<'_>,
    filter: &RunsFilter,
    after: Option<&str>,
    limit: usize,
    at: Timestamp,
) -> Result<RunsView, Fault> {
    let cursor = after
        .map(|text| read_cursor(text).ok_or_else(|| Fault::Malformed(no_place(text))))
        .transpose()?;
    let mut repositories: Vec<RepositoryRef> = reads
        .repositories
        .repositories()
        .await?
        .into_iter()
        .map(|known| RepositoryRef {
            id: known.id,
            name: known.name,
        })
        .collect();
    repositories.sort_by(|one, other| one.name.cmp(&other.name));
    let mut view = RunsView {
        filter: filter.clone(),
        repositories,
        runs: Vec::new(),
        next: None,
        notice: None,
        at_ms: at.as_millisecond(),
    };
    let Some(prefix) = prefix(&view.repositories, filter) else {
        let name = filter.repository.as_deref().unwrap_or_default();
        view.notice = Some(format!("No repository here has the name or number {name}."));
        return Ok(view);
    };
    let found = search(reads, filter, &prefix, cursor, limit).await?;
    view.next = found.next.as_ref().map(show_cursor);
    if found.gave_up {
        view.notice = Some(format!(
            "Looked at {MAX_LOOKED_AT} runs; older ones are on the next page."
        ));
    }
    view.runs = rows(reads, &view.repositories, &found.heads, at).await;
    Ok(view)
}

fn no_place(text: &str) -> String {
    format!("`after={text}` is no place in the list of runs; begin at the first page")
}

/// The streams to look at; `None` when the filter names a repository that is not known.
fn prefix(known: &[RepositoryRef], filter: &RunsFilter) -> Option<String> {
    let Some(wanted) = &filter.repository else {
        return Some("run/".to_owned());
    };
    let found = known
        .iter()
        .find(|repository| repository.name == *wanted)
        .or_else(|| known.iter().find(|r| r.id.to_string() == *wanted))?;
    Some(format!("run/{}/", found.id))
}

#[derive(Default)]
struct Found {
    heads: Vec<(Head, Summary)>,
    next: Option<HeadCursor>,
    gave_up: bool,
}

/// Reads heads until one more than the page is found, so that "there is more" is known and not guessed.
async fn search(
    reads: &Reads<'_>,
    filter: &RunsFilter,
    prefix: &str,
    mut cursor: Option<HeadCursor>,
    limit: usize,
) -> Result<Found, Fault> {
    let at_once = if filter.branch.is_none() && filter.status.is_none() {
        limit + 1
    } else {
        READ_AT_ONCE
    };
    let mut found = Found::default();
    let mut looked_at = 0;
    while looked_at < MAX_LOOKED_AT {
        let heads = reads
            .journal
            .heads(prefix, cursor.as_ref(), at_once)
            .await?;
        let last_page = heads.len() < at_once;
        for head in heads {
            looked_at += 1;
            cursor = Some(head.cursor());
            let summary = summary_of(&head);
            if !filter.keeps(&summary) {
                continue;
            }
            if found.heads.len() == limit {
                found.next = found.heads.last().map(|(head, _)| head.cursor());
                return Ok(found);
            }
            found.heads.push((head, summary));
        }
        if last_page {
            return Ok(found);
        }
    }
    found.gave_up = true;
    found.next = cursor;
    Ok(found)
}

/// A summary that this program cannot read is shown empty: a list must not fail because of one row.
fn summary_of(head: &Head) -> Summary {
    serde_json::from_value(head.summary.clone()).unwrap_or_else(|error| {
        tracing::warn!(%error, stream = %head.stream, "the summary of a run cannot be read");
        Summary::default()
    })
}

async fn rows(
    reads: &Reads<'_>,
    known: &[RepositoryRef],
    heads: &[(Head, Summary)],
    at: Timestamp,
) -> Vec<RunRow> {
    let mut names = Names::new(reads.people);
    let mut titles: BTreeMap<(RepositoryId, CommitSha), Option<String>> = BTreeMap::new();
    let mut rows = Vec::new();
    for (head, summary) in heads {
        let (Some(id), Some(run)) = (head.stream.repository_id(), head.stream.run_id()) else {
            continue;
        };
        let repository = match known.iter().find(|repository| repository.id == id) {
            Some(repository) => repository.clone(),
            None => repository_ref(reads, id).await,
        };
        let mut title = None;
        if let Some(commit) = &summary.commit {
            let key = (id, commit.clone());
            if !titles.contains_key(&key) {
                let told = commit_of(reads, id, commit).await.map(|told| told.title);
                titles.insert(key.clone(), told);
            }
            title = titles.get(&key).cloned().flatten();
        }
        let person = summary.parties.initiator.or(summary.parties.author);
        names.learn(person).await;
        let who = person.map(|id| names.who(id));
        rows.push(row(repository, run, title, who, head, summary, at));
    }
    rows
}

fn row(
    repository: RepositoryRef,
    run: RunId,
    title: Option<String>,
    who: Option<Who>,
    head: &Head,
    summary: &Summary,
    at: Timestamp,
) -> RunRow {
    let opened_ms = if summary.opened_ms == 0 {
        head.created_ms
    } else {
        summary.opened_ms
    };
    let end = summary.finished_ms.unwrap_or(at.as_millisecond());
    let unknown = summary.status.is_empty();
    RunRow {
        repository,
        run,
        status: if unknown { "unknown" } else { &summary.status }.to_owned(),
        headline: summary.headline.clone(),
        reference: summary.reference.clone(),
        branch: short_reference(&summary.reference).to_owned(),
        commit: summary.commit.clone(),
        title,
        event: summary.event.clone(),
        who,
        opened_ms,
        finished_ms: summary.finished_ms,
        duration_ms: u64::try_from(end.saturating_sub(opened_ms)).unwrap_or(0),
        jobs_done: summary.jobs_done,
        jobs: summary.jobs,
        tests: summary.tests,
        release: summary.release.clone(),
        stages: summary.stages.clone(),
        quarantine: head.quarantine.clone(),
    }
}
