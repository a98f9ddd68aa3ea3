//! Purpose: what the process builder stands on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{BuildId, EnvironmentName, RepositoryId, RunId};
use engine::Fault;
use engine::ports::Blobs;

use super::claim::ClaimGate;
use super::environment::HostEnvironment;
use crate::git::RepositoryPaths;

/// Knows the secrets of environments.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// Environment variables that a build for this environment sees, and no other build does.
    async fn secrets(
        &self,
        repository: RepositoryId,
        environment: &EnvironmentName,
    ) -> Result<BTreeMap<String, String>, Fault>;
}

/// A build that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub build: BuildId,
    pub repository: RepositoryId,
    pub run: RunId,
}

/// Is called when a build has ended: a doorbell, so it may be lost and must not block.
pub type OnChange = Arc<dyn Fn(&Ended) + Send + Sync>;

/// What the process builder stands on.
pub struct Settings {
    /// Where the builds' folders are: `<data>/builds`.
    pub dir: PathBuf,
    /// Where caches are: `<data>/caches`.
    pub caches: PathBuf,
    pub repositories: Arc<dyn RepositoryPaths>,
    pub blobs: Arc<dyn Blobs>,
    pub secrets: Arc<dyn Secrets>,
    pub claims: Arc<dyn ClaimGate>,
    pub on_change: OnChange,
    /// What builds see of this machine.
    pub host: HostEnvironment,
    /// Between TERM and KILL.
    pub stop_grace: Duration,
    /// How long a claim is tried while its answer is lost or transient.
    pub claim_patience: Duration,
    /// Bytes of output that a log keeps, [`super::LOG_LIMIT`] as a rule.
    pub log_limit: u64,
}
