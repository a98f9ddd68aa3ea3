//! Purpose: the check of one job, with an annotation at each line that a report names.

use domain::checks::{Annotation, Check, Conclusion, Level, Status};
use domain::plan::PlannedJob;
use domain::report::{Report, TestCounts};
use domain::run::{EndFacts, Phase, Task, TaskId, Verdict};
use domain::words;
use jiff::Timestamp;

use super::waits::in_line;
use super::{MAX_NAME, MAX_TITLE, Scene, text};

/// Annotations of one job: two pages.
const MAX_ANNOTATIONS: usize = 100;
/// Characters of an annotation's message.
const MAX_MESSAGE: usize = 500;

/// The check of a job.
pub(super) fn check(scene: &Scene<'_>, planned: &PlannedJob) -> Check {
    let id = TaskId::Job(planned.id.clone());
    let nothing = Task::default();
    let task = scene.run.tasks.get(&id).unwrap_or(&nothing);
    let status = status(task);
    let end = task.last_end().filter(|_| task.verdict().is_some());
    let (started_at, completed_at) = times(task);
    Check {
        name: format!(
            "{} / {}",
            super::SUMMARY,
            text::line(planned.id.as_str(), MAX_NAME)
        ),
        external_id: format!("{}/{id}", scene.opening.run),
        status,
        started_at,
        completed_at,
        details_url: scene.url.clone(),
        title: text::line(&title(scene, planned, task), MAX_TITLE),
        summary: text::bounded(summary(scene, planned, task)),
        annotations: end.map(annotations).unwrap_or_default(),
        actions: Vec::new(),
    }
}

fn status(task: &Task) -> Status {
    match &task.phase {
        Phase::Waiting | Phase::WantsSlot { .. } | Phase::Requested { .. } => Status::Queued,
        Phase::Started { .. } => Status::InProgress,
        Phase::Ended(verdict) => Status::Completed(match verdict {
            Verdict::Succeeded => Conclusion::Success,
            Verdict::Failed { .. } | Verdict::Lost { .. } | Verdict::NotStarted { .. } => {
                Conclusion::Failure
            }
            Verdict::TimedOut => Conclusion::TimedOut,
            Verdict::Cancelled => Conclusion::Cancelled,
            Verdict::Skipped { .. } => Conclusion::Skipped,
        }),
    }
}

fn times(task: &Task) -> (Option<Timestamp>, Option<Timestamp>) {
    if let Phase::Started { at, .. } = &task.phase {
        return (Some(*at), None);
    }
    let end = task.last_end().filter(|_| task.verdict().is_some());
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok().filter(|_| ms > 0);
    end.map_or((None, None), |end| {
        (at(end.started_ms), at(end.finished_ms))
    })
}

/// What happened, the failing line first.
fn title(scene: &Scene<'_>, planned: &PlannedJob, task: &Task) -> String {
    let again = match task.attempt {
        0 | 1 => String::new(),
        number => format!(", attempt {number}"),
    };
    match &task.phase {
        Phase::Waiting => waits_for(scene, planned),
        Phase::WantsSlot { .. } => format!("{}{again}", waits_for_place(scene, planned)),
        Phase::Requested { .. } => format!("{}{again}", starts(task)),
        Phase::Started { .. } => format!("Runs{again}"),
        Phase::Ended(verdict) => ended(task, verdict),
    }
}

/// The jobs that have to end before this one begins.
pub(super) fn waits_for(scene: &Scene<'_>, planned: &PlannedJob) -> String {
    let open = planned.needs.iter().filter(|need| {
        let task = scene.run.tasks.get(&TaskId::Job((*need).clone()));
        task.is_none_or(|task| task.verdict().is_none())
    });
    let open: Vec<&str> = open.map(|need| need.as_str()).collect();
    match open.is_empty() {
        true => match &scene.waits.behind {
            Some(run) => format!("Waits for the run's turn, behind run {run}"),
            None => "Waits for the run's turn".to_owned(),
        },
        false => format!("Waits for {}", open.join(", ")),
    }
}

/// Its place in the pool's line, where that is known.
pub(super) fn waits_for_place(scene: &Scene<'_>, planned: &PlannedJob) -> String {
    let position = scene.waits.jobs.get(&planned.id).copied();
    format!("Waits for a place{}", in_line(position))
}

/// That its build was asked for, or why the host of builds puts it off.
pub(super) fn starts(task: &Task) -> String {
    match &task.phase {
        Phase::Requested {
            deferred: Some(deferred),
            ..
        } => format!("Starts later: {}", deferred.why),
        _ => "Starts".to_owned(),
    }
}

