//! Purpose: pull requests and the comments below them, on the host that repositories live on.

use async_trait::async_trait;
use domain::delivery::Reaction;
use domain::ids::{CommitSha, PersonId, RepositoryId};
use github::commands::Standing;

use super::NotShown;
use crate::fault::Fault;

/// A pull request as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    pub number: u64,
    /// Who opened it; `None` = that account is gone.
    pub author: Option<Login>,
    /// The branch that it proposes to merge, by its short name.
    pub head_branch: String,
    pub head: CommitSha,
    /// Where that branch is: another repository for a fork, `None` where that one was deleted.
    pub head_repository: Option<RepositoryId>,
    /// The branch that it is to be merged into, by its short name.
    pub base_branch: String,
    /// What that branch pointed to when GitHub last looked.
    pub base: CommitSha,
    pub is_open: bool,
}

/// Somebody on GitHub. The number is who it is; the name is only how to ask for it, and may have changed hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub id: PersonId,
    pub name: String,
}

/// Somebody's comment as its host has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `None` = that account is gone, or it is none of a person.
    pub author: Option<Login>,
    pub body: String,
    pub is_edited: bool,
}

/// What is read before a wish of a stranger is followed.
#[async_trait]
pub trait PullRequests: Send + Sync {
    /// `None` when there is none of this number.
    async fn pull_request(
        &self,
        repository: RepositoryId,
        number: u64,
    ) -> Result<Option<PullRequest>, Fault>;
    /// What the repository is called now; `None` = the App is not installed on it.
    async fn hosted(&self, repository: RepositoryId) -> Result<Option<String>, Fault>;
    /// How somebody stands to a repository at this moment. An account of that name which has another number is a stranger.
    async fn standing(&self, repository: RepositoryId, who: &Login) -> Result<Standing, Fault>;
    /// The comment of this number; `None` when there is none any more.
    async fn written(
        &self,
        repository: RepositoryId,
        comment: u64,
    ) -> Result<Option<Written>, Fault>;
}

/// A comment of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentUpdate<'a> {
    pub repository: RepositoryId,
    /// The number of the issue or pull request.
    pub thread: u64,
    /// A text that no other comment of ours has: an HTML comment, which nobody sees.
    pub marker: &'a str,
    /// Markdown that is safe to publish; has the marker in it.
    pub body: &'a str,
    /// GitHub's number for it; `None` = it is not known to be there.
    pub id: Option<u64>,
    /// It may be there without our knowing: one of our own App with the marker is looked for before it is written.
    pub look_first: bool,
}

/// Says something below pull requests and issues.
#[async_trait]
pub trait Comments: Send + Sync {
    /// Writes a comment or changes it; one that somebody has deleted is written again. Answers GitHub's number for it.
    async fn write(&self, update: &CommentUpdate<'_>) -> Result<u64, NotShown>;
    /// Leaves a reaction at somebody's comment. One that is there already is not left twice.
    async fn react(
        &self,
        repository: RepositoryId,
        comment: u64,
        reaction: Reaction,
    ) -> Result<(), NotShown>;
}
