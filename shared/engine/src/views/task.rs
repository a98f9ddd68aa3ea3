//! Purpose: one task of a run for readers: a job, or the deploy, verification or rollback of an environment.

use domain::ids::{BuildId, JobId};
use domain::plan::Step;
use domain::release::Artifact;
use domain::report::{Report, TestCounts};
use domain::run::{Attempt, EndFacts, Phase, Run, Task, TaskId};
use jiff::Timestamp;
use serde::Serialize;

/// One task.
#[derive(Clone, Debug, Serialize)]
pub struct TaskView {
    pub task: TaskId,
    /// `unit (go=1.24)`, `deploy`, `verify`, `rollback`.
    pub name: String,
    /// Jobs that must have succeeded before; empty for the tasks of an environment.
    pub needs: Vec<JobId>,
    /// `waiting`, `in the queue`, `starting`, `running`, or a word of [`domain::run::Verdict`].
    pub status: String,
    /// The sentence behind the status: why it failed, was skipped or has to wait.
    pub why: Option<String>,
    /// The one sentence to show first: the failing test with its file and line.
    pub headline: Option<String>,
    /// First attempt's begin to last attempt's end, or to now.
    pub duration_ms: Option<u64>,
    /// Of all attempts.
    pub cpu_ms: u64,
    /// Tests of the last attempt; `None` when no report counts tests.
    pub tests: Option<TestCounts>,
    pub attempts: Vec<AttemptView>,
    /// Reports of the last attempt.
    pub reports: Vec<Report>,
    /// Artifacts of the last attempt.
    pub artifacts: Vec<Artifact>,
    /// What it runs.
    pub step: Option<Step>,
}

impl TaskView {
    /// Whether it ended without success.
    pub fn is_bad(&self) -> bool {
        matches!(
            self.status.as_str(),
            "failed" | "timed out" | "lost" | "not started"
        )
    }
}

/// One attempt of a task.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptView {
    pub attempt: Attempt,
    pub number: u16,
    pub status: String,
    pub why: Option<String>,
    pub headline: Option<String>,
    /// The build; with it there is a log.
    pub build: Option<BuildId>,
    pub started_ms: Option<i64>,
    pub finished_ms: Option<i64>,
    pub duration_ms: Option<u64>,
    pub cpu_ms: u64,
    /// Largest resident set of one process, KiB.
    pub max_rss_kib: u64,
}

/// The task as it stands; `None` if the run has no such task (yet).
pub(super) fn task_view(run: &Run, id: &TaskId, at: Timestamp) -> Option<TaskView> {
    let task = run.tasks.get(id)?;
    let (status, why) = phase_words(&task.phase);
    let mut attempts: Vec<AttemptView> = task
        .past
        .iter()
        .map(|past| ended(id, past.number, past.build.clone(), &past.end))
        .collect();
    attempts.extend(current(id, task, at));
    let last = task.last_end();
    let job = run.job(id);
    Some(TaskView {
        task: id.clone(),
        name: name_of(id),
        needs: job.map(|job| job.needs.clone()).unwrap_or_default(),
        status: status.to_owned(),
        why,
        headline: last.and_then(|end| end.headline.clone()),
        duration_ms: whole_duration(&attempts, at),
        cpu_ms: attempts.iter().map(|attempt| attempt.cpu_ms).sum(),
        tests: last.and_then(tests_of),
        attempts,
        reports: last.map(|end| end.reports.clone()).unwrap_or_default(),
        artifacts: last.map(|end| end.artifacts.clone()).unwrap_or_default(),
        step: run.step_of(id).cloned(),
    })
}

fn name_of(id: &TaskId) -> String {
    match id {
        TaskId::Job(job) => job.to_string(),
        TaskId::Deploy(_) => "deploy".to_owned(),
        TaskId::Verify(_) => "verify".to_owned(),
        TaskId::Rollback(_) => "rollback".to_owned(),
    }
}

/// The word and the sentence for where a task stands.
fn phase_words(phase: &Phase) -> (&'static str, Option<String>) {
    match phase {
        Phase::Waiting => ("waiting", None),
        Phase::WantsSlot { .. } => ("in the queue", None),
        Phase::Requested { deferred, .. } => {
            ("starting", deferred.as_ref().map(|later| later.why.clone()))
        }
        Phase::Started { claimed: false, .. } => ("starting", None),
        Phase::Started { claimed: true, .. } => ("running", None),
        Phase::Ended(verdict) => (verdict.word(), verdict.why().map(str::to_owned)),
    }
}

fn ended(task: &TaskId, number: u16, build: Option<BuildId>, end: &EndFacts) -> AttemptView {
    let began = (end.started_ms > 0).then_some(end.started_ms);
    AttemptView {
        attempt: Attempt {
            task: task.clone(),
            number,
        },
        number,
        status: end.verdict.word().to_owned(),
        why: end.verdict.why().map(str::to_owned),
        headline: end.headline.clone(),
        build,
        started_ms: began,
        finished_ms: Some(end.finished_ms),
        duration_ms: began.map(|began| between(began, end.finished_ms)),
        cpu_ms: end.cpu_ms,
        max_rss_kib: end.max_rss_kib,
    }
}

/// The attempt that is on its way; `None` between attempts.
fn current(id: &TaskId, task: &Task, at: Timestamp) -> Option<AttemptView> {
    let (build, since) = match &task.phase {
        Phase::Waiting | Phase::Ended(_) => return None,
        Phase::WantsSlot { .. } | Phase::Requested { .. } => (None, None),
        Phase::Started { at, build, .. } => (Some(build.clone()), Some(at.as_millisecond())),
    };
    let (status, why) = phase_words(&task.phase);
    Some(AttemptView {
        attempt: Attempt {
            task: id.clone(),
            number: task.attempt,
        },
        number: task.attempt,
        status: status.to_owned(),
        why,
        headline: None,
        build,
        started_ms: since,
        finished_ms: None,
        duration_ms: since.map(|since| between(since, at.as_millisecond())),
        cpu_ms: 0,
        max_rss_kib: 0,
    })
}

/// Milliseconds from one time to a later one.
pub(super) fn between(from_ms: i64, to_ms: i64) -> u64 {
    u64::try_from(to_ms.saturating_sub(from_ms)).unwrap_or(0)
}

fn whole_duration(attempts: &[AttemptView], at: Timestamp) -> Option<u64> {
    let first = attempts.iter().find_map(|attempt| attempt.started_ms)?;
    let last = attempts.last()?;
    let end = match last.finished_ms {
        Some(end) => end,
        None => at.as_millisecond(),
    };
    Some(between(first, end))
}

fn tests_of(end: &EndFacts) -> Option<TestCounts> {
    let mut counts = end.reports.iter().filter_map(|report| report.tests);
    let first = counts.next()?;
    Some(counts.fold(first, |sum, tests| TestCounts {
        passed: sum.passed.saturating_add(tests.passed),
        failed: sum.failed.saturating_add(tests.failed),
        skipped: sum.skipped.saturating_add(tests.skipped),
        millis: sum.millis.saturating_add(tests.millis),
    }))
}
