//! Purpose: the plan, which is what a pipeline file and a commit compile to. A run carries its plan; nothing is left to
//! choose when it is carried out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{CommitSha, Digest, EnvironmentName, JobId, PersonId};

/// Everything that one run will do, in order, with every matrix cell spelled out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// SHA-256 of the pipeline file's bytes.
    pub pipeline: Digest,
    /// Jobs in an order in which each comes after what it needs.
    pub jobs: Vec<PlannedJob>,
    /// Environments that this run deploys to, each after the one that it follows.
    pub stages: Vec<PlannedStage>,
    /// What happens when several runs want the same place.
    pub concurrency: Concurrency,
    /// Where `stages` were read, if not in the pipeline file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environments: Option<EnvironmentsSource>,
}

impl Plan {
    /// The digest of all rules that the plan was made of; a release is bound to it.
    pub fn rules(&self) -> Digest {
        match self
            .environments
            .as_ref()
            .and_then(|source| source.file.as_ref())
        {
            None => self.pipeline.clone(),
            Some(file) => {
                let text = format!("pipeline {}\nenvironments {file}\n", self.pipeline);
                Digest::of(text.as_bytes())
            }
        }
    }
}

/// The pipeline file of the default branch, where it is another one than that of the run's commit. Who may push to some
/// branch decides about its jobs; what protects an environment is decided on the default branch alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentsSource {
    /// The default branch, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Its head when the run was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// SHA-256 of its pipeline file's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Digest>,
    /// Why no environment could be read, and nothing is deployed: one sentence without a full stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl EnvironmentsSource {
    /// What a reader is told of it: one sentence.
    pub fn sentence(&self) -> String {
        if let Some(problem) = &self.problem {
            return format!("Nothing is deployed: {problem}.");
        }
        let branch = self.branch.as_deref().unwrap_or("an unknown branch");
        let at = self.commit.as_ref().map_or("?", CommitSha::short);
        format!("Environments and approvals are those of the default branch {branch}, at {at}.")
    }
}

/// One job, or one cell of a job's matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedJob {
    /// `unit (go=1.24)`.
    pub id: JobId,
    /// The job's key in the pipeline file: `unit`.
    pub name: String,
    /// Jobs that must have succeeded (or been skipped) before.
    pub needs: Vec<JobId>,
    /// Why the job does not run in this run (`if`, `paths`); `None` = it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
    /// What it runs.
    pub step: Step,
    /// How many times a failed attempt is tried again, 0..=5.
    #[serde(default)]
    pub retries: u8,
    /// Reports that it writes, with their gates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<ReportSpec>,
    /// Files that it hands on; those of all jobs make the release set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<ArtifactSpec>,
    /// Folders kept from one run to the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cache: Vec<CacheSpec>,
}

/// Commands with their surroundings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Shell commands, run in order by one `sh -e`; text of the commit never goes into them.
    pub run: Vec<String>,
    /// Environment variables, matrix values among them (`MATRIX_GO=1.24`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Seconds until the command is ended.
    pub timeout_seconds: u32,
    /// Container image, where the host runs containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// One environment of this run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    pub environment: EnvironmentName,
    /// The environment that must have succeeded before; `None` = after the jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EnvironmentName>,
    pub deploy: Step,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Step>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalPolicy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<FreezeWindow>,
    /// Where people see what is deployed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Who has to say yes before an environment is touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalPolicy {
    /// Logins named in the file; resolved to numbers when the approval is opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// Teams named in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// How many different people have to approve, at least 1.
    pub count: u8,
    /// Roles that may not approve their own work.
    pub exclude: Vec<Role>,
    /// Seconds until an approval that nobody gave expires.
    pub expires_seconds: u32,
}

/// A part that a person has in a run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Who pushed, re-ran or scheduled: the sender of the event.
    Initiator,
    /// Who wrote the commit.
    Author,
}

/// A time in which an environment is not touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeWindow {
    /// When it begins: five cron fields, read in `time_zone`.
    pub cron: String,
    /// Seconds that it lasts, on the wall clock of `time_zone`.
    pub for_seconds: u32,
    /// IANA name: `Asia/Shanghai`.
    pub time_zone: String,
}

