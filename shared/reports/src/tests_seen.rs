//! Purpose: tests as they are seen in a report, counted whole and kept in part.

use domain::report::{MAX_DETAILS, Report, TestCounts, TestFailure};

use crate::Known;
use crate::locate::{Place, locate};
use crate::text;

/// Counts of all tests, and the first [`MAX_DETAILS`] failures.
#[derive(Debug, Default)]
pub(crate) struct TestsSeen {
    counts: TestCounts,
    failures: Vec<TestFailure>,
}

impl TestsSeen {
    pub fn passed(&mut self, tests: u32) {
        self.counts.passed = self.counts.passed.saturating_add(tests);
    }

    pub fn skipped(&mut self, tests: u32) {
        self.counts.skipped = self.counts.skipped.saturating_add(tests);
    }

    /// Tests that failed and of which nothing else is known.
    pub fn failed(&mut self, tests: u32) {
        self.counts.failed = self.counts.failed.saturating_add(tests);
    }

    /// Seconds as a tool wrote them; what is no positive number counts as nothing.
    pub fn took(&mut self, seconds: f64) {
        // A float's cast saturates, and makes 0 of what is not a number.
        self.counts.millis = self
            .counts
            .millis
            .saturating_add((seconds * 1000.0).round() as u64);
    }

    /// One failing test. The failure is only built when it is kept.
    pub fn failure(&mut self, failure: impl FnOnce() -> TestFailure) {
        self.failed(1);
        self.detail(failure);
    }

    /// The details of a failure that is counted already.
    pub fn detail(&mut self, failure: impl FnOnce() -> TestFailure) {
        if self.failures.len() < MAX_DETAILS {
            self.failures.push(failure());
        }
    }

    pub fn into_report(self, report: &mut Report) {
        report.tests = Some(self.counts);
        report.failures = self.failures;
    }
}

/// A failing test, with the place that its text points at.
pub(crate) fn failure(test: &str, output: &str, known: &Known) -> TestFailure {
    placed(test, output, locate(&text::clean(output)), known)
}

/// A failing test whose place is found already.
pub(crate) fn placed(test: &str, output: &str, place: Option<Place>, known: &Known) -> TestFailure {
    TestFailure {
        test: text::line(test, text::MAX_NAME),
        line: place.as_ref().map(|place| place.line),
        file: place.map(|place| text::file(&place.file, known)),
        message: text::message(output),
    }
}
