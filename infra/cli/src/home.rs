//! Purpose: the data directory of a machine, opened: everything that outlives the process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::Fault;
use engine::ports::{Clock, Doorbell, Doorbells, Function, Journal};
use engine::views::Reads;
use jiff::Timestamp;
use local::blobs::FileBlobs;
use local::git::GitSources;
use local::journal::SqliteJournal;
use local::keys::FileKeys;
use local::people::{FilePeople, FileSecrets};
use local::process::{
    Claim, ClaimAnswer, ClaimGate, HostEnvironment, LOG_LIMIT, OnChange, ProcessBuilder, Settings,
};
use local::registry::Registry;

use crate::data::JOURNAL;
use crate::failure::Failure;

/// Between TERM and KILL for a build that has to end.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// How long a build tries to claim.
const CLAIM_PATIENCE: Duration = Duration::from_secs(60);

/// An open data directory.
#[derive(Clone)]
pub struct Home {
    pub dir: PathBuf,
    pub journal: Arc<SqliteJournal>,
    pub blobs: Arc<FileBlobs>,
    pub keys: Arc<FileKeys>,
    pub people: Arc<FilePeople>,
    pub repositories: Arc<Registry>,
    pub sources: Arc<GitSources>,
}

impl Home {
    /// Opens the directory; makes it when there is none yet.
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir).map_err(|error| {
            Failure::unavailable(format!("{} cannot be made: {error}", dir.display()))
                .help("name a directory that you can write to: `slipway --data DIR …`")
        })?;
        let repositories = Arc::new(Registry::new(dir));
        Ok(Self {
            dir: dir.to_owned(),
            journal: Arc::new(SqliteJournal::open(&dir.join(JOURNAL))?),
            blobs: Arc::new(FileBlobs::new(dir.join("blobs"))),
            keys: Arc::new(FileKeys::open(dir)?),
            people: Arc::new(FilePeople::new(dir)),
            sources: Arc::new(GitSources::new(repositories.clone())),
            repositories,
        })
    }

    /// Opens a directory that must be there already.
    pub fn existing(dir: &Path) -> Result<Self, Failure> {
        if !dir.join(JOURNAL).is_file() {
            return Err(
                Failure::unavailable(format!("there is no machine at {}", dir.display()))
                    .help("start one with `slipway up`, or name another directory with --data DIR"),
            );
        }
        Self::open(dir)
    }

    /// The process builder of this machine.
    pub fn builder(&self, claims: Arc<dyn ClaimGate>, on_change: OnChange) -> ProcessBuilder {
        ProcessBuilder::new(Settings {
            dir: self.dir.join("builds"),
            caches: self.dir.join("caches"),
            repositories: self.repositories.clone(),
            blobs: self.blobs.clone(),
            secrets: Arc::new(FileSecrets::new(&self.dir)),
            claims,
            on_change,
            host: HostEnvironment::of_this_process(),
            stop_grace: STOP_GRACE,
            claim_patience: CLAIM_PATIENCE,
            log_limit: LOG_LIMIT,
        })
    }

    /// A process builder that is only read: its logs, and how its builds ended.
    pub fn logs(&self) -> ProcessBuilder {
        self.builder(Arc::new(NoClaims), Arc::new(|_| {}))
    }

    /// Where views read.
    pub fn reads(&self) -> Reads<'_> {
        Reads {
            journal: &*self.journal,
            people: &*self.people,
            repositories: &*self.repositories,
            sources: Some(&*self.sources),
        }
    }

    /// Doorbells for a command that is not the machine: they make the stream due, and the machine's sweep finds it.
    pub fn doorbells(&self) -> DueDoorbells {
        DueDoorbells {
            journal: self.journal.clone(),
        }
    }
}

/// Tells the time of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// See [`Home::doorbells`].
pub struct DueDoorbells {
    journal: Arc<SqliteJournal>,
}

#[async_trait]
impl Doorbells for DueDoorbells {
    async fn ring(&self, _function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        let Some(head) = self.journal.head(&doorbell.stream).await? else {
            return Ok(());
        };
        let now = Some(Timestamp::now());
        self.journal
            .reschedule(&doorbell.stream, head.number, now, head.failures)
            .await
    }
}

/// A command that only reads lets no build in.
struct NoClaims;

#[async_trait]
impl ClaimGate for NoClaims {
    async fn claim(&self, _claim: &Claim) -> Result<ClaimAnswer, Fault> {
        Ok(ClaimAnswer::Refused(
            "this process starts no builds".to_owned(),
        ))
    }
}
