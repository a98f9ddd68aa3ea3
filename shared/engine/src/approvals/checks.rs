//! Purpose: what the tests and the checkers of a run found, as far as a decision needs it.

use domain::report::{Finding, FindingCounts, Report, TestFailure};
use domain::run::{Run, TaskId};

use super::text::{MAX_NAME, MAX_SENTENCE, MAX_TITLE, line};
use super::view::{FailingTest, MAX_LISTED};

/// Reports of the last attempt of every task.
pub(super) fn reports(run: &Run) -> impl Iterator<Item = (&TaskId, &Report)> {
    run.tasks.iter().flat_map(|(id, task)| {
        let reports = task.last_end().into_iter().flat_map(|end| &end.reports);
        reports.map(move |report| (id, report))
    })
}

pub(super) fn failing(reports: &[(&TaskId, &Report)]) -> Vec<FailingTest> {
    let all = reports.iter().flat_map(|(task, report)| {
        report.failures.iter().map(move |failure| FailingTest {
            task: line(&task.to_string(), MAX_NAME),
            test: TestFailure {
                test: line(&failure.test, MAX_TITLE),
                file: failure.file.as_ref().map(|file| line(file, MAX_TITLE)),
                line: failure.line,
                message: line(&failure.message, MAX_SENTENCE),
            },
        })
    });
    all.take(MAX_LISTED).collect()
}

pub(super) fn count_findings(reports: &[(&TaskId, &Report)]) -> FindingCounts {
    let all = reports.iter().filter_map(|(_, report)| report.findings);
    all.fold(FindingCounts::default(), |sum, one| FindingCounts {
        errors: sum.errors.saturating_add(one.errors),
        warnings: sum.warnings.saturating_add(one.warnings),
        notes: sum.notes.saturating_add(one.notes),
        new: sum.new.saturating_add(one.new),
    })
}

pub(super) fn new_findings(reports: &[(&TaskId, &Report)]) -> Vec<Finding> {
    let all = reports.iter().flat_map(|(_, report)| &report.details);
    all.filter(|finding| finding.new)
        .take(MAX_LISTED)
        .map(|finding| Finding {
            rule: line(&finding.rule, MAX_NAME),
            level: line(&finding.level, MAX_NAME),
            message: line(&finding.message, MAX_SENTENCE),
            file: finding.file.as_ref().map(|file| line(file, MAX_TITLE)),
            line: finding.line,
            fingerprint: line(&finding.fingerprint, MAX_NAME),
            new: true,
        })
        .collect()
}
