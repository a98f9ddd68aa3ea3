//! Purpose: git repositories for tests, made without any setting of the user.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A work tree with one branch, `main`.
pub struct Repository {
    folder: PathBuf,
}

/// Runs git in this folder; gives what it printed.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "gc.auto=0",
        ])
        .args([
            "-c",
            "user.name=Ana Aro",
            "-c",
            "user.email=ana@example.org",
        ])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "git {args:?} in {}: {said}",
        folder.display()
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Repository {
    /// An empty one.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).unwrap();
        git(&folder, &["init", "--quiet"]);
        Self { folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file; it is not committed yet.
    pub fn write(&self, name: &str, text: &str) -> &Self {
        let file = self.folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self
    }

    /// Commits everything; gives the commit.
    pub fn commit(&self, message: &str) -> String {
        git(&self.folder, &["add", "--all"]);
        git(
            &self.folder,
            &["commit", "--quiet", "--allow-empty", "--message", message],
        );
        git(&self.folder, &["rev-parse", "HEAD"])
    }

    /// Makes a bare repository beside it that is pushed to, and watched instead of this one.
    pub fn bare(&self) -> Self {
        let folder = self.folder.with_extension("git");
        let path = folder.display().to_string();
        git(&self.folder, &["init", "--quiet", "--bare", &path]);
        git(&self.folder, &["remote", "add", "origin", &path]);
        Self { folder }
    }

    /// Pushes `main`.
    pub fn push(&self) {
        git(&self.folder, &["push", "--quiet", "origin", "main"]);
    }
}
