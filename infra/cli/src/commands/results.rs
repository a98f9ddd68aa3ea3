//! Purpose: what jobs came to, for people: durations, tests, failing tests with their places, gates that did not hold.

use domain::report::{Report, TestCounts};
use domain::words;
use engine::views::TaskView;
use unicode_width::UnicodeWidthStr as _;

use crate::output::style::{self, paint};
use crate::output::{self, clean, table};

/// Failing tests and findings that are listed for one task; the count is always whole.
const MAX_LISTED: usize = 10;

/// These tasks, two blanks in front.
pub fn tasks(tasks: &[TaskView]) -> String {
    tasks_of(&tasks.iter().collect::<Vec<_>>(), 2)
}

/// These tasks, so many blanks in front.
pub fn tasks_of(tasks: &[&TaskView], indent: usize) -> String {
    let width = |text: &dyn Fn(&TaskView) -> String| {
        tasks
            .iter()
            .map(|task| text(task).width())
            .max()
            .unwrap_or(0)
    };
    let (names, words) = (
        width(&|task| clean(&task.name)),
        width(&|task| task.status.clone()),
    );
    tasks
        .iter()
        .map(|task| one(task, indent, names, words))
        .collect()
}

fn one(task: &TaskView, indent: usize, names: usize, words: usize) -> String {
    let blanks = " ".repeat(indent);
    let look = style::of_status(&task.status);
    let mut facts = String::new();
    if let Some(duration) = task.duration_ms {
        facts.push_str(&format!("  {:>9}", words::duration(duration)));
    }
    if let Some(tests) = &task.tests {
        facts.push_str(&format!("  {}", counts(tests)));
    }
    if task.attempts.len() > 1 {
        let attempts = words::counted(task.attempts.len() as u64, "attempt");
        facts.push_str(&format!("  {}", paint(style::FAINT, &attempts)));
    }
    let name = padded(&clean(&task.name), names);
    // Nothing follows: no blanks at the end of the line.
    let room = if facts.is_empty() { 0 } else { words };
    let status = paint(look, &padded(&task.status, room));
    let mark = paint(look, style::mark(&task.status));
    let mut text = format!("{blanks}{mark} {name}  {status}{facts}\n");
    for detail in details(task) {
        text.push_str(&output::wrapped(&detail, indent + 4));
    }
    text
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// `12 passed, 1 failed, 2 skipped`.
pub fn counts(tests: &TestCounts) -> String {
    let mut parts = vec![format!("{} passed", tests.passed)];
    if tests.failed > 0 {
        parts.push(paint(style::BAD, &format!("{} failed", tests.failed)));
    }
    if tests.skipped > 0 {
        parts.push(format!("{} skipped", tests.skipped));
    }
    parts.join(", ")
}

/// Each a line: failing tests with their places, gates, or at least the sentence why.
fn details(task: &TaskView) -> Vec<String> {
    let mut lines: Vec<String> = task.reports.iter().flat_map(of_report).collect();
    let tells = |text: &&String| !lines.iter().any(|line| line.contains(text.as_str()));
    let headline = task
        .headline
        .as_ref()
        .map(|text| clean(text))
        .filter(|text| tells(&text));
    let why = task
        .why
        .as_ref()
        .map(|text| clean(text))
        .filter(|text| tells(&text));
    let told_by_reports = !lines.is_empty();
    // The first failing test is the headline already.
    let first: Vec<String> = match (headline, why) {
        (Some(_), why) if told_by_reports => why.into_iter().collect(),
        (Some(headline), Some(why)) if headline != why => vec![why, headline],
        (Some(one), _) | (None, Some(one)) => vec![one],
        (None, None) => Vec::new(),
    };
    lines.splice(0..0, first);
    lines
}

fn of_report(report: &Report) -> Vec<String> {
    let room = output::width().saturating_sub(10);
    let mut lines = Vec::new();
    for failure in report.failures.iter().take(MAX_LISTED) {
        let place = place(failure.file.as_deref(), failure.line);
        let test = paint(style::BAD, &clean(&failure.test));
        lines.push(format!("{test}{place}"));
        let message = failure
            .message
            .lines()
            .map(clean)
            .find(|line| !line.is_empty());
        lines.extend(
            message
                .map(|message| format!("  {}", paint(style::FAINT, &table::cut(&message, room)))),
        );
    }
    let failed = report.tests.map_or(0, |tests| tests.failed as usize);
    if failed > MAX_LISTED {
        lines.push(format!("… and {} more failing tests", failed - MAX_LISTED));
    }
    for finding in report
        .details
        .iter()
        .filter(|finding| finding.new)
        .take(MAX_LISTED)
    {
        let place = place(finding.file.as_deref(), finding.line);
        let message = table::cut(&clean(&finding.message), room);
        lines.push(format!(
            "{} {message}{place}",
            paint(style::WAITING, &clean(&finding.rule))
        ));
    }
    if let Some(coverage) = &report.coverage {
        let hundredths = coverage.hundredths();
        let covered = format!(
            "{}.{:02} % of lines covered",
            hundredths / 100,
            hundredths % 100
        );
        lines.push(format!("{covered} ({})", clean(&report.path)));
    }
    for gate in &report.broken_gates {
        lines.push(format!("{} {}", paint(style::BAD, "gate:"), clean(gate)));
    }
    if let Some(why) = &report.unreadable {
        lines.push(format!("{} {}", paint(style::BAD, "report:"), clean(why)));
    }
    lines.extend(
        report
            .notes
            .iter()
            .map(|note| format!("note: {}", clean(note))),
    );
    lines
}

fn place(file: Option<&str>, line: Option<u32>) -> String {
    match (file.map(clean), line) {
        (Some(file), Some(line)) => format!("  {file}:{line}"),
        (Some(file), None) => format!("  {file}"),
        (None, _) => String::new(),
    }
}
