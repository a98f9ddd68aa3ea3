//! Purpose: the types that hold a pipeline file, version 1. Their doc comments are the help that editors show.
//!
//! `title` names a mapping in messages; `x-later` lists keys that a later version will read, and what to do until then.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use super::deploy::{Approval, ConcurrencyRule, Deploy, Environment, Freeze};
use super::duration::Seconds;
pub use super::gate::{Gate, Percent};
pub use super::text::{
    ArtifactName, AxisName, AxisValue, BranchName, BranchPattern, CacheKey, Command, Cron, Group,
    Image, Login, Name, PathPattern, TagPattern, Team, TimeZone, Value, VariableName, WebAddress,
};
use crate::plan::ReportKind;

/// Between 1 second and 8 hours.
pub type Timeout = Seconds<1, 28_800>;
/// Between 5 minutes and 30 days.
pub type Expiry = Seconds<300, 2_592_000>;
/// Between 1 minute and 31 days.
pub type FreezeLength = Seconds<60, 2_678_400>;
/// Environment variables by name.
pub type Env = IndexMap<VariableName, Value>;

/// A pipeline: what runs when something happens to this repository, and where it is deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "the pipeline file", extend("x-later" = {
    "images": "build and push images with `run` in a job",
}))]
pub struct PipelineFile {
    /// The version of this format: 1.
    pub version: Version,
    /// What starts a run. Without it: a push to any branch, and every pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<On>,
    /// What jobs and deployments use where they say nothing themselves.
    #[serde(default)]
    pub defaults: Defaults,
    /// The jobs, by name. They run side by side, except where one needs another.
    #[schemars(extend("minProperties" = 1))]
    pub jobs: IndexMap<Name, Job>,
    /// Where a run is deployed once its jobs have succeeded, by name.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 32))]
    pub environments: IndexMap<Name, Environment>,
    /// What happens when a run begins while another is under way.
    #[serde(default)]
    pub concurrency: ConcurrencyRule,
}

/// The number 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Version;

impl TryFrom<u8> for Version {
    type Error = String;

    fn try_from(version: u8) -> Result<Self, String> {
        if version == 1 {
            Ok(Self)
        } else {
            Err(format!("{version} is not 1"))
        }
    }
}

impl From<Version> for u8 {
    fn from(_: Version) -> Self {
        1
    }
}

impl JsonSchema for Version {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "enum": [1] })
    }
}

/// What starts a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "`on`", extend("minProperties" = 1))]
pub struct On {
    /// A push to a branch. `push: {}` means any branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<Branches>,
    /// A pull request. `pull_request: {}` means one into any branch. It is never deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<Branches>,
    /// A new tag that one of these patterns matches: `["v*"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), extend("x-patterns" = true))]
    pub tag: Vec<TagPattern>,
    /// Times at which a run starts by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 32))]
    pub schedule: Vec<Schedule>,
}

impl Default for On {
    /// A push to any branch, and every pull request.
    fn default() -> Self {
        let any = || {
            Some(Branches {
                branches: Vec::new(),
            })
        };
        Self {
            push: any(),
            pull_request: any(),
            tag: Vec::new(),
            schedule: Vec::new(),
        }
    }
}

/// Which branches are meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a trigger")]
pub struct Branches {
    /// Names, patterns (`release-*`, `feature/**`) and exceptions (`!release-1`). Without it: any branch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), extend("x-patterns" = true))]
    pub branches: Vec<BranchPattern>,
}

/// A run that starts by the clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a schedule")]
pub struct Schedule {
    /// Its name; no two are alike.
    pub name: Name,
    /// Minute, hour, day of the month, month, day of the week: `0 3 * * MON-FRI`.
    pub cron: Cron,
    /// The branch whose newest commit is run.
    pub branch: BranchName,
    /// The IANA time zone in which `cron` is read. Without it: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    /// Whether a time that was missed, because the machine was down, is made up for once. Without it: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<bool>,
}

