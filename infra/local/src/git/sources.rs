//! Purpose: the port `Sources` over the `git` command.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::{Commit, Comparison, Sources};

use super::checkout::{fetch_commit, has_commit};
use super::command::{Git, GitError};
use super::{RepositoryPaths, is_valid_ref, refs};

/// Largest file that is read from a repository, bytes.
pub const MAX_FILE_BYTES: u64 = 256 << 10;
/// With more changed paths than this, it is not told which they are.
pub const MAX_CHANGED_PATHS: usize = 3_000;
/// Commits that a comparison lists.
pub const MAX_LISTED_COMMITS: usize = 50;
/// Longest title of a commit, characters.
const MAX_TITLE: usize = 200;
/// Fields of a commit as [`COMMIT_FORMAT`] writes them.
const COMMIT_FIELDS: usize = 6;
/// Each field ends with a NUL, which neither a name nor a message can hold.
const COMMIT_FORMAT: &str = "--format=tformat:%H%x00%an%x00%ae%x00%ce%x00%ct%x00%B";

/// Reads the repositories of this machine.
pub struct GitSources {
    git: Git,
    paths: Arc<dyn RepositoryPaths>,
}

impl GitSources {
    /// Reads the repositories that `paths` knows, with the git of this process's `PATH`.
    pub fn new(paths: Arc<dyn RepositoryPaths>) -> Self {
        Self {
            git: Git::new(),
            paths,
        }
    }

    fn path(&self, repository: RepositoryId) -> Result<PathBuf, Fault> {
        self.paths.path(repository).ok_or_else(|| {
            Fault::Malformed(format!(
                "repository {repository} is not registered on this machine"
            ))
        })
    }

    async fn log(
        &self,
        path: &std::path::Path,
        limit: usize,
        revisions: &[String],
    ) -> Result<Vec<Commit>, Fault> {
        let output = self
            .git
            .at(path)
            .args(["log", "-z", "--no-show-signature", "--encoding=UTF-8"])
            .args(["--no-color", "--no-decorate", COMMIT_FORMAT])
            .args([&format!("--max-count={limit}"), "--end-of-options"])
            .args(revisions)
            .args(["--"])
            .output()
            .await?;
        parse_commits(&String::from_utf8_lossy(&output))
    }
}

#[async_trait]
impl Sources for GitSources {
    /// Asked at `origin`, where webhooks tell of its moves: of such a repository only objects are fetched.
    async fn head(
        &self,
        repository: RepositoryId,
        reference: &str,
    ) -> Result<Option<CommitSha>, Fault> {
        if !is_valid_ref(reference) {
            return Err(Fault::Malformed(format!(
                "{reference:?} is not a full git ref such as `refs/heads/main`"
            )));
        }
        let path = self.path(repository)?;
        let head = match self.paths.follows_origin(repository) {
            true => refs::head_at_origin(&self.git, &path, reference).await?,
            false => refs::head(&self.git, &path, reference).await?,
        };
        Ok(head)
    }

    async fn default_branch(&self, repository: RepositoryId) -> Result<Option<String>, Fault> {
        let path = self.path(repository)?;
        if let Some(name) = self.paths.default_branch(repository) {
            return Ok(Some(name));
        }
        let follows = self.paths.follows_origin(repository);
        Ok(refs::default_branch(&self.git, &path, follows).await?)
    }

    /// A commit that is not there is fetched from `origin`, where there is one.
    async fn file(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
        file: &str,
    ) -> Result<Option<String>, Fault> {
        let path = self.path(repository)?;
        fetch_commit(&self.git, &path, commit).await?;
        if file.is_empty() || file.contains('\0') || file.ends_with('/') {
            return Ok(None);
        }
        let listed = self
            .git
            .at(&path)
            .args(["ls-tree", "-z", "-l", "--full-tree", commit.as_str(), "--"])
            .args([file])
            .output()
            .await?;
        let listed = String::from_utf8_lossy(&listed);
        let Some((entry, _)) = listed.split_once('\t') else {
            return Ok(None);
        };
        let fields: Vec<&str> = entry.split_ascii_whitespace().collect();
        let [mode, kind, object, size] = fields[..] else {
            return Ok(None);
        };
        if mode == "120000" {
            return Err(Fault::Malformed(format!(
                "{file} is a symbolic link at {}; it has to be a file",
                commit.short()
            )));
        }
        if kind != "blob" {
            return Ok(None);
        }
        if size.parse::<u64>().is_ok_and(|size| size > MAX_FILE_BYTES) {
            return Err(Fault::Malformed(format!(
                "{file} has {size} bytes at {}; at most {MAX_FILE_BYTES} are read",
                commit.short()
            )));
        }
        let bytes = self
            .git
            .at(&path)
            .args(["cat-file", "blob", object])
            .output()
            .await?;
        String::from_utf8(bytes).map(Some).map_err(|error| {
            Fault::Malformed(format!(
                "{file} is not UTF-8 at {}: byte {}",
                commit.short(),
                error.utf8_error().valid_up_to() + 1
            ))
        })
    }