/// One place that runs of a repository share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concurrency {
    /// The key of the place, with `${branch}` already filled in.
    pub group: String,
    pub on_new: OnNew,
}

/// What a new run does to an older one in the same group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnNew {
    /// The older run is superseded, unless it has begun an environment that needs an approval.
    Cancel,
    /// The new run waits until the older one has ended.
    Queue,
}

/// A report file and the conditions on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSpec {
    pub kind: ReportKind,
    /// A path or glob below the checkout.
    pub path: String,
    #[serde(default, skip_serializing_if = "Gate::is_empty")]
    pub gate: Gate,
}

/// A report format.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    Junit,
    GoTest,
    Sarif,
    Lcov,
}

/// What a report must satisfy, or its job fails with a sentence that says why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Failing tests allowed (junit, go-test); `None` = the command's exit status alone decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_failed: Option<u32>,
    /// Tests that must have run (junit, go-test).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tests: Option<u32>,
    /// Findings allowed that the base branch does not have (sarif).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_new: Option<u32>,
    /// Findings allowed in all (sarif).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_findings: Option<u32>,
    /// Lines covered, in hundredths of a per cent: 8000 = 80 % (lcov).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_coverage: Option<u32>,
}

impl Gate {
    /// No condition at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Files that a job hands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactSpec {
    pub name: String,
    /// Globs below the checkout.
    pub paths: Vec<String>,
}

/// Folders kept between runs of the same trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheSpec {
    /// The key with `${hash:FILE}` kept as written: the builder fills it in at the checkout.
    pub key: String,
    pub paths: Vec<String>,
}

/// What happened to the repository; the plan depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Push {
        branch: String,
    },
    Tag {
        tag: String,
    },
    PullRequest {
        number: u64,
        base: String,
        head: String,
    },
    Schedule {
        name: String,
        branch: String,
    },
    /// A person asked on the command line, for this branch.
    Manual {
        branch: String,
    },
    /// A merge queue wants to know whether what it is about to merge is good.
    MergeGroup {
        /// The branch that it is to be merged into.
        base: String,
        /// The queue's own branch.
        head: String,
    },
}

impl Trigger {
    /// Whether it is about what is to be merged: by the rules of its base, and deployed nowhere.
    pub fn is_proposed(&self) -> bool {
        matches!(self, Self::PullRequest { .. } | Self::MergeGroup { .. })
    }

    /// The branch whose rules hold: for what is to be merged, its base.
    pub fn branch(&self) -> Option<&str> {
        match self {
            Self::Push { branch } | Self::Schedule { branch, .. } | Self::Manual { branch } => {
                Some(branch)
            }
            Self::PullRequest { base, .. } | Self::MergeGroup { base, .. } => Some(base),
            Self::Tag { .. } => None,
        }
    }

    /// The field's word for it, as `if: { event: … }` takes it.
    pub fn event(&self) -> &'static str {
        match self {
            Self::Push { .. } => "push",
            Self::Tag { .. } => "tag",
            Self::PullRequest { .. } => "pull_request",
            Self::Schedule { .. } => "schedule",
            Self::Manual { .. } => "manual",
            Self::MergeGroup { .. } => "merge_group",
        }
    }
}

/// Who is who in a run, by number. `None` = nobody that the machine knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parties {
    /// The sender of the event.
    pub initiator: Option<PersonId>,
    /// The author of the commit.
    pub author: Option<PersonId>,
}

impl Parties {
    /// Whether this person has the role.
    pub fn has(&self, person: PersonId, role: Role) -> bool {
        match role {
            Role::Initiator => self.initiator == Some(person),
            Role::Author => self.author == Some(person),
        }
    }

    /// Whether it is known who has the role in a run with this trigger. What a schedule starts, no person has started.
    pub fn knows(&self, role: Role, trigger: &Trigger) -> bool {
        match role {
            Role::Initiator => {
                self.initiator.is_some() || matches!(trigger, Trigger::Schedule { .. })
            }
            Role::Author => self.author.is_some(),
        }
    }
}
