//! Purpose: what the tests of this crate share: specs by name, and reports printed as a person would write them down.

use std::fmt::Write as _;

use domain::plan::{Gate, ReportKind, ReportSpec};
use domain::report::{Finding, Report, TestFailure};

use crate::{Known, read};

pub fn spec(kind: ReportKind, gate: Gate) -> ReportSpec {
    ReportSpec {
        kind,
        path: "out/*".to_owned(),
        gate,
    }
}

/// The checkout in which the fixtures were written.
pub fn known() -> Known {
    Known {
        fingerprints: None,
        checkout: Some("/home/ci/shop".to_owned()),
    }
}

pub fn read_plain(kind: ReportKind, bytes: &[u8]) -> Report {
    read(&spec(kind, Gate::default()), "out/file", bytes, &known())
}

pub fn show(report: &Report) -> String {
    let mut out = String::new();
    if let Some(tests) = report.tests {
        writeln!(
            out,
            "{} passed, {} failed, {} skipped, {} ms",
            tests.passed, tests.failed, tests.skipped, tests.millis
        )
        .unwrap();
    }
    for failure in &report.failures {
        let TestFailure {
            test,
            file,
            line,
            message,
        } = failure;
        writeln!(out, "failed {test}{}", place(file, line)).unwrap();
        for line in message.lines() {
            writeln!(out, "  | {line}").unwrap();
        }
    }
    if let Some(findings) = report.findings {
        writeln!(
            out,
            "{} errors, {} warnings, {} notes, {} new",
            findings.errors, findings.warnings, findings.notes, findings.new
        )
        .unwrap();
    }
    for finding in &report.details {
        let Finding {
            rule,
            level,
            message,
            file,
            line,
            fingerprint,
            new,
        } = finding;
        let new = if *new { "new " } else { "" };
        writeln!(out, "{new}{level} {rule}{}: {message}", place(file, line)).unwrap();
        writeln!(out, "  # {fingerprint}").unwrap();
    }
    if let Some(coverage) = report.coverage {
        writeln!(
            out,
            "{} of {} lines, {}",
            coverage.covered,
            coverage.lines,
            coverage.hundredths()
        )
        .unwrap();
    }
    for note in &report.notes {
        writeln!(out, "note: {note}").unwrap();
    }
    if let Some(why) = &report.unreadable {
        writeln!(out, "unreadable: {why}").unwrap();
    }
    out
}

fn place(file: &Option<String>, line: &Option<u32>) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    file.as_ref()
        .map(|file| format!(" at {file}{line}"))
        .unwrap_or_default()
}
