//! Purpose: builds, which are commands run at a commit by CodeBuild or by the process builder, and their logs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::{BuildId, CommitSha, Digest, EnvironmentName, RepositoryId, RunId};
use domain::plan::{ArtifactSpec, CacheSpec, ReportKind, ReportSpec, Step, Trigger};
pub use domain::release::{Artifact, ArtifactFile};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// Whose code a build runs. What code of less trust leaves behind is never given to code of more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// What the repository has on a branch or under a tag.
    #[default]
    Repository,
    /// What a pull request proposes.
    PullRequest { number: u64 },
}

impl Trust {
    /// Of the code that this trigger runs.
    pub fn of(trigger: &Trigger) -> Self {
        match trigger {
            Trigger::PullRequest { number, .. } => Self::PullRequest { number: *number },
            Trigger::Push { .. }
            | Trigger::Tag { .. }
            | Trigger::Schedule { .. }
            | Trigger::Manual { .. }
            // Only who may write to the repository puts something into its queue.
            | Trigger::MergeGroup { .. } => Self::Repository,
        }
    }
}

/// Everything that a build needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRequest {
    /// The identity of the effect: `<run>/<task>~<attempt>`. Starting it twice may make two builds; one of them claims.
    pub intent: String,
    pub repository: RepositoryId,
    pub run: RunId,
    pub commit: CommitSha,
    /// Caches are kept apart by it. Records of builds that ended before there was this field have none.
    #[serde(default)]
    pub trust: Trust,
    pub step: Step,
    /// `SLIPWAY_…` variables: facts of the run, text of the commit among them. They win over the step's.
    pub facts: BTreeMap<String, String>,
    /// The environment whose secrets the build may see; `None` = a job, which sees none of them.
    pub environment: Option<EnvironmentName>,
    /// Artifacts laid out below `SLIPWAY_ARTIFACTS` before it starts, checked against their digests.
    pub inputs: Vec<Artifact>,
    pub artifacts: Vec<ArtifactSpec>,
    pub reports: Vec<ReportSpec>,
    pub cache: Vec<CacheSpec>,
    /// What the claim step shows; never seen by code of the repository.
    pub claim_secret: String,
}

/// A report file that the build left, its bytes in the blob store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectedReport {
    /// Which of the request's reports asked for it.
    pub spec: usize,
    pub kind: ReportKind,
    /// Below the checkout.
    pub path: String,
    pub digest: Digest,
}

/// How asking for a build ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// It has a name now; whether it runs is another question.
    Started(BuildId),
    /// Not now, and why (quota, throttling): ask again later.
    Deferred(String),
    /// Never, and why: the request cannot be carried out.
    Refused(String),
}

/// Where a build stands. This is the truth; events about builds are doorbells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildStatus {
    /// Queued or running.
    Running,
    Ended(Box<BuildEnd>),
    /// The host knows nothing (any more) of a build of this name, and nothing of it runs.
    Unknown,
}

/// How a build ended and what it left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildEnd {
    pub ending: Ending,
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    pub finished_ms: i64,
    pub usage: Usage,
    pub artifacts: Vec<Artifact>,
    pub reports: Vec<CollectedReport>,
    /// Indexes of the request's reports for which there was no file.
    pub missing_reports: Vec<usize>,
    /// The last 64 KiB of output, redacted, in the blob store: what console results are read from.
    pub console: Option<Digest>,
}

/// The end of a build in one word, and a sentence where one is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The commands ended with this status.
    Exited { code: i32 },
    /// A signal ended the commands.
    Killed { signal: i32 },
    /// The step's time was over.
    TimedOut,
    /// Somebody asked for it.
    Stopped,
    /// The claim was refused, so no code of the repository ran.
    Unclaimed { why: String },
    /// The host that ran it died.
    Lost { why: String },
    /// The checkout, the inputs or the shell could not be prepared, so no code of the repository ran.
    Unprepared { why: String },
}

/// What a build used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// User and system CPU, milliseconds.
    pub cpu_ms: u64,
    /// Largest resident set of one process, KiB.
    pub max_rss_kib: u64,
}

/// Starts, observes and stops builds.
#[async_trait]
pub trait Builds: Send + Sync {
    async fn start(&self, request: &BuildRequest) -> Result<Started, Fault>;
    async fn describe(&self, build: &BuildId) -> Result<BuildStatus, Fault>;
    /// Asks it to end; `describe` tells when it has. Stopping an ended or unknown build does nothing.
    async fn stop(&self, build: &BuildId) -> Result<(), Fault>;
    /// Whether nothing that the build began works on its target any more.
    async fn is_settled(&self, build: &BuildId) -> Result<bool, Fault>;
}

/// Which output a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    Stdout,
    Stderr,
    /// Slipway itself: checkout, claim, artifacts.
    System,
}

/// One line of a log, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// From 1.
    pub number: u64,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    pub stream: LogStream,
    pub text: String,
}

/// Some lines, and whether more can come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    pub lines: Vec<LogLine>,
    /// The build has ended and there is nothing after these lines.
    pub complete: bool,
}

/// Reads logs by range.
#[async_trait]
pub trait Logs: Send + Sync {
    /// Lines with a number above `after`, at most `limit`. Fewer lines than that do not mean that the log ends there: a
    /// page is bounded in bytes, too. Only a complete page or an empty one is the last.
    async fn read(&self, build: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault>;
}
