//! Purpose: `go test -json`: one event a line, as `go doc test2json` documents them
//! (<https://pkg.go.dev/cmd/test2json>), with the build events that Go 1.24 added (`go help buildjson`).
//!
//! Lines that are no event are what the go command writes to stderr; with `2>&1` they are in the file too, and older
//! versions of Go say there why a package could not be built.

pub(crate) mod packages;

use domain::report::Report;
use serde::Deserialize;

use crate::tests_seen::TestsSeen;
use crate::{Known, Unreadable};
use packages::{Outcome, Packages};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    package: Option<String>,
    test: Option<String>,
    /// Seconds.
    elapsed: Option<f64>,
    output: Option<String>,
    /// The package whose build made this package fail.
    failed_build: Option<String>,
    /// What a build event is about.
    import_path: Option<String>,
}

/// Reads the file into counts and failures.
pub(crate) fn read(bytes: &[u8], known: &Known, report: &mut Report) -> Result<(), Unreadable> {
    let text = String::from_utf8_lossy(bytes);
    let mut packages = Packages::default();
    let mut events = 0_usize;
    for line in text.lines() {
        // A program under test may write JSON of its own to stderr: what lacks an action is no event.
        match serde_json::from_str::<Event>(line) {
            Ok(event) => {
                events += 1;
                apply(&mut packages, event);
            }
            Err(_not_an_event) => packages.plain_line(line),
        }
    }
    if events == 0 {
        return Err(Unreadable::new(
            "no line of it is an event of go test -json; write it with: go test -json ./... > FILE",
        ));
    }
    let mut tests = TestsSeen::default();
    packages.count(known, &mut tests);
    tests.into_report(report);
    Ok(())
}

fn apply(packages: &mut Packages, event: Event) {
    if let (Some(built), Some(output)) = (&event.import_path, &event.output) {
        packages.build_output(built, output);
    }
    let Some(package) = event.package.map(|name| packages.package(&name)) else {
        return;
    };
    let outcome = match event.action.as_str() {
        "pass" | "bench" => Some(Outcome::Passed),
        "fail" => Some(Outcome::Failed),
        "skip" => Some(Outcome::Skipped),
        _ => None,
    };
    match event.test {
        Some(test) => {
            let test = package.test(&test);
            test.output
                .push_str(event.output.as_deref().unwrap_or_default());
            if let Some(outcome) = outcome {
                test.ended(outcome);
            }
        }
        None => {
            package
                .output
                .push_str(event.output.as_deref().unwrap_or_default());
            package.failed_build = event.failed_build.or(package.failed_build.take());
            if outcome.is_some() {
                package.outcome = outcome;
                package.seconds = event.elapsed.unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests;
