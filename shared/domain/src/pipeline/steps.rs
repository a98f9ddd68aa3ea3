//! Purpose: the jobs of a file as planned jobs: cells of a matrix, order, defaults, and why one is skipped.

use std::collections::BTreeMap;

use super::compile::{Facts, selects_branch};
use super::file::{
    Commands, Defaults, Env, EventKind, Image, Job, Name, PathPattern, PipelineFile, Timeout,
};
use super::matrix::{Cell, Matrix, label};
use super::{graph, pattern};
use crate::ids::JobId;
use crate::plan::{ArtifactSpec, CacheSpec, PlannedJob, ReportSpec, Step, Trigger};

/// A step that says nothing about its time may take one hour.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 3_600;

/// Every job of the file, every cell of it on its own.
pub fn jobs(file: &PipelineFile, facts: &Facts) -> Vec<PlannedJob> {
    let jobs: Vec<(&Name, &Job, Vec<Cell>)> = file
        .jobs
        .iter()
        .map(|(name, job)| (name, job, cells(job)))
        .collect();
    let position = |need: &String| jobs.iter().position(|(name, ..)| name.as_str() == need);
    let needs: Vec<Vec<usize>> = jobs
        .iter()
        .map(|(_, job, _)| job.needs.iter().filter_map(position).collect())
        .collect();
    let (order, _) = graph::order(&needs);
    let mut planned = Vec::new();
    for index in order {
        let (Some((name, job, cells)), Some(needs)) = (jobs.get(index), needs.get(index)) else {
            continue;
        };
        let needs: Vec<JobId> = needs
            .iter()
            .filter_map(|need| jobs.get(*need))
            .flat_map(|(name, _, cells)| cells.iter().map(|cell| id(name, cell)))
            .collect();
        let skip = skip(job, facts);
        planned.extend(cells.iter().map(|cell| PlannedJob {
            needs: needs.clone(),
            skip: skip.clone(),
            ..planned_job(file, name, job, cell)
        }));
    }
    planned
}

/// Of a job without a matrix, one empty cell.
fn cells(job: &Job) -> Vec<Cell> {
    job.matrix
        .as_ref()
        .map_or_else(|| vec![Cell::new()], |matrix| Matrix::from(matrix).cells())
}

fn id(name: &Name, cell: &Cell) -> JobId {
    if cell.is_empty() {
        return JobId::new(name.as_str());
    }
    JobId::new(format!("{name} ({})", label(cell)))
}

fn planned_job(file: &PipelineFile, name: &Name, job: &Job, cell: &Cell) -> PlannedJob {
    let mut step = step(
        &file.defaults,
        &job.run,
        &job.env,
        job.timeout,
        job.image.as_ref(),
    );
    step.env.extend(cell.iter().map(|(axis, value)| {
        (
            format!("MATRIX_{}", axis.to_ascii_uppercase()),
            value.clone(),
        )
    }));
    PlannedJob {
        id: id(name, cell),
        name: name.to_string(),
        needs: Vec::new(),
        skip: None,
        step,
        retries: job.retries.or(file.defaults.retries).unwrap_or(0),
        reports: job.reports.iter().map(report).collect(),
        artifacts: job
            .artifacts
            .iter()
            .map(|artifact| ArtifactSpec {
                name: artifact_name(artifact.name.as_str(), cell),
                paths: texts(&artifact.paths),
            })
            .collect(),
        cache: job
            .cache
            .iter()
            .map(|cache| CacheSpec {
                key: cache.key.to_string(),
                paths: texts(&cache.paths),
            })
            .collect(),
    }
}

fn report(report: &super::file::Report) -> ReportSpec {
    ReportSpec {
        kind: report.kind,
        path: report.path.to_string(),
        gate: report
            .gate
            .as_ref()
            .map(super::file::Gate::plan)
            .unwrap_or_default(),
    }
}

/// The cells of a matrix hand on artifacts of different names. A name may become the name of a file: no `/`.
fn artifact_name(name: &str, cell: &Cell) -> String {
    if cell.is_empty() {
        return name.to_owned();
    }
    format!("{name} ({})", label(cell).replace('/', "%2F"))
}

/// Commands with what `defaults` adds to them.
pub fn step(
    defaults: &Defaults,
    run: &Commands,
    env: &Env,
    timeout: Option<Timeout>,
    image: Option<&Image>,
) -> Step {
    let variables = defaults.env.iter().chain(env);
    let env: BTreeMap<String, String> = variables
        .map(|(name, value)| (name.to_string(), value.as_str().to_owned()))
        .collect();
    Step {
        run: run.list(),
        env,
        timeout_seconds: timeout
            .or(defaults.timeout)
            .map_or(DEFAULT_TIMEOUT_SECONDS, Timeout::get),
        image: image.or(defaults.image.as_ref()).map(ToString::to_string),
    }
}

fn texts(patterns: &[PathPattern]) -> Vec<String> {
    patterns.iter().map(ToString::to_string).collect()
}

/// Why a job does not run for this event: the first condition that does not hold.
fn skip(job: &Job, facts: &Facts) -> Option<String> {
    let condition = job.condition.as_ref();
    let condition = condition.and_then(|condition| {
        let event = facts.trigger.event();
        let is_named = |named: &EventKind| {
            let is_queued = matches!(facts.trigger, Trigger::MergeGroup { .. });
            named.word() == event || (is_queued && *named == EventKind::PullRequest)
        };
        if !condition.event.is_empty() && !condition.event.iter().any(is_named) {
            let events: Vec<&str> = condition.event.iter().map(|event| event.word()).collect();
            return Some(format!(
                "`if.event` wants {}, and this is {event}",
                events.join(" or ")
            ));
        }
        branch_reason(&condition.branch, &facts.trigger)
            .or_else(|| changed_reason("if.changed", &condition.changed, facts))
    });
    condition
        .or_else(|| changed_reason("paths", &job.paths, facts))
        .or_else(|| ignored_reason(&job.paths, &job.paths_ignore, facts))
}

fn branch_reason(patterns: &[super::file::BranchPattern], trigger: &Trigger) -> Option<String> {
    if patterns.is_empty() {
        return None;
    }
    match trigger.branch() {
        Some(branch) if selects_branch(patterns, branch) => None,
        Some(branch) => Some(format!("`if.branch` does not name the branch {branch}")),
        None => Some("`if.branch` wants a branch, and a tag has none".to_owned()),
    }
}

fn changed_reason(key: &str, patterns: &[PathPattern], facts: &Facts) -> Option<String> {
    let changed = facts.changed_paths.as_ref()?;
    let hit = |path: &String| patterns.iter().any(|p| pattern::matches(p.as_str(), path));
    let skip = !patterns.is_empty() && !changed.iter().any(hit);
    skip.then(|| format!("no changed path matches `{key}`"))
}

/// With `paths` as well, a path that `paths-ignore` names does not count for `paths`.
fn ignored_reason(paths: &[PathPattern], ignored: &[PathPattern], facts: &Facts) -> Option<String> {
    let changed = facts.changed_paths.as_ref()?;
    if ignored.is_empty() {
        return None;
    }
    let any = |patterns: &[PathPattern], path: &str| {
        patterns.iter().any(|p| pattern::matches(p.as_str(), path))
    };
    let counts = |path: &String| !any(ignored, path) && (paths.is_empty() || any(paths, path));
    let skip = !changed.iter().any(counts);
    skip.then(|| "every changed path that counts matches `paths-ignore`".to_owned())
}
