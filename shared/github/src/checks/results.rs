//! Purpose: tests and coverage of a run beside those of an earlier run: what fails now, what did not fail before, and what
//! does not fail any more.
//!
//! Reports name the tests that fail and count the others. So a test is called new or gone only where both runs have whole
//! reports of its job.

use std::collections::{BTreeMap, BTreeSet};

use domain::report::{Coverage, Report, TestCounts};
use domain::run::{Run, Task, TaskId, Verdict};

use super::{job, text};

/// Tests that are listed under one heading; the page of the run has the others.
const MAX_TESTS: usize = 20;
/// Characters of a test's name.
const MAX_TEST: usize = 300;

/// Whether a later run can be compared with this one: it is over, and there are reports of it.
pub fn is_comparable(run: &Run) -> bool {
    let mut reports = run.tasks.values().flat_map(reports);
    run.is_over() && reports.any(|report| report.tests.is_some() || report.coverage.is_some())
}

/// Markdown, a part for each thing that there is to say.
pub(super) fn parts(run: &Run, before: Option<&Run>) -> Vec<String> {
    let since = before
        .and_then(|before| before.opening.as_ref())
        .map(|opening| format!(" since {}", opening.commit.short()));
    let since = since.unwrap_or_default();
    let tests = Tests::of(run, before);
    let mut parts = Vec::new();
    parts.extend(totals(run));
    parts.extend(list(&format!("New failing tests{since}:"), &tests.new, 0));
    let heading = match tests.new.is_empty() {
        true => "Failing tests:",
        false => "Other failing tests:",
    };
    parts.extend(list(heading, &tests.failing, tests.unnamed));
    parts.extend(list(&format!("No longer failing{since}:"), &tests.gone, 0));
    parts.extend(findings(run));
    parts.extend(coverage(run, before, &since));
    parts
}

/// The reports of a task's last attempt.
fn reports(task: &Task) -> &[Report] {
    task.last_end().map_or(&[], |end| &end.reports)
}

/// Whether the last attempt came to its own end: what was broken off has reported a part.
fn is_complete(task: &Task) -> bool {
    let end = task.last_end();
    end.is_some_and(|end| matches!(end.verdict, Verdict::Succeeded | Verdict::Failed { .. }))
}

/// The tests of one task's last attempt.
#[derive(Default)]
struct Outcome<'r> {
    failing: BTreeSet<&'r str>,
    /// Failures that no report describes.
    unnamed: usize,
    /// Reports that have tests.
    reports: usize,
    readable: bool,
    /// It was not broken off.
    complete: bool,
}

impl<'r> Outcome<'r> {
    fn of(task: &'r Task) -> Self {
        let reports = reports(task);
        let with_tests = reports.iter().filter(|report| report.tests.is_some());
        let failures: Vec<_> = reports.iter().flat_map(|report| &report.failures).collect();
        let end = task.last_end();
        let counts = end.map(job::tests).unwrap_or_default();
        let counted = usize::try_from(counts.failed).unwrap_or(usize::MAX);
        Self {
            unnamed: counted.saturating_sub(failures.len()),
            failing: failures
                .iter()
                .map(|failure| failure.test.as_str())
                .collect(),
            reports: with_tests.count(),
            complete: is_complete(task),
            readable: reports.iter().all(|report| report.unreadable.is_none()),
        }
    }

    /// Whether a test that is not among the failing ones did not fail.
    fn is_whole(&self) -> bool {
        self.complete && self.readable && self.reports > 0 && self.unnamed == 0
    }
}

#[derive(Default)]
struct Tests<'r> {
    /// They did not fail in the earlier run.
    new: Vec<&'r str>,
    failing: Vec<&'r str>,
    /// Failing tests that no report names.
    unnamed: usize,
    /// They failed in the earlier run.
    gone: Vec<&'r str>,
}

