//! Purpose: what is deployed where, who may deploy now, who waits, and what happened lately.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{CommitSha, Digest, EnvironmentName, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::lane::{self, Deployed, Event};
use domain::run;
use jiff::Timestamp;
use serde::Serialize;

use super::Reads;
use super::names::{Names, RepositoryRef, Who, commit_of, repository_ref};
use crate::codec;
use crate::fault::Fault;
use crate::freeze::freeze;
use crate::ports::{Head, Record};

/// Environments of all repositories that one page shows at most.
pub const MAX_ENVIRONMENTS: usize = 500;
/// Lines of history of one environment.
pub const MAX_LANE_LINES: usize = 20;
/// Commits that are read to find them.
const MAX_LANE_COMMITS: u64 = 100;

/// All environments.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentsView {
    pub repositories: Vec<RepositoryEnvironments>,
    /// Whether there are more than [`MAX_ENVIRONMENTS`], of which the oldest are not here.
    pub cut: bool,
    pub at_ms: i64,
}

/// The environments of one repository, in the order in which they were first deployed to.
#[derive(Clone, Debug, Serialize)]
pub struct RepositoryEnvironments {
    pub repository: RepositoryRef,
    /// Why no deploy of it may begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen: Option<FrozenView>,
    pub environments: Vec<EnvironmentView>,
}

/// Deploys that somebody has frozen.
#[derive(Clone, Debug, Serialize)]
pub struct FrozenView {
    /// `None` = somebody at the machine's own command line.
    pub by: Option<Who>,
    pub reason: Option<String>,
    pub since_ms: i64,
}

/// One environment.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentView {
    pub environment: EnvironmentName,
    /// The release that was last deployed with success.
    pub deployed: Option<DeployedView>,
    /// Why it is not known whether the environment still is what `deployed` says.
    pub doubt: Option<String>,
    /// The run that may deploy now.
    pub holder: Option<HolderView>,
    /// Runs that wait for their turn, in order.
    pub waiting: Vec<RunId>,
    pub fence: u64,
    /// Newest first.
    pub history: Vec<LaneLine>,
}

/// What is deployed.
#[derive(Clone, Debug, Serialize)]
pub struct DeployedView {
    pub release: Digest,
    pub commit: CommitSha,
    pub title: Option<String>,
    pub run: RunId,
    /// Who started that run.
    pub who: Option<Who>,
    pub at_ms: i64,
}

/// Who may deploy.
#[derive(Clone, Debug, Serialize)]
pub struct HolderView {
    pub run: RunId,
    pub fence: u64,
    pub since_ms: Option<i64>,
    pub status: Option<String>,
}

/// One line of an environment's history.
#[derive(Clone, Debug, Serialize)]
pub struct LaneLine {
    pub at_ms: i64,
    pub run: RunId,
    /// `deploying`, or how it ended: `deployed`, `failed`, `rolled back` …
    pub status: String,
    pub why: Option<String>,
    pub release: Option<Digest>,
    pub commit: Option<CommitSha>,
    pub fence: u64,
}

/// All environments in which anything was ever deployed, or was about to be.
pub async fn environments(reads: &Reads<'_>, at: Timestamp) -> Result<EnvironmentsView, Fault> {
    let mut heads = reads
        .journal
        .heads("lane/", None, MAX_ENVIRONMENTS + 1)
        .await?;
    let cut = heads.len() > MAX_ENVIRONMENTS;
    heads.truncate(MAX_ENVIRONMENTS);
    let mut names = Names::new(reads.people);
    let mut found: BTreeMap<RepositoryId, Vec<EnvironmentView>> = BTreeMap::new();
    // Newest first is how they come.
    for head in heads.iter().rev() {
        let Some((repository, environment)) = place_of(head) else {
            continue;
        };
        let view = environment_view(reads, &mut names, repository, environment, head).await?;
        found.entry(repository).or_default().push(view);
    }
    let mut repositories = Vec::new();
    for (id, environments) in found {
        repositories.push(RepositoryEnvironments {
            repository: repository_ref(reads, id).await,
            frozen: frozen_view(reads, &mut names, id).await?,
            environments,
        });
    }
    repositories.sort_by(|one, other| one.repository.name.cmp(&other.repository.name));
    Ok(EnvironmentsView {
        repositories,
        cut,
        at_ms: at.as_millisecond(),
    })
}

async fn frozen_view(
    reads: &Reads<'_>,
    names: &mut Names<'_>,
    repository: RepositoryId,
) -> Result<Option<FrozenView>, Fault> {
    let Some(freeze) = freeze(reads.journal, repository).await? else {
        return Ok(None);
    };
    names.learn(freeze.by).await;
    Ok(Some(FrozenView {
        by: freeze.by.map(|id| names.who(id)),
        reason: freeze.reason,
        since_ms: freeze.at.as_millisecond(),
    }))
}

