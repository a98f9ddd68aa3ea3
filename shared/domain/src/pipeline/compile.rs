//! Purpose: a pipeline file and one event into a plan. Nothing of the event's text goes into a command.

use serde::{Deserialize, Serialize};

use super::diagnostic::Diagnostic;
use super::file::{BranchPattern, Branches, On, PipelineFile};
use super::read::read;
use super::{environments, pattern, steps};
use crate::ids::{CommitSha, Digest};
use crate::plan::{Concurrency, OnNew, Plan, Trigger};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub trigger: Trigger,
    /// Paths that the event changed, below the checkout; `None` = unknown, and everything counts as changed.
    pub changed_paths: Option<Vec<String>>,
    /// Where the environments are read; a pull request has none.
    #[serde(default)]
    pub environments: Environments,
}

/// Where the environments of a run are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Environments {
    /// In the pipeline file itself.
    #[default]
    Own,
    /// In what the default branch says now.
    Default(DefaultBranch),
}

/// What the default branch says now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultBranch {
    /// `None` = it could not be told which it is.
    pub name: Option<String>,
    /// `None` = there is no such branch.
    pub commit: Option<CommitSha>,
    /// Its pipeline file.
    pub file: DefaultFile,
}

/// The pipeline file of the default branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DefaultFile {
    #[default]
    Missing,
    /// It is there and cannot be read: one sentence.
    Unreadable(String),
    Text(String),
}

/// What the event means for this file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compiled {
    Run(Plan),
    /// The file does not ask for a run.
    NotTriggered {
        /// One sentence without a full stop.
        reason: String,
    },
}

/// A run that the clock starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSpec {
    pub name: String,
    /// Five fields, read in `time_zone`; see [`next_tick`](super::calendar::next_tick).
    pub cron: String,
    pub branch: String,
    /// IANA name.
    pub time_zone: String,
    /// Whether a tick that was missed is made up for once.
    pub catch_up: bool,
}

/// Compiles the file for this event. A person's own wish ([`Trigger::Manual`]) needs no entry under `on`.
///
/// Jobs are in an order in which each comes after what it needs, otherwise in the order of the file; so are the
/// environments. If every job is skipped, nothing is deployed.
///
/// # Errors
/// Every mistake of the file, as [`read`] lists them.
pub fn compile(text: &str, facts: &Facts) -> Result<Compiled, Vec<Diagnostic>> {
    let file = read(text)?;
    if let Some(reason) = not_triggered(&file.on.clone().unwrap_or_default(), &facts.trigger) {
        return Ok(Compiled::NotTriggered { reason });
    }
    let jobs = steps::jobs(&file, facts);
    let idle = jobs.iter().all(|job| job.skip.is_some());
    let (mut stages, environments) = environments::of(text, &file, facts);
    if idle {
        stages.clear();
    }
    let pipeline = Digest::of(text.as_bytes());
    let concurrency = concurrency(&file, &facts.trigger);
    Ok(Compiled::Run(Plan {
        pipeline,
        jobs,
        stages,
        concurrency,
        environments,
    }))
}

/// The schedules of a file, in its order.
pub fn schedules(file: &PipelineFile) -> Vec<ScheduleSpec> {
    let schedules = file.on.iter().flat_map(|on| &on.schedule);
    schedules
        .map(|schedule| ScheduleSpec {
            name: schedule.name.to_string(),
            cron: schedule.cron.to_string(),
            branch: schedule.branch.to_string(),
            time_zone: schedule
                .time_zone
                .as_ref()
                .map_or("UTC".to_owned(), ToString::to_string),
            catch_up: schedule.catch_up.unwrap_or(true),
        })
        .collect()
}

fn not_triggered(on: &On, trigger: &Trigger) -> Option<String> {
    match trigger {
        Trigger::Manual { .. } => None,
        Trigger::Push { branch } => branches(on.push.as_ref(), branch, "pushes"),
        Trigger::PullRequest { base, .. } => {
            branches(on.pull_request.as_ref(), base, "pull requests")
        }
        // The queue waits for a check that pull requests have, be it from a run of theirs or of the push to their branch.
        Trigger::MergeGroup { base, .. } => {
            let why = branches(on.pull_request.as_ref(), base, "pull requests");
            why.filter(|_| branches(on.push.as_ref(), base, "pushes").is_some())
        }
        Trigger::Tag { tag } => {
            let wanted = pattern::selects(on.tag.iter().map(super::file::TagPattern::as_str), tag);
            (!wanted).then(|| format!("`on.tag` does not name the tag {tag}"))
        }
        Trigger::Schedule { name, branch } => {
            let known = on
                .schedule
                .iter()
                .find(|schedule| schedule.name.as_str() == name);
            match known {
                None => Some(format!("`on.schedule` has no schedule {name}")),
                Some(schedule) if schedule.branch.as_str() != branch => Some(format!(
                    "the schedule {name} is for the branch {}, not {branch}",
                    schedule.branch
                )),
                Some(_) => None,
            }
        }
    }
}

fn branches(trigger: Option<&Branches>, branch: &str, what: &str) -> Option<String> {
    match trigger {
        None => Some(format!("`on` does not ask for {what}")),
        Some(Branches { branches }) if selects_branch(branches, branch) => None,
        Some(_) => Some(format!(
            "`on` does not ask for {what} of the branch {branch}"
        )),
    }
}

/// Whether the list names the branch; an empty list names every branch.
pub(super) fn selects_branch(patterns: &[BranchPattern], branch: &str) -> bool {
    patterns.is_empty() || pattern::selects(patterns.iter().map(BranchPattern::as_str), branch)
}

/// The place that this run shares with others.
///
/// A pull request shares with its own older runs alone, and a merge group with nothing: with a fixed group it could otherwise end the runs
/// of the branch that it wants to go into. A schedule has a place of its own by default, so that a push does not end it.
fn concurrency(file: &PipelineFile, trigger: &Trigger) -> Concurrency {
    let own = match trigger {
        Trigger::Push { branch } | Trigger::Manual { branch } => format!("refs/heads/{branch}"),
        Trigger::Tag { tag } => format!("refs/tags/{tag}"),
        Trigger::PullRequest { number, .. } => format!("refs/pull/{number}/head"),
        Trigger::Schedule { name, .. } => format!("schedule/{name}"),
        Trigger::MergeGroup { head, .. } => format!("refs/heads/{head}"),
    };
    let group = match &file.concurrency.group {
        None => own,
        Some(group) => {
            let filled = fill(group.as_str(), trigger, &own);
            match trigger {
                Trigger::PullRequest { number, .. } => format!("pull/{number}: {filled}"),
                Trigger::MergeGroup { head, .. } => format!("merge/{head}: {filled}"),
                _ => filled,
            }
        }
    };
    let on_new = file.concurrency.on_new.unwrap_or(match trigger {
        Trigger::Push { .. } | Trigger::PullRequest { .. } => OnNew::Cancel,
        Trigger::Tag { .. }
        | Trigger::Schedule { .. }
        | Trigger::Manual { .. }
        | Trigger::MergeGroup { .. } => OnNew::Queue,
    });
    Concurrency { group, on_new }
}

/// Fills in `${ref}`, `${branch}` (the ref where there is no branch) and `${event}`, in one pass: a branch called
/// `${event}` stays what it is.
fn fill(group: &str, trigger: &Trigger, own_ref: &str) -> String {
    let mut parts = group.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        filled.push_str(match name {
            "ref" => own_ref,
            "branch" => trigger.branch().unwrap_or(own_ref),
            "event" => trigger.event(),
            other => other,
        });
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests;