fn ended(task: &Task, verdict: &Verdict) -> String {
    let end = task.last_end();
    if let Verdict::Succeeded = verdict {
        let took = end.and_then(took).map(|took| format!(" in {took}"));
        let tests = end.map(tests).and_then(tests_in_words);
        let tests = tests.map(|tests| format!(", {tests}"));
        return format!(
            "Passed{}{}",
            took.unwrap_or_default(),
            tests.unwrap_or_default()
        );
    }
    let why = end
        .and_then(|end| end.headline.as_deref())
        .or(verdict.why());
    match (verdict, why) {
        (Verdict::Failed { .. }, Some(why)) => why.to_owned(),
        (_, Some(why)) => format!("{}: {why}", capital(verdict.word())),
        (_, None) => capital(verdict.word()),
    }
}

/// `Timed out` of `timed out`.
pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// How long the last attempt took; `None` when it never began.
pub(super) fn took(end: &EndFacts) -> Option<String> {
    let millis = end.finished_ms.checked_sub(end.started_ms)?;
    let millis = u64::try_from(millis).ok().filter(|_| end.started_ms > 0)?;
    Some(words::duration(millis))
}

pub(super) fn tests(end: &EndFacts) -> TestCounts {
    let counts = end.reports.iter().filter_map(|report| report.tests);
    counts.fold(TestCounts::default(), |sum, tests| TestCounts {
        passed: sum.passed.saturating_add(tests.passed),
        failed: sum.failed.saturating_add(tests.failed),
        skipped: sum.skipped.saturating_add(tests.skipped),
        millis: sum.millis.saturating_add(tests.millis),
    })
}

/// `120 tests`, `3 of 120 tests failed`; `None` without any.
pub(super) fn tests_in_words(counts: TestCounts) -> Option<String> {
    let all = u64::from(counts.passed) + u64::from(counts.failed) + u64::from(counts.skipped);
    match (all, counts.failed) {
        (0, _) => None,
        (all, 0) => Some(words::counted(all, "test")),
        (all, failed) => Some(format!(
            "{failed} of {} failed",
            words::counted(all, "test")
        )),
    }
}

fn summary(scene: &Scene<'_>, planned: &PlannedJob, task: &Task) -> String {
    let mut lines = vec![text::markdown(&title(scene, planned, task), MAX_MESSAGE)];
    let end = task.last_end().filter(|_| task.verdict().is_some());
    let reports = end.map_or(&[][..], |end| &end.reports);
    for sentence in reports.iter().flat_map(sentences) {
        lines.push(format!("- {}", text::markdown(&sentence, MAX_MESSAGE)));
    }
    lines.push(format!("\n[The whole run]({})", scene.url));
    lines.join("\n")
}

/// What a reader has to know of a report besides its numbers.
fn sentences(report: &Report) -> Vec<String> {
    let failures = report.failures.iter().map(|failure| {
        let place = place(failure.file.as_deref(), failure.line);
        format!("{place}{} failed: {}", failure.test, failure.message)
    });
    let found = report.details.iter().filter(|finding| finding.new);
    let found = found.map(|finding| {
        let place = place(finding.file.as_deref(), finding.line);
        format!("{place}{}: {}", finding.rule, finding.message)
    });
    let gates = report.broken_gates.iter().cloned();
    let rest = report.unreadable.iter().chain(&report.notes).cloned();
    failures.chain(found).chain(gates).chain(rest).collect()
}

fn place(file: Option<&str>, line: Option<u32>) -> String {
    match (file, line) {
        (Some(file), Some(line)) => format!("{file}:{line} "),
        (Some(file), None) => format!("{file} "),
        (None, _) => String::new(),
    }
}

/// Everything that has a place in a file of the repository.
fn annotations(end: &EndFacts) -> Vec<Annotation> {
    let failures = end.reports.iter().flat_map(|report| &report.failures);
    let failures = failures.filter_map(|failure| {
        let path = failure.file.as_deref()?;
        annotation(
            path,
            failure.line,
            Level::Failure,
            &failure.test,
            &failure.message,
        )
    });
    let found = end.reports.iter().flat_map(|report| &report.details);
    let found = found.filter_map(|finding| {
        let level = match finding.level.as_str() {
            "error" => Level::Failure,
            "warning" => Level::Warning,
            _ => Level::Notice,
        };
        let path = finding.file.as_deref()?;
        annotation(path, finding.line, level, &finding.rule, &finding.message)
    });
    failures.chain(found).take(MAX_ANNOTATIONS).collect()
}

/// `None` for a path that no file of a repository has.
fn annotation(
    path: &str,
    line: Option<u32>,
    level: Level,
    title: &str,
    message: &str,
) -> Option<Annotation> {
    let title = text::line(title, MAX_NAME);
    let message = text::line(message, MAX_MESSAGE);
    crate::is_path(path).then(|| Annotation {
        path: path.to_owned(),
        line: line.unwrap_or(1).max(1),
        level,
        // GitHub takes no empty message.
        message: if message.is_empty() {
            title.clone()
        } else {
            message
        },
        title,
    })
}