    /// A commit that is not there is fetched from `origin`, where there is one.
    async fn commit(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<Option<Commit>, Fault> {
        let path = self.path(repository)?;
        match fetch_commit(&self.git, &path, commit).await {
            Err(GitError::NoCommit { certain: true, .. }) => return Ok(None),
            fetched => fetched?,
        }
        let commits = self.log(&path, 1, &[commit.to_string()]).await?;
        Ok(commits.into_iter().next())
    }

    /// The two trees are compared as they are (`git diff base commit`), not from where the histories parted: what
    /// counts is what differs from the state that was there before. A base that is gone after a force push gives `None`.
    async fn changed_paths(
        &self,
        repository: RepositoryId,
        base: Option<&CommitSha>,
        commit: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault> {
        let path = self.path(repository)?;
        let Some(base) = base else { return Ok(None) };
        if !has_commit(&self.git, &path, base).await?
            || !has_commit(&self.git, &path, commit).await?
        {
            return Ok(None);
        }
        let output = self
            .git
            .at(&path)
            .args(["diff-tree", "-r", "-z", "--name-only", "--no-renames"])
            .args([base.as_str(), commit.as_str()])
            .output()
            .await;
        let output = match output {
            Err(GitError::TooLarge { .. }) => return Ok(None),
            output => output?,
        };
        let paths: Vec<String> = output
            .split(|b| *b == 0)
            .filter(|path| !path.is_empty())
            .take(MAX_CHANGED_PATHS + 1)
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .collect();
        Ok((paths.len() <= MAX_CHANGED_PATHS).then_some(paths))
    }

    /// Commits that `commit` has and `base` has not; the numbers compare the two trees as they are.
    async fn compare(
        &self,
        repository: RepositoryId,
        base: &CommitSha,
        commit: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        let path = self.path(repository)?;
        if !has_commit(&self.git, &path, base).await?
            || !has_commit(&self.git, &path, commit).await?
        {
            return Ok(None);
        }
        let range = format!("{base}..{commit}");
        let commits = self
            .log(&path, MAX_LISTED_COMMITS, std::slice::from_ref(&range))
            .await?;
        let total = self
            .git
            .at(&path)
            .args(["rev-list", "--count", "--end-of-options", &range, "--"])
            .text()
            .await?;
        let total = total
            .parse()
            .map_err(|_| Fault::Unavailable(format!("git counted {total:?} commits")))?;
        let stat = self
            .git
            .at(&path)
            .args(["diff-tree", "-r", "--shortstat", "--no-renames"])
            .args([base.as_str(), commit.as_str()])
            .text()
            .await?;
        Ok(Some(Comparison {
            commits,
            total,
            files_changed: stat_of(&stat, "file"),
            insertions: stat_of(&stat, "insertion"),
            deletions: stat_of(&stat, "deletion"),
        }))
    }
}

/// ` 3 files changed, 10 insertions(+), 2 deletions(-)`: the number before the word, 0 when it is not there.
fn stat_of(stat: &str, word: &str) -> u64 {
    stat.split(',')
        .filter_map(|part| part.trim().split_once(' '))
        .find(|(_, rest)| rest.starts_with(word))
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

fn parse_commits(text: &str) -> Result<Vec<Commit>, Fault> {
    let fields: Vec<&str> = text
        .strip_suffix('\0')
        .unwrap_or(text)
        .split('\0')
        .collect();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    fields
        .chunks(COMMIT_FIELDS)
        .map(|fields| {
            let [sha, name, author, committer, seconds, message] = fields else {
                return Err(Fault::Unavailable(format!("git logged {fields:?}")));
            };
            let title = message.lines().map(str::trim).find(|line| !line.is_empty());
            Ok(Commit {
                sha: CommitSha::from(*sha),
                title: title.unwrap_or_default().chars().take(MAX_TITLE).collect(),
                author_name: (*name).to_owned(),
                author_address: (*author).to_owned(),
                committer_address: (*committer).to_owned(),
                at_ms: seconds.parse::<i64>().unwrap_or(0).saturating_mul(1_000),
            })
        })
        .collect()
}
