//! Purpose: the one sentence that a person wants to see first when a job has failed.

use domain::report::{Finding, Report, TestFailure};

use crate::text;

/// Characters of a headline.
const MAX_HEADLINE: usize = 300;

/// The sentence to show first: the first failing test whose place is known, else the first failing test, else the first
/// new finding or the sentence of the first broken gate, else why a report cannot be read. `None` = nothing is wrong.
///
/// `tests/cart.rs:42 cart::adds_two: assertion failed: left == right`
pub fn headline(reports: &[Report]) -> Option<String> {
    let failures = || reports.iter().flat_map(|report| &report.failures);
    let test = failures()
        .find(|failure| failure.file.is_some())
        .or_else(|| failures().next())
        .map(of_test);
    let gate = || {
        reports
            .iter()
            .find(|report| !report.broken_gates.is_empty())
            .and_then(of_gate)
    };
    let unreadable = || reports.iter().find_map(|report| report.unreadable.clone());
    test.or_else(gate)
        .or_else(unreadable)
        .map(|sentence| text::line(&sentence, MAX_HEADLINE))
}

fn of_test(failure: &TestFailure) -> String {
    sentence(
        failure.file.as_deref(),
        failure.line,
        &failure.test,
        &failure.message,
    )
}

fn of_gate(report: &Report) -> Option<String> {
    match report.details.iter().find(|finding| finding.new) {
        Some(Finding {
            file,
            line,
            rule,
            message,
            ..
        }) => Some(sentence(file.as_deref(), *line, rule, message)),
        None => report.broken_gates.first().cloned(),
    }
}

fn sentence(file: Option<&str>, line: Option<u32>, what: &str, message: &str) -> String {
    let place = match (file, line) {
        (Some(file), Some(line)) => format!("{file}:{line} "),
        (Some(file), None) => format!("{file} "),
        (None, _) => String::new(),
    };
    match message
        .lines()
        .next()
        .map(str::trim)
        .filter(|first| !first.is_empty())
    {
        Some(first) => format!("{place}{what}: {first}"),
        None => format!("{place}{what}"),
    }
}

#[cfg(test)]
mod tests;
