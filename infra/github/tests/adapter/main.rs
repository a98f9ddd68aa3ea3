//! Purpose: the adapter against a GitHub over real HTTP: what it reads, what it refuses, what it costs, what it keeps to itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panic"
)]

mod app;
mod archive;
mod changes;
mod checks;
mod comments;
mod credentials;
mod deployments;
mod faults;
mod pull_requests;
mod reads;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::Clock;
use fake_github::{App, Bare, FakeGitHub, TEST_KEY};
use github_api::{GitHub, PemSigner};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

pub const SHOP: RepositoryId = RepositoryId(42);
pub const MAIN: &str = "refs/heads/main";

/// The real clock, some seconds ahead.
#[derive(Default)]
pub struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub struct Scene {
    pub fake: FakeGitHub,
    pub bare: Bare,
    pub github: GitHub,
    clock: Arc<Ahead>,
    pub folder: TempDir,
}

impl Scene {
    /// Both clocks.
    pub fn advance(&self, seconds: i64) {
        self.fake.advance(seconds);
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Another process, which knows nothing of the tokens of the one before.
    pub async fn forget(&mut self) {
        self.github = github(&self.fake, &self.clock).await;
    }

    pub fn commit(&self, message: &str, files: &[(&str, Option<&str>)]) -> CommitSha {
        CommitSha::new(self.bare.commit(MAIN, message, files).unwrap())
    }

    pub fn on(&self, parent: &CommitSha, files: &[(&str, Option<&str>)]) -> CommitSha {
        let made = self
            .bare
            .commit_on(Some(parent.as_str()), "refs/heads/side", "side", files);
        CommitSha::new(made.unwrap())
    }
}

pub async fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let bare = Bare::init(folder.path().join("shop.git")).unwrap();
    let fake = FakeGitHub::start(&App::test()).unwrap();
    fake.add(SHOP.0, "acme/shop", bare.path());
    let clock = Arc::new(Ahead::default());
    let github = github(&fake, &clock).await;
    Scene {
        fake,
        bare,
        github,
        clock,
        folder,
    }
}

async fn github(fake: &FakeGitHub, clock: &Arc<Ahead>) -> GitHub {
    let signer = Arc::new(PemSigner::new(TEST_KEY).unwrap());
    let github = GitHub::new(fake.api(), App::test().id, signer, clock.clone());
    github.await.unwrap()
}

/// The text of a fault that goes away.
#[track_caller]
pub fn unavailable<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    match result {
        Err(Fault::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

/// The text of a fault that does not.
#[track_caller]
pub fn malformed<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    match result {
        Err(Fault::Malformed(text)) => text,
        other => panic!("{other:?}"),
    }
}