fn place_of(head: &Head) -> Option<(RepositoryId, EnvironmentName)> {
    let (_, name) = head.stream.rest().split_once('/')?;
    Some((head.stream.repository_id()?, EnvironmentName::new(name)))
}

async fn environment_view(
    reads: &Reads<'_>,
    names: &mut Names<'_>,
    repository: RepositoryId,
    environment: EnvironmentName,
    head: &Head,
) -> Result<EnvironmentView, Fault> {
    let summary: lane::Summary =
        serde_json::from_value(head.summary.clone()).map_err(|error| Fault::Corrupt {
            stream: head.stream.clone(),
            commit: head.number,
            why: format!("its summary cannot be read: {error}"),
        })?;
    let after = head.number.saturating_sub(MAX_LANE_COMMITS);
    let records = reads.journal.read(&head.stream, after).await?;
    let deployed = match &summary.deployed {
        Some(deployed) => Some(deployed_view(reads, names, repository, deployed).await?),
        None => None,
    };
    let holder = match &summary.holder {
        Some(run) => {
            let stream = StreamId::run(repository, run);
            let status = run_summary(reads, &stream).await?.map(|run| run.status);
            Some(HolderView {
                run: run.clone(),
                fence: summary.fence,
                since_ms: granted_ms(&records, summary.fence),
                status,
            })
        }
        None => None,
    };
    Ok(EnvironmentView {
        environment,
        deployed,
        doubt: summary.doubt,
        holder,
        waiting: summary.waiting,
        fence: summary.fence,
        history: lane_lines(&records),
    })
}

async fn deployed_view(
    reads: &Reads<'_>,
    names: &mut Names<'_>,
    repository: RepositoryId,
    deployed: &Deployed,
) -> Result<DeployedView, Fault> {
    let stream = StreamId::run(repository, &deployed.run);
    let parties = run_summary(reads, &stream).await?.map(|run| run.parties);
    let person = parties.and_then(|parties| parties.initiator.or(parties.author));
    names.learn(person).await;
    let told = commit_of(reads, repository, &deployed.commit).await;
    Ok(DeployedView {
        release: deployed.release.clone(),
        commit: deployed.commit.clone(),
        title: told.map(|commit| commit.title),
        run: deployed.run.clone(),
        who: person.map(|id| names.who(id)),
        at_ms: deployed.at.as_millisecond(),
    })
}

async fn run_summary(reads: &Reads<'_>, stream: &StreamId) -> Result<Option<run::Summary>, Fault> {
    let head = reads.journal.head(stream).await?;
    Ok(head.and_then(|head| serde_json::from_value(head.summary).ok()))
}

/// The lane's events that this program knows; reading decides nothing, so another is left out.
fn known(records: &[Record]) -> impl Iterator<Item = (&Record, Event)> {
    records.iter().flat_map(|record| {
        let events = record.events.iter();
        events.filter_map(move |stored| Some((record, codec::decode::<Event>(stored).ok()?)))
    })
}

fn granted_ms(records: &[Record], wanted: u64) -> Option<i64> {
    known(records)
        .filter_map(|(_, event)| match event {
            Event::Granted { fence, at, .. } if fence == wanted => Some(at.as_millisecond()),
            _ => None,
        })
        .last()
}

fn lane_lines(records: &[Record]) -> Vec<LaneLine> {
    let mut lines = Vec::new();
    let mut returned = BTreeSet::new();
    let mut events: Vec<(&Record, Event)> = known(records).collect();
    events.reverse();
    for (record, event) in events {
        if lines.len() == MAX_LANE_LINES {
            break;
        }
        let line = |run: RunId, status: &str, fence| LaneLine {
            at_ms: record.at_ms,
            run,
            status: status.to_owned(),
            why: None,
            release: None,
            commit: None,
            fence,
        };
        match event {
            Event::Returned {
                run,
                fence,
                outcome,
                deployed,
            } => {
                returned.insert(fence);
                lines.push(LaneLine {
                    why: outcome.why().map(str::to_owned),
                    release: deployed.as_ref().map(|d| d.release.clone()),
                    commit: deployed.map(|deployed| deployed.commit),
                    ..line(run, outcome.word(), fence)
                });
            }
            Event::Reclaimed { run, fence } => {
                returned.insert(fence);
                lines.push(line(run, "reclaimed", fence));
            }
            // A turn that was given back has its line already.
            Event::Granted { run, fence, .. } if !returned.contains(&fence) => {
                lines.push(line(run, "deploying", fence));
            }
            Event::Granted { .. } | Event::Queued { .. } | Event::Left { .. } => {}
        }
    }
    lines
}
