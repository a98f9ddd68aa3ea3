//! Purpose: the gates of the pipeline file, held against all files of one report.

use domain::plan::ReportSpec;
use domain::report::{Coverage, FindingCounts, Report, TestCounts};

use crate::text;

/// Holds the gate of `spec` against all its files together, since a pattern may match many, and writes the sentences of
/// what is broken into `broken_gates` of the first one. Judging twice changes nothing. No report at all holds every
/// gate: put [`crate::missing`] there.
pub fn judge(spec: &ReportSpec, reports: &mut [Report]) {
    let sentences = broken(spec, reports);
    for (index, report) in reports.iter_mut().enumerate() {
        report.broken_gates = if index == 0 {
            sentences.clone()
        } else {
            Vec::new()
        };
    }
}

fn broken(spec: &ReportSpec, reports: &[Report]) -> Vec<String> {
    let gate = &spec.gate;
    let of = format!("the gate of {}", text::line(&spec.path, text::MAX_NAME));
    // What is missing can only add to failures and findings, but it would make the rest look smaller than it is.
    let whole = reports.iter().all(|report| report.unreadable.is_none());
    let mut sentences = Vec::new();
    if let Some(tests) = tests(reports) {
        if let Some(max) = gate.max_failed.filter(|max| tests.failed > *max) {
            let failed = count(tests.failed, "test");
            sentences.push(format!("{failed} failed; {of} allows {max} (max_failed)"));
        }
        let ran = tests.passed.saturating_add(tests.failed);
        if let Some(min) = gate.min_tests.filter(|min| whole && ran < *min) {
            sentences.push(format!(
                "{} ran; {of} asks for {min} (min_tests)",
                count(ran, "test")
            ));
        }
    }
    if let Some(findings) = findings(reports) {
        if let Some(max) = gate.max_new.filter(|max| findings.new > *max) {
            let new = count(findings.new, "new finding");
            sentences.push(format!("{new}; {of} allows {max} (max_new)"));
        }
        if let Some(max) = gate.max_findings.filter(|max| findings.total() > *max) {
            let all = count(findings.total(), "finding");
            sentences.push(format!("{all}; {of} allows {max} (max_findings)"));
        }
    }
    if let Some(covered) = coverage(reports).map(|coverage| coverage.hundredths())
        && let Some(min) = gate.min_coverage.filter(|min| whole && covered < *min)
    {
        let (covered, min) = (percent(covered), percent(min));
        sentences.push(format!(
            "coverage is {covered}; {of} asks for {min} (min_coverage)"
        ));
    }
    sentences
}

fn tests(reports: &[Report]) -> Option<TestCounts> {
    reports
        .iter()
        .filter_map(|report| report.tests)
        .reduce(|sum, more| TestCounts {
            passed: sum.passed.saturating_add(more.passed),
            failed: sum.failed.saturating_add(more.failed),
            skipped: sum.skipped.saturating_add(more.skipped),
            millis: sum.millis.saturating_add(more.millis),
        })
}

fn findings(reports: &[Report]) -> Option<FindingCounts> {
    reports
        .iter()
        .filter_map(|report| report.findings)
        .reduce(|sum, more| FindingCounts {
            errors: sum.errors.saturating_add(more.errors),
            warnings: sum.warnings.saturating_add(more.warnings),
            notes: sum.notes.saturating_add(more.notes),
            new: sum.new.saturating_add(more.new),
        })
}

fn coverage(reports: &[Report]) -> Option<Coverage> {
    reports
        .iter()
        .filter_map(|report| report.coverage)
        .reduce(|sum, more| Coverage {
            lines: sum.lines.saturating_add(more.lines),
            covered: sum.covered.saturating_add(more.covered),
        })
}

fn count(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn percent(hundredths: u32) -> String {
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests;
