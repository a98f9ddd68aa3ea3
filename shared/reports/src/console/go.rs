//! Purpose: what plain `go test` prints, with and without `-v` (`go help test`, <https://pkg.go.dev/cmd/go>).

use super::seconds;
use crate::Known;
use crate::gotest::packages::{Outcome, Package, Packages};
use crate::tests_seen::TestsSeen;

/// Adds the tests of all packages; whether there was one.
pub(super) fn recognise(
    lines: &[&str],
    known: &Known,
    tests: &mut TestsSeen,
    notes: &mut Vec<String>,
) -> bool {
    let mut output = Output {
        known,
        tests,
        packages: Packages::default(),
        open: Package::default(),
        test: None,
        seen: false,
        unlisted: 0,
    };
    for line in lines {
        output.line(line);
    }
    output.finish();
    if output.unlisted > 0 {
        notes.push(
            "go test names passing tests only with -v: a package that passed without it counts as one test".to_owned(),
        );
    }
    output.seen
}

struct Output<'a> {
    known: &'a Known,
    tests: &'a mut TestsSeen,
    /// Knows what the compiler said.
    packages: Packages,
    /// The package whose last line is still to come.
    open: Package,
    /// The test that output belongs to.
    test: Option<String>,
    seen: bool,
    /// Packages that passed and named no test.
    unlisted: u32,
}

impl Output<'_> {
    fn line(&mut self, line: &str) {
        if let Some((name, outcome)) = result(line.trim_start()) {
            self.seen = true;
            self.open.test(name).ended(outcome);
            self.test = Some(name.to_owned());
        } else if let Some(name) = begins(line) {
            self.open.test(name);
            self.test = Some(name.to_owned());
        } else if let Some((name, outcome, seconds)) = package(line) {
            self.seen = true;
            self.end_package(name, outcome, seconds);
        } else if let Some(test) = &self.test {
            let output = &mut self.open.test(test).output;
            output.push_str(line);
            output.push('\n');
        } else {
            self.open.output.push_str(line);
            self.open.output.push('\n');
            self.packages.plain_line(line);
        }
    }

    fn end_package(&mut self, name: &str, outcome: Outcome, seconds: f64) {
        let mut package = std::mem::take(&mut self.open);
        self.test = None;
        if package.tests.is_empty() && outcome == Outcome::Passed {
            self.unlisted = self.unlisted.saturating_add(1);
            self.tests.passed(1);
        }
        // What came before may belong to any program of the job; only a crash is surely the package's own.
        let crash = ["panic: ", "fatal error: "]
            .iter()
            .filter_map(|start| package.output.rfind(start))
            .min();
        package.output = crash
            .and_then(|at| package.output.get(at..))
            .unwrap_or_default()
            .to_owned();
        package.outcome = Some(outcome);
        package.seconds = seconds;
        self.packages
            .count_package(name, &package, self.known, self.tests);
    }

    /// Tests whose package's line is not there: the output was cut off, or a single package was tested without a name.
    fn finish(&mut self) {
        if self.seen && !self.open.tests.is_empty() {
            let failed = self
                .open
                .tests
                .values()
                .any(|test| test.outcome != Some(Outcome::Passed));
            self.end_package(
                "",
                if failed {
                    Outcome::Failed
                } else {
                    Outcome::Passed
                },
                0.0,
            );
        }
    }
}

/// `--- FAIL: TestAdd/empty (0.00s)`.
fn result(line: &str) -> Option<(&str, Outcome)> {
    let (word, rest) = line.strip_prefix("--- ")?.split_once(": ")?;
    let (name, time) = rest.rsplit_once(" (")?;
    seconds(time.strip_suffix(')')?)?;
    let outcome = match word {
        "PASS" | "BENCH" => Outcome::Passed,
        "FAIL" => Outcome::Failed,
        "SKIP" => Outcome::Skipped,
        _ => return None,
    };
    Some((name, outcome))
}

/// `=== RUN   TestAdd`, and the lines that say which test the following output belongs to.
fn begins(line: &str) -> Option<&str> {
    let (word, name) = line.strip_prefix("=== ")?.split_once(' ')?;
    matches!(word, "RUN" | "CONT" | "NAME").then(|| name.trim())
}

/// `ok  PACKAGE  0.002s`, `FAIL  PACKAGE [build failed]`, `?  PACKAGE  [no test files]`, with tabs.
fn package(line: &str) -> Option<(&str, Outcome, f64)> {
    let mut words = line.split_whitespace();
    let (word, name, rest) = (words.next()?, words.next()?, words.next()?);
    let time = seconds(rest);
    match word {
        "ok" if time.is_some() || rest == "(cached)" => {
            Some((name, Outcome::Passed, time.unwrap_or_default()))
        }
        "FAIL" if time.is_some() || matches!(rest, "[build" | "[setup") => {
            Some((name, Outcome::Failed, time.unwrap_or_default()))
        }
        "?" if line.ends_with("[no test files]") => Some((name, Outcome::Skipped, 0.0)),
        _ => None,
    }
}
