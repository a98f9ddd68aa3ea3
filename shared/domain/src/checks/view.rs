//! Purpose: what GitHub can show of a run, as data: check runs with their annotations and buttons, and deployments.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::Digest;

/// Everything that GitHub shows of a run at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The check of the whole run first, then one for each job and each environment.
    pub checks: Vec<Check>,
    /// One for each environment that the run has begun with, in the order of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<Deployment>,
}

/// One check run. <https://docs.github.com/en/rest/checks/runs>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What people see, and what a branch protection rule asks for.
    pub name: String,
    /// Our own name for it, by which it is found again: `<run>` or `<run>/<task>`.
    pub external_id: String,
    pub status: Status,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// Where to read more.
    pub details_url: String,
    /// One line of plain text.
    pub title: String,
    /// Markdown.
    pub summary: String,
    pub annotations: Vec<Annotation>,
    /// Buttons, three at most. <https://docs.github.com/en/rest/checks/runs#create-a-check-run>
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// A button of a check run; pressing it is a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// At most 20 characters.
    pub label: String,
    /// At most 40 characters.
    pub description: String,
    /// Ours, at most 20 characters.
    pub identifier: String,
}

/// One deployment, always of the run's own commit. <https://docs.github.com/en/rest/deployments/deployments>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Our own name for it, by which it is found again: `<run>/<environment>`.
    pub external_id: String,
    pub environment: String,
    /// Whether people who are not of the team work with it: an approval protects it.
    pub production: bool,
    pub state: DeploymentState,
    /// One line of plain text.
    pub description: String,
    /// Where to read more.
    pub log_url: String,
    /// Where what was deployed can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_url: Option<String>,
}

/// Where a deployment stands, in those of GitHub's words that a status may be created with. `waiting` is none of them: it is
/// what the protection rules of GitHub Actions set. <https://docs.github.com/en/rest/deployments/statuses>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentState {
    /// Somebody has to approve it.
    Pending,
    /// It is approved, and waits for its turn or the end of a freeze.
    Queued,
    InProgress,
    Success,
    /// The target was touched, and the release is not there or not known to be good.
    Failure,
    /// It could not be begun.
    Error,
    /// It is not wanted any more, and nothing was done to the target.
    Inactive,
}

/// Where a check run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    InProgress,
    Completed(Conclusion),
}

/// How a check run has ended, in GitHub's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    ActionRequired,
    Cancelled,
    Failure,
    Neutral,
    Skipped,
    Success,
    TimedOut,
}

/// A sentence at a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// Relative to the root of the repository.
    pub path: String,
    /// From 1.
    pub line: u32,
    pub level: Level,
    pub title: String,
    /// Plain text.
    pub message: String,
}

/// How much an annotation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Failure,
    Warning,
    Notice,
}

impl View {
    /// Whether two views show the same is told by their digests.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        digest(self)
    }
}

impl Deployment {
    /// Whether a deployment shows something else now is told by its digest.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        digest(self)
    }
}

impl Check {
    /// Whether a check run shows something else now is told by its digest.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        digest(self)
    }
}

fn digest(shown: &impl Serialize) -> Result<Digest, serde_json::Error> {
    serde_json::to_vec(shown).map(|bytes| Digest::of(&bytes))
}
