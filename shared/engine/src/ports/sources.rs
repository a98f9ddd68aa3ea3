//! Purpose: reading repositories, which is all that the control plane does with them.

use async_trait::async_trait;
use domain::ids::{CommitSha, RepositoryId};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// One commit's own words. Text of strangers: shown escaped, never run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    pub sha: CommitSha,
    /// First line of the message, at most 200 characters.
    pub title: String,
    pub author_name: String,
    pub author_address: String,
    pub committer_address: String,
    pub at_ms: i64,
}

/// What lies between two commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Newest first, at most 50.
    pub commits: Vec<Commit>,
    /// All of them, also those not listed.
    pub total: u64,
    pub files_changed: u64,
    pub insertions: u64,
    pub deletions: u64,
}

/// Reads repositories.
#[async_trait]
pub trait Sources: Send + Sync {
    /// The commit that a full ref (`refs/heads/main`) points to now; `None` when there is no such ref.
    async fn head(
        &self,
        repository: RepositoryId,
        reference: &str,
    ) -> Result<Option<CommitSha>, Fault>;
    /// The name of the branch whose rules hold for all others (`main`); `None` when it cannot be told.
    async fn default_branch(&self, repository: RepositoryId) -> Result<Option<String>, Fault>;
    /// A file at a commit; `None` when there is none. Files above 256 KiB are a `Malformed` fault.
    async fn file(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
        path: &str,
    ) -> Result<Option<String>, Fault>;
    async fn commit(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<Option<Commit>, Fault>;
    /// Paths that differ between the two; `None` when it cannot be told (no base, more than 3,000).
    async fn changed_paths(
        &self,
        repository: RepositoryId,
        base: Option<&CommitSha>,
        commit: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault>;
    async fn compare(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<Comparison>, Fault>;
}
