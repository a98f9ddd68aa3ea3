//! Purpose: the whole source of one commit, for builders that cannot reach the repository themselves.

use async_trait::async_trait;
use domain::ids::{CommitSha, RepositoryId};

use crate::fault::Fault;

/// Packs the source of a commit, so that a build needs no credential of the repository's host.
#[async_trait]
pub trait Archives: Send + Sync {
    /// The files at a commit as a zip archive, all of them below one top-level folder of any name.
    ///
    /// A commit that is not there, and an archive above the adapter's bound, are `Malformed` faults.
    async fn archive(&self, repository: RepositoryId, commit: &CommitSha)
    -> Result<Vec<u8>, Fault>;
}
