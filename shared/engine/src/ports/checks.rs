//! Purpose: check runs and deployments on GitHub, which are what people see of a run there.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::checks::{Check, Deployment};
use domain::ids::{CommitSha, RepositoryId};
use jiff::Timestamp;

/// What GitHub has to be told of one run.
#[derive(Clone, Debug)]
pub struct ChecksUpdate<'a> {
    pub repository: RepositoryId,
    pub commit: &'a CommitSha,
    /// The check runs that show something else now.
    pub checks: Vec<CheckUpdate<'a>>,
    /// GitHub may have check runs whose names we do not know: they are looked for before any is created.
    pub look_first: bool,
}

/// One check run of an update.
#[derive(Clone, Copy, Debug)]
pub struct CheckUpdate<'a> {
    pub check: &'a Check,
    /// GitHub's name for it; `None` = it is not known to be there.
    pub id: Option<&'a str>,
}

/// What GitHub has to be told of the deployments of one run.
#[derive(Clone, Debug)]
pub struct DeploymentsUpdate<'a> {
    pub repository: RepositoryId,
    /// Nothing else is deployed.
    pub commit: &'a CommitSha,
    /// The deployments that show something else now.
    pub deployments: Vec<DeploymentUpdate<'a>>,
    /// GitHub may have deployments whose names we do not know, or show them as they are already: it is looked first.
    pub look_first: bool,
}

/// One deployment of an update.
#[derive(Clone, Copy, Debug)]
pub struct DeploymentUpdate<'a> {
    pub deployment: &'a Deployment,
    /// GitHub's name for it; `None` = it is not known to be there.
    pub id: Option<&'a str>,
}

/// What became of the deployments of an update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentsAnswer {
    /// GitHub's names for those that it shows as they are now, by [`Deployment::external_id`].
    pub shown: BTreeMap<String, String>,
    /// Why it does not show the others.
    pub failed: Option<NotShown>,
}

/// Why GitHub does not show an update.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// No answer, or one that makes no sense: GitHub may have it, or a part of it.
    #[error("{0}")]
    Unknown(String),
    /// GitHub has nothing of it and takes no calls before `until`.
    #[error("{why}")]
    Limited { why: String, until: Timestamp },
    /// GitHub will not have it, or not all of it, unless a person does something first.
    #[error("{0}")]
    Refused(String),
}

/// Shows runs on GitHub.
#[async_trait]
pub trait Checks: Send + Sync {
    /// Creates or changes check runs, all of them in as few calls as possible. Answers GitHub's names for them by
    /// [`Check::external_id`].
    async fn show(&self, update: &ChecksUpdate<'_>) -> Result<BTreeMap<String, String>, NotShown>;

    /// Creates deployments, and gives them and those that are there a status, one after the other until one fails.
    async fn show_deployments(&self, update: &DeploymentsUpdate<'_>) -> DeploymentsAnswer;
}
