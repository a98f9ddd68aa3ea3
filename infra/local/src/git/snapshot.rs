//! Purpose: the state of a work tree as a commit, uncommitted and untracked files included, without touching it.

use std::path::{Path, PathBuf};

use domain::ids::CommitSha;

use super::checkout::git_path;
use super::command::{CHECKOUT_TIME, Git, GitError};

/// Makes a commit of the work tree as it stands: changed and untracked files, ignored files left out.
///
/// The user's index, refs and files stay as they are; only objects are added, which git removes by itself one day. When
/// nothing has changed, the answer is the commit that the work tree stands on.
pub async fn snapshot(git: &Git, worktree: &Path) -> Result<CommitSha, GitError> {
    let io = |error: std::io::Error| GitError::Io {
        command: "add".to_owned(),
        why: error.to_string(),
    };
    let root = PathBuf::from(
        git.at(worktree)
            .args(["rev-parse", "--show-toplevel"])
            .text()
            .await?,
    );
    let head = git
        .at(&root)
        .args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        .answer()
        .await?
        .map(|sha| String::from_utf8_lossy(&sha).trim().to_owned());
    let scratch = tempfile::tempdir().map_err(io)?;
    let index = scratch.path().join("index");
    // The user's index knows which files have not changed: git then reads only the others.
    let own = git_path(git, &root, "index").await?;
    match tokio::fs::copy(&own, &index).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    git.at(&root)
        .with_user_config()
        .within(CHECKOUT_TIME)
        .env("GIT_INDEX_FILE", &index)
        .args(["add", "--all", "--", "."])
        .output()
        .await?;
    let tree = git
        .at(&root)
        .within(CHECKOUT_TIME)
        .env("GIT_INDEX_FILE", &index)
        .args(["write-tree"])
        .text()
        .await?;
    if let Some(head) = &head {
        let committed = git
            .at(&root)
            .args(["rev-parse", "--verify", "--end-of-options"])
            .args([format!("{head}^{{tree}}")])
            .text()
            .await?;
        if committed == tree {
            return Ok(CommitSha::new(head.clone()));
        }
    }
    let mut commit = git
        .at(&root)
        .env("GIT_AUTHOR_NAME", "slipway")
        .env("GIT_AUTHOR_EMAIL", "slipway@localhost")
        .env("GIT_COMMITTER_NAME", "slipway")
        .env("GIT_COMMITTER_EMAIL", "slipway@localhost")
        .args(["commit-tree", "--no-gpg-sign", "-m", "Uncommitted changes"]);
    if let Some(head) = &head {
        commit = commit.args(["-p", head]);
    }
    Ok(CommitSha::new(commit.args([tree]).text().await?))
}
