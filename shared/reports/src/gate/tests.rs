//! Purpose: gates over several files, and their sentences.

use domain::plan::{Gate, ReportKind};
use domain::report::{Coverage, FindingCounts, Report, TestCounts};
use expect_test::{Expect, expect};

use super::judge;
use crate::missing;
use crate::support::spec;

fn check(kind: ReportKind, gate: Gate, mut reports: Vec<Report>, expected: &Expect) {
    judge(&spec(kind, gate), &mut reports);
    assert!(
        reports
            .iter()
            .skip(1)
            .all(|report| report.broken_gates.is_empty())
    );
    expected.assert_eq(&reports[0].broken_gates.join("\n"));
    assert_eq!(
        reports[0].holds(),
        reports[0].broken_gates.is_empty() && reports[0].unreadable.is_none()
    );
}

fn tests(passed: u32, failed: u32, skipped: u32) -> Report {
    Report {
        tests: Some(TestCounts {
            passed,
            failed,
            skipped,
            millis: 0,
        }),
        ..Report::empty(ReportKind::Junit, "a")
    }
}

fn findings(errors: u32, new: u32) -> Report {
    let counts = FindingCounts {
        errors,
        new,
        ..FindingCounts::default()
    };
    Report {
        findings: Some(counts),
        ..Report::empty(ReportKind::Sarif, "a")
    }
}

fn coverage(covered: u64, lines: u64) -> Report {
    Report {
        coverage: Some(Coverage { lines, covered }),
        ..Report::empty(ReportKind::Lcov, "a")
    }
}

fn unreadable() -> Report {
    missing(&spec(ReportKind::Junit, Gate::default()))
}

#[test]
fn failing_tests_of_all_files_count_together() {
    let gate = Gate {
        max_failed: Some(2),
        ..Gate::default()
    };
    check(
        ReportKind::Junit,
        gate.clone(),
        vec![tests(1, 2, 0), tests(1, 0, 0)],
        &expect![[""]],
    );
    check(
        ReportKind::Junit,
        gate,
        vec![tests(1, 2, 0), tests(1, 1, 0)],
        &expect!["3 tests failed; the gate of out/* allows 2 (max_failed)"],
    );
    check(
        ReportKind::Junit,
        Gate {
            max_failed: Some(0),
            ..Gate::default()
        },
        vec![tests(0, 1, 0)],
        &expect!["1 test failed; the gate of out/* allows 0 (max_failed)"],
    );
    check(
        ReportKind::Junit,
        Gate::default(),
        vec![tests(0, 1, 0)],
        &expect![[""]],
    );
}

#[test]
fn skipped_tests_have_not_run() {
    let gate = Gate {
        min_tests: Some(4),
        ..Gate::default()
    };
    check(
        ReportKind::Junit,
        gate.clone(),
        vec![tests(2, 0, 9), tests(1, 1, 0)],
        &expect![[""]],
    );
    check(
        ReportKind::Junit,
        gate,
        vec![tests(2, 0, 9), tests(1, 0, 0)],
        &expect!["3 tests ran; the gate of out/* asks for 4 (min_tests)"],
    );
}

#[test]
fn new_findings_and_all_findings() {
    let gate = Gate {
        max_new: Some(0),
        max_findings: Some(3),
        ..Gate::default()
    };
    check(
        ReportKind::Sarif,
        gate.clone(),
        vec![findings(3, 0)],
        &expect![[""]],
    );
    check(
        ReportKind::Sarif,
        gate.clone(),
        vec![findings(3, 1)],
        &expect!["1 new finding; the gate of out/* allows 0 (max_new)"],
    );
    check(
        ReportKind::Sarif,
        gate,
        vec![findings(3, 1), findings(1, 1)],
        &expect![[r#"
            2 new findings; the gate of out/* allows 0 (max_new)
            4 findings; the gate of out/* allows 3 (max_findings)"#]],
    );
}

#[test]
fn coverage_is_of_all_lines_not_of_all_files() {
    let gate = Gate {
        min_coverage: Some(8000),
        ..Gate::default()
    };
    check(
        ReportKind::Lcov,
        gate.clone(),
        vec![coverage(0, 1), coverage(9, 9)],
        &expect![[""]],
    );
    check(
        ReportKind::Lcov,
        gate.clone(),
        vec![coverage(712, 1000)],
        &expect!["coverage is 71.20 %; the gate of out/* asks for 80.00 % (min_coverage)"],
    );
    check(
        ReportKind::Lcov,
        gate,
        vec![coverage(7_999_999, 10_000_000)],
        &expect!["coverage is 79.99 %; the gate of out/* asks for 80.00 % (min_coverage)"],
    );
}

#[test]
fn a_part_that_cannot_be_read_makes_no_lower_bound_wrong() {
    let gate = Gate {
        max_failed: Some(0),
        min_tests: Some(10),
        ..Gate::default()
    };
    check(
        ReportKind::Junit,
        gate,
        vec![unreadable(), tests(1, 1, 0)],
        &expect!["1 test failed; the gate of out/* allows 0 (max_failed)"],
    );
    let gate = Gate {
        min_coverage: Some(8000),
        ..Gate::default()
    };
    check(
        ReportKind::Lcov,
        gate,
        vec![coverage(1, 2), unreadable()],
        &expect![[""]],
    );
}

#[test]
fn judging_again_forgets_what_is_mended() {
    let spec = spec(
        ReportKind::Junit,
        Gate {
            max_failed: Some(0),
            ..Gate::default()
        },
    );
    let mut reports = [tests(1, 1, 0)];
    judge(&spec, &mut reports);
    assert_eq!(reports[0].broken_gates.len(), 1);
    reports[0].tests = Some(TestCounts::default());
    judge(&spec, &mut reports);
    assert!(reports[0].holds());
}