/// What jobs and deployments use where they say nothing themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "`defaults`")]
pub struct Defaults {
    /// The container image, where the host runs containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// After this time a command is ended: `20m`. Between 1s and 8h. Without it: 1h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeout>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub env: Env,
    /// How many times a failed job is tried again, at most 5. Deployments are never repeated by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 5))]
    pub retries: Option<u8>,
}

/// One job: commands in a clean checkout of the commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a job", extend("x-later" = {
    "services": "start what the job needs in its `run`",
}))]
pub struct Job {
    /// The command, or a list of commands that one shell runs in order and that ends at the first failure.
    pub run: Commands,
    /// Jobs that must have succeeded, or have been skipped, before this one starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub needs: Vec<String>,
    /// The job runs once for each combination of these values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Matrix>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub env: Env,
    /// After this time the commands are ended: `20m`. Between 1s and 8h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeout>,
    /// How many times a failed attempt is tried again, at most 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 5))]
    pub retries: Option<u8>,
    /// The container image, where the host runs containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The job is skipped unless a changed path matches one of these patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub paths: Vec<PathPattern>,
    /// The job is skipped if every changed path matches one of these patterns.
    #[serde(
        default,
        rename = "paths-ignore",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(length(min = 1))]
    pub paths_ignore: Vec<PathPattern>,
    /// The job is skipped unless all of these hold.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Reports that the commands write, and what they must satisfy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    /// Files that the job hands on to deployments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// Folders kept from one run to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cache: Vec<Cache>,
}

/// One command, or several for one shell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Commands {
    One(Command),
    Many(#[schemars(length(min = 1))] Vec<Command>),
}

impl Commands {
    /// The commands in order.
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::One(command) => vec![command.to_string()],
            Self::Many(commands) => commands.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Axes by name, each a list of values; the job runs once for each combination. Each value reaches the job as an
/// environment variable: axis `go` as `MATRIX_GO`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "a matrix", extend("minProperties" = 1, "additionalProperties" = false))]
pub struct Matrix {
    /// Further combinations; each gives every axis a value and may give more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub include: Vec<Cell>,
    /// Combinations to leave out: those that have all the values of one entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub exclude: Vec<Cell>,
    /// Axes.
    #[serde(flatten)]
    pub axes: IndexMap<AxisName, Axis>,
}

/// The values of one axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Axis(#[schemars(length(min = 1), extend("uniqueItems" = true))] pub Vec<AxisValue>);

/// A value for each of some axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Cell(#[schemars(extend("minProperties" = 1))] pub IndexMap<AxisName, AxisValue>);

/// Conditions that must all hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "`if`", extend("minProperties" = 1))]
pub struct Condition {
    /// The branch; for a pull request, the branch it goes into. A tag has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), extend("x-patterns" = true))]
    pub branch: Vec<BranchPattern>,
    /// What started the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub event: Vec<EventKind>,
    /// A changed path matches one of these patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub changed: Vec<PathPattern>,
}

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Push,
    Tag,
    PullRequest,
    Schedule,
    Manual,
}

impl EventKind {
    /// As [`Trigger::event`](crate::plan::Trigger::event) says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Tag => "tag",
            Self::PullRequest => "pull_request",
            Self::Schedule => "schedule",
            Self::Manual => "manual",
        }
    }
}

/// A report file and the conditions on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a report")]
pub struct Report {
    /// The format of the file.
    pub kind: ReportKind,
    /// The file, or a pattern for several, below the checkout.
    pub path: PathPattern,
    /// What the report must satisfy, or the job fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
}

/// Files that a job hands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "an artifact")]
pub struct Artifact {
    /// Its name; no two in the file are alike.
    pub name: ArtifactName,
    /// Files and patterns below the checkout.
    #[schemars(length(min = 1))]
    pub paths: Vec<PathPattern>,
}

/// Folders kept from one run to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a cache")]
pub struct Cache {
    /// Another key is another cache: `go-${hash:go.sum}`.
    pub key: CacheKey,
    /// Folders below the checkout.
    #[schemars(length(min = 1))]
    pub paths: Vec<PathPattern>,
}
