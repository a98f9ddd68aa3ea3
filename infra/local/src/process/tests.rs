//! Purpose: tests of the process builder with real git and real processes.

mod claims;
mod course;
mod ending;
mod left;
mod recovery;
mod secrets;
mod trouble;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{BuildId, CommitSha, Digest, EnvironmentName, RepositoryId, RunId};
use domain::plan::Step;
use engine::Fault;
use engine::ports::{
    Blobs, BuildEnd, BuildRequest, BuildStatus, Builds as _, Ending, LogLine, LogStream, Logs as _,
    Started, Trust,
};

use super::*;
use crate::git::tests::{ONE, Only, Repo};

/// Longest wait for a build, in looks of 10 ms.
const LOOKS: usize = 6_000;

/// Blobs in memory.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<Digest, Vec<u8>>>);

#[async_trait]
impl Blobs for Memory {
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        let digest = Digest::of(bytes);
        self.0
            .lock()
            .unwrap()
            .insert(digest.clone(), bytes.to_vec());
        Ok(digest)
    }

    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.lock().unwrap().get(digest).cloned())
    }
}

/// Answers claims from a list, then grants all.
#[derive(Default)]
pub struct Gate {
    answers: Mutex<VecDeque<Result<ClaimAnswer, Fault>>>,
    seen: Mutex<Vec<Claim>>,
}

#[async_trait]
impl ClaimGate for Gate {
    async fn claim(&self, claim: &Claim) -> Result<ClaimAnswer, Fault> {
        self.seen.lock().unwrap().push(claim.clone());
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or(Ok(ClaimAnswer::Granted))
    }
}

/// Secrets of environments; anything else has none.
#[derive(Default)]
pub struct Vault(BTreeMap<String, BTreeMap<String, String>>);

#[async_trait]
impl Secrets for Vault {
    async fn secrets(
        &self,
        _: RepositoryId,
        environment: &EnvironmentName,
    ) -> Result<BTreeMap<String, String>, Fault> {
        Ok(self
            .0
            .get(environment.as_str())
            .cloned()
            .unwrap_or_default())
    }
}

/// A builder on one repository.
pub struct World {
    pub data: tempfile::TempDir,
    pub repo: Repo,
    pub commit: CommitSha,
    pub blobs: Arc<Memory>,
    pub gate: Arc<Gate>,
    pub rung: Arc<AtomicUsize>,
    pub builder: ProcessBuilder,
}

impl World {
    pub fn new() -> Self {
        Self::with(&[("README", "hello\n")], |_| {})
    }

    pub fn with(files: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> Self {
        let (data, repo) = (tempfile::tempdir().unwrap(), Repo::new());
        for (path, content) in files {
            repo.write(path, content);
        }
        let commit = repo.commit("first");
        let (blobs, gate) = (Arc::new(Memory::default()), Arc::new(Gate::default()));
        let rung = Arc::new(AtomicUsize::new(0));
        let bell = Arc::clone(&rung);
        let mut settings = Settings {
            dir: data.path().join("builds"),
            caches: data.path().join("caches"),
            repositories: Arc::new(Only(repo.path().to_owned())),
            blobs: blobs.clone(),
            secrets: Arc::new(Vault::default()),
            claims: gate.clone(),
            on_change: Arc::new(move |_| {
                bell.fetch_add(1, Ordering::SeqCst);
            }),
            host: HostEnvironment::of_this_process(),
            stop_grace: Duration::from_millis(200),
            claim_patience: Duration::from_secs(20),
            log_limit: LOG_LIMIT,
        };
        change(&mut settings);
        let builder = ProcessBuilder::new(settings);
        Self {
            data,
            repo,
            commit,
            blobs,
            gate,
            rung,
            builder,
        }
    }

    /// A job with these commands.
    pub fn job(&self, run: &[&str]) -> BuildRequest {
        BuildRequest {
            intent: "1/3f2a9c0d1e4b/unit (go=1.24)~1".to_owned(),
            repository: ONE,
            run: RunId::from("3f2a9c0d1e4b"),
            commit: self.commit.clone(),
            trust: Trust::Repository,
            step: Step {
                run: run.iter().map(|command| (*command).to_owned()).collect(),
                env: BTreeMap::new(),
                timeout_seconds: 600,
                image: None,
            },
            facts: BTreeMap::new(),
            environment: None,
            inputs: Vec::new(),
            artifacts: Vec::new(),
            reports: Vec::new(),
            cache: Vec::new(),
            claim_secret: "one-time-claim-secret".to_owned(),
        }
    }

    pub async fn start(&self, request: &BuildRequest) -> BuildId {
        match self.builder.start(request).await.unwrap() {
            Started::Started(build) => build,
            other => panic!("{other:?}"),
        }
    }

    pub async fn ended(&self, build: &BuildId) -> BuildEnd {
        for _ in 0..LOOKS {
            match self.builder.describe(build).await.unwrap() {
                BuildStatus::Ended(end) => return *end,
                BuildStatus::Running => tokio::time::sleep(Duration::from_millis(10)).await,
                BuildStatus::Unknown => panic!("{build} is unknown"),
            }
        }
        panic!("{build} does not end")
    }

    pub async fn run(&self, request: &BuildRequest) -> (BuildEnd, Vec<LogLine>) {
        let build = self.start(request).await;
        let end = self.ended(&build).await;
        (end, self.log(&build).await)
    }

    pub async fn log(&self, build: &BuildId) -> Vec<LogLine> {
        self.builder.read(build, 0, usize::MAX).await.unwrap().lines
    }

    pub fn folder(&self, build: &BuildId) -> std::path::PathBuf {
        self.data.path().join("builds").join(build.as_str())
    }

    /// Waits until a line of the output is this text.
    pub async fn said(&self, build: &BuildId, text: &str) {
        for _ in 0..LOOKS {
            if self.log(build).await.iter().any(|line| line.text == text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{build} never said {text:?}");
    }
}

pub fn output(log: &[LogLine], stream: LogStream) -> Vec<&str> {
    log.iter()
        .filter(|line| line.stream == stream)
        .map(|line| line.text.as_str())
        .collect()
}

pub const SUCCESS: Ending = Ending::Exited { code: 0 };

/// Waits until no process has this number.
pub async fn gone(pid: i32) {
    for _ in 0..LOOKS {
        if processes::ProcessRef::of(pid).is_none_or(|process| !process.is_alive()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("process {pid} is still there");
}
