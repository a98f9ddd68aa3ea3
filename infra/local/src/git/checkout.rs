//! Purpose: a clean checkout of exactly one commit, and getting a commit that this machine does not have yet.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use domain::ids::CommitSha;

use super::command::{CHECKOUT_TIME, FETCH_TIME, Git, GitError};

/// Whether the repository has this very commit. A tag's or a tree's name is not one.
pub(super) async fn has_commit(
    git: &Git,
    repository: &Path,
    commit: &CommitSha,
) -> Result<bool, GitError> {
    if !commit.is_valid() {
        return Err(GitError::BadCommit(commit.to_string()));
    }
    let kind = git
        .at(repository)
        .args(["cat-file", "-t", commit.as_str()])
        .text()
        .await;
    match kind {
        Ok(kind) => Ok(kind == "commit"),
        // 128 is git's answer to an unknown object as well as to a folder that is no repository.
        Err(GitError::Failed { .. }) => {
            git.at(repository)
                .args(["rev-parse", "--git-dir"])
                .output()
                .await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Whether there is a remote named `origin`.
pub(super) async fn has_origin(git: &Git, repository: &Path) -> Result<bool, GitError> {
    let url = git
        .at(repository)
        .args(["config", "--get", "remote.origin.url"])
        .answer()
        .await?;
    Ok(url.is_some())
}

/// Sees to it that the repository has the commit: asks `origin` for it when it is not there.
///
/// Only objects are added: no ref, no `FETCH_HEAD`, no tag.
pub async fn fetch_commit(
    git: &Git,
    repository: &Path,
    commit: &CommitSha,
) -> Result<(), GitError> {
    if has_commit(git, repository, commit).await? {
        return Ok(());
    }
    let missing = |why: String, certain: bool| GitError::NoCommit {
        commit: commit.to_string(),
        why,
        certain,
    };
    if !has_origin(git, repository).await? {
        return Err(missing(
            "there is no remote named `origin` to fetch it from".to_owned(),
            true,
        ));
    }
    let fetched = git
        .at(repository)
        .with_user_config()
        .within(FETCH_TIME)
        .args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"])
        .args(["--no-recurse-submodules", "origin", commit.as_str()])
        .output()
        .await;
    if let Err(error) = fetched {
        let said = error.to_string();
        let certain = said.contains("not our ref") || said.contains("no such remote ref");
        return Err(missing(format!("could not be fetched: {said}"), certain));
    }
    match has_commit(git, repository, commit).await? {
        true => Ok(()),
        false => Err(missing("`origin` sent something else".to_owned(), true)),
    }
}

/// Lays out the files of one commit in the empty folder `into`, with a repository of its own around them.
///
/// The new repository borrows the objects of `repository` and nothing else: no configuration, hooks, filters, refs or
/// submodules, so nothing of the repository is run. It is only whole as long as `repository` is there.
pub async fn checkout(
    git: &Git,
    repository: &Path,
    commit: &CommitSha,
    into: &Path,
) -> Result<(), GitError> {
    fetch_commit(git, repository, commit).await?;
    let objects = git_path(git, repository, "objects").await?;
    let shallow = git_path(git, repository, "shallow").await?;
    let format = match commit.as_str().len() {
        64 => "--object-format=sha256",
        _ => "--object-format=sha1",
    };
    git.at(into)
        .args(["init", "--quiet", "--template=", format])
        .output()
        .await?;
    let info = into.join(".git/objects/info");
    let mut line = objects.as_os_str().as_bytes().to_vec();
    line.push(b'\n');
    let borrow = async {
        tokio::fs::create_dir_all(&info).await?;
        tokio::fs::write(info.join("alternates"), &line).await?;
        match tokio::fs::copy(&shallow, into.join(".git/shallow")).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    };
    borrow.await.map_err(|error| GitError::Io {
        command: "checkout".to_owned(),
        why: error.to_string(),
    })?;
    git.at(into)
        .within(CHECKOUT_TIME)
        .args(["checkout", "--quiet", "--force", "--detach"])
        .args([commit.as_str(), "--"])
        .output()
        .await?;
    Ok(())
}

/// The absolute path of something below the repository's git folder, linked work trees resolved.
pub(super) async fn git_path(
    git: &Git,
    repository: &Path,
    name: &str,
) -> Result<PathBuf, GitError> {
    use std::os::unix::ffi::OsStringExt as _;
    let mut output = git
        .at(repository)
        .args(["rev-parse", "--git-path", name])
        .output()
        .await?;
    if output.last() == Some(&b'\n') {
        output.pop();
    }
    let path = PathBuf::from(std::ffi::OsString::from_vec(output));
    std::path::absolute(repository.join(path)).map_err(|error| GitError::Io {
        command: "rev-parse".to_owned(),
        why: error.to_string(),
    })
}
