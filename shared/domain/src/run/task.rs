//! Purpose: a task, which is one command of a run that a build carries out, and the life of its attempts.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{BuildId, EnvironmentName, JobId};
use crate::release::Artifact;
use crate::report::Report;

/// Attempts that may be lost to the host (died, never started) before the task counts as failed.
pub const MAX_LOST_ATTEMPTS: u16 = 3;

/// Which task of a run: its text form (`job/unit`, `deploy/staging`) is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum TaskId {
    Job(JobId),
    Deploy(EnvironmentName),
    Verify(EnvironmentName),
    Rollback(EnvironmentName),
}

impl TaskId {
    /// The environment that the task touches; `None` for a job.
    pub fn environment(&self) -> Option<&EnvironmentName> {
        match self {
            Self::Job(_) => None,
            Self::Deploy(name) | Self::Verify(name) | Self::Rollback(name) => Some(name),
        }
    }

    /// Whether repeating it could do something twice to a target.
    pub fn touches_target(&self) -> bool {
        matches!(self, Self::Deploy(_) | Self::Rollback(_))
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(job) => write!(f, "job/{job}"),
            Self::Deploy(name) => write!(f, "deploy/{name}"),
            Self::Verify(name) => write!(f, "verify/{name}"),
            Self::Rollback(name) => write!(f, "rollback/{name}"),
        }
    }
}

impl From<TaskId> for String {
    fn from(task: TaskId) -> Self {
        task.to_string()
    }
}

impl TryFrom<String> for TaskId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(kind, name)| match kind {
            "job" => Some(Self::Job(name.into())),
            "deploy" => Some(Self::Deploy(name.into())),
            "verify" => Some(Self::Verify(name.into())),
            "rollback" => Some(Self::Rollback(name.into())),
            _ => None,
        });
        parsed.ok_or(text)
    }
}

/// One attempt of a task: what a place in the pool, an intent and a build are for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attempt {
    pub task: TaskId,
    /// From 1.
    pub number: u16,
}

impl Attempt {
    /// Reads the text form back.
    pub fn parse(text: &str) -> Option<Self> {
        let (task, number) = text.rsplit_once('~')?;
        Some(Self {
            task: task.to_owned().try_into().ok()?,
            number: number.parse().ok()?,
        })
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.task, self.number)
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Succeeded,
    /// Its commands or its gates said no.
    Failed {
        why: String,
    },
    TimedOut,
    Cancelled,
    /// The host died under it, after it had claimed.
    Lost {
        why: String,
    },
    /// No code of the repository ran: it did not start, or was not allowed to.
    NotStarted {
        why: String,
    },
    /// It was not needed in this run.
    Skipped {
        why: String,
    },
}

impl Verdict {
    /// Whether what comes after may go on.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped { .. })
    }

    /// One word, for lists and pages.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed { .. } => "failed",
            Self::TimedOut => "timed out",
            Self::Cancelled => "cancelled",
            Self::Lost { .. } => "lost",
            Self::NotStarted { .. } => "not started",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// The sentence behind the word, where there is one.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Failed { why }
            | Self::Lost { why }
            | Self::NotStarted { why }
            | Self::Skipped { why } => Some(why),
            _ => None,
        }
    }
}

/// What an observed end of a build tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndFacts {
    pub verdict: Verdict,
    /// The one sentence to show first: the failing test with its file and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// Milliseconds since the epoch; 0 when it never began.
    pub started_ms: i64,
    pub finished_ms: i64,
    pub cpu_ms: u64,
    pub max_rss_kib: u64,
}

impl EndFacts {
    /// An end without a build.
    pub fn without_build(verdict: Verdict, at: Timestamp) -> Self {
        Self {
            verdict,
            headline: None,
            reports: Vec::new(),
            artifacts: Vec::new(),
            started_ms: 0,
            finished_ms: at.as_millisecond(),
            cpu_ms: 0,
            max_rss_kib: 0,
        }
    }
}

/// Where the current attempt of a task stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// For what it needs.
    #[default]
    Waiting,
    /// For a place in the pool.
    WantsSlot {
        since: Timestamp,
    },
    /// The intent is recorded; the build may be asked for.
    Requested {
        at: Timestamp,
        deferred: Option<Deferred>,
    },
    /// The build has a name.
    Started {
        at: Timestamp,
        build: BuildId,
        claimed: bool,
    },
    Ended(Verdict),
}

/// Why a start has to wait, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferred {
    pub why: String,
    pub until: Timestamp,
}

/// A finished attempt, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub number: u16,
    pub build: Option<BuildId>,
    pub claimed: bool,
    pub end: EndFacts,
}

/// A task's state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Number of the current attempt, 0 before the first.
    pub attempt: u16,
    pub phase: Phase,
    pub past: Vec<Past>,
}

impl Task {
    /// How it ended, once no attempt will follow.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.phase {
            Phase::Ended(verdict) => Some(verdict),
            _ => None,
        }
    }

    /// The end of the last finished attempt.
    pub fn last_end(&self) -> Option<&EndFacts> {
        self.past.last().map(|past| &past.end)
    }

    /// The build of the current or last attempt.
    pub fn build(&self) -> Option<&BuildId> {
        match &self.phase {
            Phase::Started { build, .. } => Some(build),
            _ => self.past.last().and_then(|past| past.build.as_ref()),
        }
    }

    /// Whether any attempt ran code of the repository.
    pub fn was_claimed(&self) -> bool {
        matches!(self.phase, Phase::Started { claimed: true, .. })
            || self.past.iter().any(|past| past.claimed)
    }
}
