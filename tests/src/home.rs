//! Purpose: the data directory of one machine, and the commands that a person types for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::binary::{Said, binary};
use crate::repository::Repository;
use crate::wait::until;

/// A folder for one test: the machine's data, repositories, targets. Gone at its end, unless `KEEP` is set.
pub struct Home {
    folder: PathBuf,
    _guard: Option<tempfile::TempDir>,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    /// A new one.
    pub fn new() -> Self {
        let guard = tempfile::Builder::new()
            .prefix("slipway-test-")
            .tempdir()
            .unwrap();
        // Links resolved, as git and the registry name folders.
        let folder = guard.path().canonicalize().unwrap();
        if std::env::var_os("KEEP").is_some() {
            let kept = guard.keep();
            println!("kept: {}", kept.display());
            return Self {
                folder,
                _guard: None,
            };
        }
        Self {
            folder,
            _guard: Some(guard),
        }
    }

    /// The folder of the test.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The machine's data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// `slipway --data …` with these arguments, in an environment in which no setting of the user counts.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .arg("--data")
            .arg(self.data())
            .args(args)
            .current_dir(&self.folder);
        for name in [
            "SLIPWAY_AWS",
            "SLIPWAY_DATA",
            "RUST_LOG",
            "NO_COLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command to its end.
    pub fn slipway(&self, args: &[&str]) -> Said {
        Said::by(&mut self.command(args))
    }

    /// The answer of a command that succeeds, as one JSON document.
    pub fn document(&self, args: &[&str]) -> Value {
        self.slipway(&[&["--json"], args].concat()).expect(0).json()
    }

    /// The answer of a command that succeeds, as JSON lines.
    pub fn lines(&self, args: &[&str]) -> Vec<Value> {
        self.slipway(&[&["--json"], args].concat())
            .expect(0)
            .lines()
    }

    /// Writes `machine.yaml`.
    pub fn settings(&self, text: &str) {
        std::fs::create_dir_all(self.data()).unwrap();
        std::fs::write(self.data().join("machine.yaml"), text).unwrap();
    }

    /// Registers a repository; gives its number.
    pub fn register(&self, repository: &Repository, more: &[&str]) -> u64 {
        let path = repository.folder().display().to_string();
        let entry = self.document(&[&["repo", "add", &path], more].concat());
        entry["id"]
            .as_u64()
            .unwrap_or_else(|| panic!("no id in {entry}"))
    }

    /// Waits until the machine has looked at a repository for the first time: what is pushed from now on is news.
    pub fn watched(&self, repository: u64) {
        let seen = self.data().join("watch").join(format!("{repository}.json"));
        until("the machine looks at the repository", || seen.exists());
    }

    /// All runs, newest first.
    pub fn runs(&self) -> Vec<Value> {
        // Before the machine has begun there is no journal, and so no run.
        if !self.data().join("journal.sqlite").exists() {
            return Vec::new();
        }
        self.lines(&["runs", "--limit", "1000"])
    }

    /// The whole run.
    pub fn show(&self, run: &str) -> Value {
        self.document(&["show", run])
    }

    /// Fails the test unless every hash chain holds; gives the number of commits.
    pub fn verify(&self) -> u64 {
        let verified = self.document(&["journal", "verify"]);
        assert_eq!(verified["sound"], true, "{verified:#}");
        verified["total"]["commits"].as_u64().unwrap()
    }
}
