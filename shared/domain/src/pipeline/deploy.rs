//! Purpose: the types of a pipeline file that say where and under which conditions a run is deployed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::{
    BranchPattern, Commands, Cron, Env, Expiry, FreezeLength, Group, Image, Login, TagPattern,
    Team, TimeZone, Timeout, WebAddress,
};
use crate::plan::{OnNew, Role};

/// A place that a run is deployed to. Pull requests never are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "an environment", extend("x-later" = {
    "kubernetes": "deploy with a command in `deploy`",
    "healthy": "look at the deployment with a command in `verify`",
}))]
pub struct Environment {
    /// Runs of these branches are deployed here: names, patterns and exceptions (`!name`). Without `branches` and
    /// `tags`: whatever is deployed to the environment in `after`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), extend("x-patterns" = true))]
    pub branches: Vec<BranchPattern>,
    /// Runs of these tags are deployed here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), extend("x-patterns" = true))]
    pub tags: Vec<TagPattern>,
    /// The environment in which the same run must have succeeded before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Where people see what is deployed here; GitHub's page of the deployment links to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<WebAddress>,
    /// The commands that deploy.
    pub deploy: Deploy,
    /// The commands that look whether the deployment works; if they fail, it has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Deploy>,
    /// The commands that go back after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Deploy>,
    /// Who has to agree before this environment is touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Times in which this environment is not touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub freeze: Vec<Freeze>,
}

/// Commands that deploy, verify or roll back. What is missing comes from `defaults`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a step of an environment")]
pub struct Deploy {
    /// The command, or a list of commands that one shell runs in order and that ends at the first failure.
    pub run: Commands,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "indexmap::IndexMap::is_empty")]
    pub env: Env,
    /// After this time the commands are ended: `20m`. Between 1s and 8h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeout>,
    /// The container image, where the host runs containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
}

/// Who has to agree before an environment is touched. `people` or `teams` must be given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "an approval")]
pub struct Approval {
    /// Logins of people who may approve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("uniqueItems" = true))]
    pub people: Vec<Login>,
    /// Teams whose members may approve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("uniqueItems" = true))]
    pub teams: Vec<Team>,
    /// How many different people have to approve. Without it: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub count: Option<u8>,
    /// Who may not approve: the person who started the run, the author of the commit. Without it: both. `[]` means
    /// that people may approve their own work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    pub exclude: Option<Vec<Role>>,
    /// After this time the request expires: `24h`. Between 5m and 30d. Without it: 24h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Expiry>,
}

/// A time in which an environment is not touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a freeze")]
pub struct Freeze {
    /// When it begins: minute, hour, day of the month, month, day of the week.
    pub cron: Cron,
    /// How long it lasts on the wall clock of the time zone: `62h`. Between 1m and 31d.
    #[serde(rename = "for")]
    pub length: FreezeLength,
    /// The IANA time zone in which it is read. Without it: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
}

/// What happens when a run begins while another of its group is under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "`concurrency`")]
pub struct ConcurrencyRule {
    /// Runs whose group is the same text share a place; `${ref}`, `${branch}` and `${event}` are filled in. Without
    /// it: `${ref}`. A pull request shares its place with no other, whatever this says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// `cancel` ends the older run, `queue` lets the newer wait. Without it: `cancel` for pushes and pull requests,
    /// `queue` for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_new: Option<OnNew>,
}