impl<'r> Tests<'r> {
    fn of(run: &'r Run, before: Option<&'r Run>) -> Self {
        let mut tests = Self::default();
        for (id, task) in &run.tasks {
            let now = Outcome::of(task);
            let earlier = before.and_then(|before| before.tasks.get(id));
            let earlier = earlier.map(Outcome::of).unwrap_or_default();
            for test in &now.failing {
                let is_new = earlier.is_whole() && !earlier.failing.contains(test);
                match is_new {
                    true => tests.new.push(test),
                    false => tests.failing.push(test),
                }
            }
            tests.unnamed += now.unnamed;
            if now.is_whole() && now.reports >= earlier.reports {
                let gone = earlier.failing.difference(&now.failing);
                tests.gone.extend(gone.copied());
            }
        }
        tests
    }
}

/// `Tests: 120 passed, 1 failed, 3 skipped`; `None` without any.
fn totals(run: &Run) -> Option<String> {
    let ends = run.tasks.values().filter_map(Task::last_end);
    let counts: Vec<TestCounts> = ends.map(job::tests).collect();
    let sum = |of: fn(&TestCounts) -> u32| counts.iter().map(of).map(u64::from).sum::<u64>();
    let (passed, failed) = (sum(|tests| tests.passed), sum(|tests| tests.failed));
    let skipped = sum(|tests| tests.skipped);
    (passed + failed + skipped > 0)
        .then(|| format!("Tests: {passed} passed, {failed} failed, {skipped} skipped"))
}

/// A list under its heading; `None` without tests. `unnamed` are counted only.
fn list(heading: &str, tests: &[&str], unnamed: usize) -> Option<String> {
    if tests.is_empty() && unnamed == 0 {
        return None;
    }
    let mut lines = vec![heading.to_owned(), String::new()];
    let named = tests.iter().take(MAX_TESTS);
    lines.extend(named.map(|test| format!("- {}", text::markdown(test, MAX_TEST))));
    match tests.len().saturating_sub(MAX_TESTS) + unnamed {
        0 => {}
        rest if tests.is_empty() => lines.push(format!("- {rest} that no report names")),
        rest => lines.push(format!("- and {rest} more")),
    }
    Some(lines.join("\n"))
}

/// `Findings: 4, of which 1 new`.
fn findings(run: &Run) -> Option<String> {
    let reports = run.tasks.values().flat_map(reports);
    let counts: Vec<_> = reports.filter_map(|report| report.findings).collect();
    let total: u64 = counts.iter().map(|counts| u64::from(counts.total())).sum();
    let new: u64 = counts.iter().map(|counts| u64::from(counts.new)).sum();
    (total > 0).then(|| format!("Findings: {total}, of which {new} new"))
}

/// `Coverage: 81.25 % of 1200 lines, +0.35 points since abc1234`. The change is told where the same jobs measured it, each to
/// its own end.
fn coverage(run: &Run, before: Option<&Run>, since: &str) -> Option<String> {
    let now = covered(run);
    if now.is_empty() {
        return None;
    }
    let total = sum(&now);
    let share = hundredths(i64::from(total.hundredths()));
    let mut sentence = format!("Coverage: {share} % of {} lines", total.lines);
    let earlier = before.map(covered).unwrap_or_default();
    let whole = |run: &Run| {
        now.keys()
            .all(|id| run.tasks.get(id).is_some_and(is_complete))
    };
    if now.keys().eq(earlier.keys()) && whole(run) && before.is_some_and(whole) {
        let change = i64::from(total.hundredths()) - i64::from(sum(&earlier).hundredths());
        let sign = if change < 0 { '−' } else { '+' };
        let change = hundredths(change.abs());
        sentence.push_str(&format!(", {sign}{change} points{since}"));
    }
    Some(sentence)
}

fn covered(run: &Run) -> BTreeMap<&TaskId, Coverage> {
    let tasks = run.tasks.iter().filter_map(|(id, task)| {
        let measured: Vec<Coverage> = reports(task).iter().filter_map(|r| r.coverage).collect();
        (!measured.is_empty()).then(|| (id, add(measured.into_iter())))
    });
    tasks.collect()
}

fn sum(measured: &BTreeMap<&TaskId, Coverage>) -> Coverage {
    add(measured.values().copied())
}

fn add(measured: impl Iterator<Item = Coverage>) -> Coverage {
    measured.fold(Coverage::default(), |sum, one| Coverage {
        lines: sum.lines.saturating_add(one.lines),
        covered: sum.covered.saturating_add(one.covered),
    })
}

/// `81.25` of 8125.
fn hundredths(number: i64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}
