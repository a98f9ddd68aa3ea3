//! Purpose: Go packages with their tests, as events or plain output tell of them, and what they count as.
//!
//! A test with subtests counts through them; itself it counts only when it failed and none of them did. A test that
//! began and has no result counts as failed, and so does a package that failed, or never ended, with no failing test in
//! it: it could not be built, or its process ended on its own.

use std::collections::BTreeMap;

use domain::report::TestFailure;

use crate::Known;
use crate::locate::starts_with_place;
use crate::tests_seen::{TestsSeen, failure};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    Skipped,
}

#[derive(Debug, Default)]
pub(crate) struct Test {
    pub outcome: Option<Outcome>,
    pub output: String,
}

#[derive(Debug, Default)]
pub(crate) struct Package {
    pub tests: BTreeMap<String, Test>,
    /// What belongs to no test.
    pub output: String,
    pub outcome: Option<Outcome>,
    pub seconds: f64,
    pub failed_build: Option<String>,
}

/// All packages of a report, by import path.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    packages: BTreeMap<String, Package>,
    /// What the compiler said, by the name in `# example.com/shop [example.com/shop.test]`.
    builds: BTreeMap<String, String>,
    /// The build that plain lines belong to.
    building: Option<String>,
}

impl Packages {
    pub fn package(&mut self, name: &str) -> &mut Package {
        self.packages.entry(name.to_owned()).or_default()
    }

    pub fn build_output(&mut self, built: &str, output: &str) {
        self.builds
            .entry(built.to_owned())
            .or_default()
            .push_str(output);
    }

    /// A line of the go command itself: `# package`, and below it what the compiler says, line by line with its place
    /// or indented.
    pub fn plain_line(&mut self, line: &str) {
        let is_of_build = line.starts_with([' ', '\t']) || starts_with_place(line).is_some();
        if let Some(built) = line.strip_prefix("# ") {
            self.building = Some(built.trim().to_owned());
        } else if let Some(built) = self.building.take_if(|_| is_of_build) {
            self.build_output(&built, &format!("{line}\n"));
            self.building = Some(built);
        } else {
            self.building = None;
        }
    }

    /// Counts everything.
    pub fn count(&self, known: &Known, tests: &mut TestsSeen) {
        for (name, package) in &self.packages {
            self.count_package(name, package, known, tests);
        }
    }

    /// Counts one package, which need not be one of these.
    pub fn count_package(
        &self,
        name: &str,
        package: &Package,
        known: &Known,
        tests: &mut TestsSeen,
    ) {
        tests.took(package.seconds);
        let failing = package.count(name, known, tests);
        if !failing && matches!(package.outcome, None | Some(Outcome::Failed)) {
            tests.failure(|| self.package_failure(name, package, known));
        }
    }

    fn package_failure(&self, name: &str, package: &Package, known: &Known) -> TestFailure {
        let build = match &package.failed_build {
            Some(built) => self.builds.get(built),
            // `example.com/shop [example.com/shop.test]` is the package with its tests.
            None => self
                .builds
                .iter()
                .find(|(built, _)| built.split(' ').next() == Some(name))
                .map(|(_, said)| said),
        };
        let said = build
            .filter(|_| package.outcome.is_some())
            .map_or_else(|| said(&package.output), |said| built(said));
        match package.outcome {
            None => failure(name, &format!("the package did not finish\n{said}"), known),
            _ if said.trim().is_empty() => {
                failure(name, "the package failed and no test of it did", known)
            }
            _ => failure(name, &said, known),
        }
    }
}

impl Package {
    pub fn test(&mut self, name: &str) -> &mut Test {
        self.tests.entry(name.to_owned()).or_default()
    }

    /// Counts the tests; whether one of them failed.
    fn count(&self, package: &str, known: &Known, tests: &mut TestsSeen) -> bool {
        let mut any_failed = false;
        for (name, test) in &self.tests {
            let mut subtests = self.subtests(name).peekable();
            let is_group = subtests.peek().is_some();
            match test.outcome {
                Some(Outcome::Passed) if !is_group => tests.passed(1),
                Some(Outcome::Skipped) if !is_group => tests.skipped(1),
                Some(Outcome::Passed | Outcome::Skipped) => {}
                Some(Outcome::Failed) | None => {
                    any_failed = true;
                    if !subtests.any(Test::has_failed) {
                        tests.failure(|| test.failure(&full_name(package, name), known));
                    }
                }
            }
        }
        any_failed
    }

    fn subtests<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Test> {
        let prefix = format!("{name}/");
        self.tests
            .range(prefix.clone()..)
            .take_while(move |(name, _)| name.starts_with(&prefix))
            .map(|(_, test)| test)
    }
}

impl Test {
    /// The test has this result. A failure stays one: with `-count=2` a test has two results.
    pub fn ended(&mut self, outcome: Outcome) {
        if self.outcome != Some(Outcome::Failed) {
            self.outcome = Some(outcome);
        }
    }

    fn has_failed(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::Failed))
    }

    fn failure(&self, name: &str, known: &Known) -> TestFailure {
        let said = said(&self.output);
        let why = reason(&said);
        match self.outcome {
            None => failure(name, &format!("the test did not finish\n{said}"), known),
            _ if why.trim().is_empty() => failure(name, "the test failed without a message", known),
            _ => failure(name, why, known),
        }
    }
}

/// The part of a test's output that says why it failed: from a panic on, else from the last line that begins with a
/// place, since `t.Log` writes such lines too and what fails a test mostly comes last.
fn reason(said: &str) -> &str {
    let (mut panic, mut place, mut at) = (None, None, 0);
    for line in said.split_inclusive('\n') {
        if line.starts_with("panic: ") || line.starts_with("fatal error: ") {
            panic = panic.or(Some(at));
        } else if starts_with_place(line).is_some() {
            place = Some(at);
        }
        at += line.len();
    }
    panic
        .or(place)
        .and_then(|at| said.get(at..))
        .unwrap_or(said)
}

/// `example.com/shop/cart.TestAdd/empty`, as Go itself names tests.
fn full_name(package: &str, test: &str) -> String {
    if package.is_empty() {
        test.to_owned()
    } else {
        format!("{package}.{test}")
    }
}

/// The output without the lines that `go test` itself adds, and without the place that testify repeats.
fn said(output: &str) -> String {
    const FRAMING: &[&str] = &[
        "=== ",
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "--- BENCH: ",
        "FAIL\t",
        "ok  \t",
        "exit status ",
        "coverage: ",
        "Error Trace:",
    ];
    let is_framing = |line: &&str| {
        let line = line.trim_start();
        line == "FAIL" || line == "PASS" || FRAMING.iter().any(|start| line.starts_with(start))
    };
    output
        .lines()
        .filter(|line| !is_framing(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What the compiler said, without the line that names the package.
fn built(output: &str) -> String {
    output
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect::<Vec<_>>()
        .join("\n")
}
