//! Purpose: which sentence comes first.

use domain::plan::ReportKind;
use domain::report::{Finding, Report, TestFailure};
use expect_test::{Expect, expect};

use super::headline;

fn check(reports: &[Report], expected: &Expect) {
    expected.assert_eq(headline(reports).as_deref().unwrap_or("nothing"));
}

fn failing(file: Option<&str>, line: Option<u32>) -> Report {
    let mut report = Report::empty(None, "console");
    report.failures.push(TestFailure {
        test: "cart::adds_two".to_owned(),
        file: file.map(str::to_owned),
        line,
        message: "assertion failed: left == right\n  left: 4".to_owned(),
    });
    report
}

fn broken(details: Vec<Finding>) -> Report {
    let mut report = Report::empty(ReportKind::Sarif, "lint.sarif");
    report.broken_gates =
        vec!["2 new findings; the gate of lint.sarif allows 0 (max_new)".to_owned()];
    report.details = details;
    report
}

fn unreadable() -> Report {
    let mut report = Report::empty(ReportKind::Lcov, "cov.info");
    report.unreadable = Some("cov.info cannot be read: it is empty".to_owned());
    report
}

fn finding(new: bool) -> Finding {
    Finding {
        rule: "errcheck".to_owned(),
        level: "error".to_owned(),
        message: "the error is not looked at".to_owned(),
        file: Some("cart.go".to_owned()),
        line: Some(12),
        fingerprint: String::new(),
        new,
    }
}

#[test]
fn a_test_with_a_place_comes_first() {
    let reports = [
        unreadable(),
        broken(vec![finding(true)]),
        failing(None, None),
        failing(Some("tests/cart.rs"), Some(42)),
    ];
    check(
        &reports,
        &expect!["tests/cart.rs:42 cart::adds_two: assertion failed: left == right"],
    );
    check(
        &reports[..3],
        &expect!["cart::adds_two: assertion failed: left == right"],
    );
    check(
        &reports[..2],
        &expect!["cart.go:12 errcheck: the error is not looked at"],
    );
    check(
        &reports[..1],
        &expect!["cov.info cannot be read: it is empty"],
    );
    check(&reports[..0], &expect![["nothing"]]);
}

#[test]
fn a_broken_gate_without_a_new_finding_speaks_itself() {
    check(
        &[broken(vec![finding(false)])],
        &expect!["2 new findings; the gate of lint.sarif allows 0 (max_new)"],
    );
}

#[test]
fn a_file_without_a_line_and_a_test_without_a_message() {
    check(
        &[failing(Some("tests/cart.rs"), None)],
        &expect!["tests/cart.rs cart::adds_two: assertion failed: left == right"],
    );
    let mut silent = failing(None, None);
    silent.failures[0].message.clear();
    check(&[silent], &expect!["cart::adds_two"]);
}

#[test]
fn a_headline_is_one_line_of_bounded_length() {
    let mut long = failing(None, None);
    long.failures[0].message = "é".repeat(1000);
    assert_eq!(headline(&[long]).unwrap().chars().count(), 300);
}
