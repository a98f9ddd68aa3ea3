//! Purpose: tests of the git adapter against the real `git`.

mod checkouts;
mod reading;
mod watching;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use domain::ids::{CommitSha, RepositoryId};
use engine::ports::Sources as _;

use super::*;

/// A repository in a temporary folder.
pub struct Repo {
    pub dir: tempfile::TempDir,
}

impl Repo {
    pub fn new() -> Self {
        Self::with(&["init", "-q", "-b", "main"])
    }

    pub fn with(init: &[&str]) -> Self {
        let repo = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        repo.git(init);
        repo
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn git(&self, args: &[&str]) -> String {
        git_in(self.path(), args)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn commit(&self, message: &str) -> CommitSha {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        CommitSha::new(self.git(&["rev-parse", "HEAD"]))
    }

    pub fn sources(&self) -> GitSources {
        GitSources::new(Arc::new(Only(self.path().to_owned())))
    }
}

/// One repository, number 1, whose refs are its own.
pub struct Only(pub PathBuf);

/// One repository, number 1, whose refs move at its `origin`.
pub struct Mirror(pub PathBuf);

impl RepositoryPaths for Only {
    fn path(&self, id: RepositoryId) -> Option<PathBuf> {
        (id == RepositoryId(1)).then(|| self.0.clone())
    }

    fn follows_origin(&self, _: RepositoryId) -> bool {
        false
    }

    fn default_branch(&self, _: RepositoryId) -> Option<String> {
        None
    }
}

impl RepositoryPaths for Mirror {
    fn path(&self, id: RepositoryId) -> Option<PathBuf> {
        Only(self.0.clone()).path(id)
    }

    fn follows_origin(&self, _: RepositoryId) -> bool {
        true
    }

    fn default_branch(&self, _: RepositoryId) -> Option<String> {
        None
    }
}

pub const ONE: RepositoryId = RepositoryId(1);

pub fn git_in(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.com"])
        .args(["-c", "protocol.file.allow=always"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
