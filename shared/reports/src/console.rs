//! Purpose: counts and failing tests recognised in the plain output of a job that declares no reports.
//!
//! Recognised are, and their counts are added up:
//! - `cargo test` ([`cargo`]): every `test result: …` line; failing tests from `---- name stdout ----` blocks,
//!   `test name ... FAILED` lines and the list below `failures:`; their place from the panic in the block, or where
//!   output is not captured from `thread 'name' panicked at …`;
//! - `go test` ([`go`]): `--- PASS|FAIL|SKIP: name (0.00s)` lines with the output that belongs to them, `ok`, `FAIL` and
//!   `?` lines of packages, compiler messages below `# package`;
//! - `pytest` ([`pytest`]): the summary line `1 failed, 3 passed in 0.12s`, `FAILED path::test - why` and
//!   `ERROR path::test - why` lines of the short summary; their place from the section of the test.
//!
//! Everything else is passed over: an output with nothing of this in it has no test results.

mod cargo;
mod go;
mod pytest;

use domain::report::Report;

use crate::tests_seen::TestsSeen;
use crate::{Known, MAX_BYTES, text};

/// The path of a report that was recognised in console output.
pub const CONSOLE: &str = "console";

/// The test results in the output of a job, `None` where there are none. Of more than [`MAX_BYTES`] the end is read, for
/// that is where test runners sum up. The report has no kind, and no gate can be set on it.
pub fn from_console(output: &str, known: &Known) -> Option<Report> {
    let text = text::clean(tail(output));
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut tests = TestsSeen::default();
    let mut notes = Vec::new();
    let cargo = cargo::recognise(&lines, known, &mut tests);
    let go = go::recognise(&lines, known, &mut tests, &mut notes);
    let pytest = pytest::recognise(&lines, known, &mut tests);
    if !(cargo || go || pytest) {
        return None;
    }
    let mut report = Report::empty(None, CONSOLE);
    report.notes = notes;
    tests.into_report(&mut report);
    Some(report)
}

/// The last [`MAX_BYTES`], from the beginning of a line.
fn tail(output: &str) -> &str {
    let Some(over) = output.len().checked_sub(MAX_BYTES).filter(|over| *over > 0) else {
        return output;
    };
    let line_end = output.as_bytes()[over..]
        .iter()
        .position(|byte| *byte == b'\n');
    line_end
        .and_then(|end| output.get(over + end + 1..))
        .unwrap_or_default()
}

/// `0.12` of `0.12s`.
fn seconds(text: &str) -> Option<f64> {
    text.strip_suffix('s')?.parse().ok()
}

#[cfg(test)]
mod tests;
