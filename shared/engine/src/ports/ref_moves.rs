//! Purpose: what GitHub says of the moves of a repository's refs, so that a head that no delivery told of is found.

use async_trait::async_trait;
use domain::ids::{CommitSha, PersonId, RepositoryId};
use jiff::Timestamp;

use crate::fault::Fault;

/// One move of a ref: a push, a merge, the beginning or the end of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefMove {
    /// The full ref: `refs/heads/main`.
    pub reference: String,
    /// Where it was; `None` when it was not there.
    pub before: Option<CommitSha>,
    /// Where it is since; `None` when it is not there any more.
    pub after: Option<CommitSha>,
    pub at: Timestamp,
    /// Who moved it, if GitHub tells.
    pub by: Option<PersonId>,
}

/// Some moves, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovePage {
    pub moves: Vec<RefMove>,
    /// Where older ones follow.
    pub next: Option<String>,
}

/// What came of the wish for moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moves {
    Page(MovePage),
    /// There is no such repository, or none for us.
    Gone,
    /// A rate limit: asking for other repositories would make it longer.
    Limited(Fault),
}

/// The history that GitHub keeps of each repository's refs.
#[async_trait]
pub trait RefMoves: Send + Sync {
    /// The page at this cursor of the moves of the past 24 hours; the newest without one.
    async fn moves(&self, repository: RepositoryId, cursor: Option<&str>) -> Result<Moves, Fault>;
}
