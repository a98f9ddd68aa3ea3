//! Purpose: repositories on this machine, read through the `git` command: sources, checkouts, the ref watcher's facts.
//!
//! Needs git 2.30 or newer and a Unix. Works with work trees, linked work trees, bare repositories and SHA-256
//! repositories. Everything that comes from outside is checked before it becomes an argument, and no hook, filter,
//! pager, external diff or credential prompt of a repository is ever run.

mod checkout;
mod command;
mod refs;
mod snapshot;
mod sources;

pub use checkout::{checkout, fetch_commit};
pub use command::{Git, GitError};
pub use refs::{RefMove, current_branch, default_branch, is_valid_ref, moved, refs};
pub use snapshot::snapshot;
pub use sources::{GitSources, MAX_CHANGED_PATHS, MAX_FILE_BYTES, MAX_LISTED_COMMITS};

use std::path::PathBuf;

use domain::ids::RepositoryId;

/// Knows where the repositories of this machine lie.
pub trait RepositoryPaths: Send + Sync {
    /// The folder of the work tree or of the bare repository; `None` = not registered (any more).
    fn path(&self, id: RepositoryId) -> Option<PathBuf>;
    /// Whether its refs move at `origin` and webhooks tell of it: then the refs of this folder are old, and only its
    /// objects count.
    fn follows_origin(&self, id: RepositoryId) -> bool;
    /// The branch whose rules hold for all others, where somebody has said which.
    fn default_branch(&self, id: RepositoryId) -> Option<String>;
}

#[cfg(test)]
pub(crate) mod tests;
