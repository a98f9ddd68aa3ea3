//! Purpose: test and quality reports (JUnit, `go test -json`, SARIF, lcov) and the plain output of test runners, parsed
//! into counts, failing tests, findings and coverage, and judged by the gates of the pipeline file.
//!
//! The crate is pure: it reads no file and knows no clock. Reports are written by code of the repository, so every byte
//! is hostile: the size is capped, XML with a DTD is refused, nothing recurses without a bound, and every text that is
//! kept is cleaned ([`text::clean`]) and cut.
//!
//! Formats are parsed by libraries: `quick-xml` for JUnit, `serde_json` for the events of `go test -json`,
//! `serde-sarif` for SARIF, `lcov` for lcov. JUnit has no specification; the `quick-junit` reader, made for what
//! `cargo nextest` writes, drops nested `<testsuite>`s with the failures in them and refuses time stamps without a zone,
//! `&#10;` and a root `<testsuite>`, which pytest, Maven and gotestsum all write. So it is a writer for our tests only.

pub mod console;
pub mod locate;
pub mod text;

mod gate;
mod gotest;
mod headline;
mod junit;
mod lcov;
mod sarif;
mod tests_seen;

use std::collections::BTreeSet;

use domain::plan::{ReportKind, ReportSpec};
use domain::report::Report;

pub use console::from_console;
pub use gate::judge;
pub use headline::headline;
pub use locate::{Place, locate};

/// A report larger than this, in bytes, is not read: 8 MiB.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What the caller knows about the job that wrote the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Fingerprints of the base branch's findings ([`fingerprints`]); `None` = no base was found.
    /// Then only a finding that its tool itself calls new (`baselineState`) is new, and the report has a note about it
    /// where a `max_new` gate depends on it.
    pub fingerprints: Option<BTreeSet<String>>,
    /// The absolute path of the checkout that the job ran in: it is taken off the front of file names, which would
    /// otherwise differ from attempt to attempt. `None` = names stay as the tool wrote them.
    pub checkout: Option<String>,
}

/// Why a report cannot be used, as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl Unreadable {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// The report in this file, which `spec` asked for. Never fails: what cannot be read says why in `unreadable`. Gates are
/// not looked at; [`judge`] does that over all files of one spec.
pub fn read(spec: &ReportSpec, path: &str, bytes: &[u8], known: &Known) -> Report {
    let mut report = Report::empty(spec.kind, text::line(path, text::MAX_NAME));
    let read = check_size(bytes).and_then(|()| match spec.kind {
        ReportKind::Junit => junit::read(bytes, known, &mut report),
        ReportKind::GoTest => gotest::read(bytes, known, &mut report),
        ReportKind::Sarif => sarif::read(bytes, known, &mut report),
        ReportKind::Lcov => lcov::read(bytes, &mut report),
    });
    if let Err(Unreadable(why)) = read {
        // Half of a report would be taken for the whole.
        report = Report::empty(spec.kind, report.path);
        report.unreadable = Some(format!("{} cannot be read: {why}", report.path));
    } else if spec.gate.max_new.is_some() && known.fingerprints.is_none() {
        report.notes.extend(sarif::note_on_unknown_base(&report));
    }
    report
}

/// The report of a spec whose pattern no file matched. It holds no gate: a report that is asked for must be there.
pub fn missing(spec: &ReportSpec) -> Report {
    let pattern = text::line(&spec.path, text::MAX_NAME);
    let mut report = Report::empty(spec.kind, pattern.clone());
    report.unreadable = Some(format!(
        "no file matches {pattern}: let the job write its {} report there, or correct the path in the pipeline file",
        name(spec.kind)
    ));
    report
}

/// The fingerprints of all findings in a SARIF file of the base branch: what [`Known::fingerprints`] is made of. A
/// [`Report`] keeps only the first findings, so it cannot stand in for the file.
///
/// # Errors
/// The sentence that [`read`] would put into `unreadable`.
pub fn fingerprints(bytes: &[u8], known: &Known) -> Result<BTreeSet<String>, Unreadable> {
    check_size(bytes)?;
    sarif::fingerprints(bytes, known)
}

fn check_size(bytes: &[u8]) -> Result<(), Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::new("it is empty; the tool wrote nothing"));
    }
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::new(format!(
            "it has {} bytes and the limit is {MAX_BYTES}; split it into several files and name them with a pattern",
            bytes.len()
        )));
    }
    Ok(())
}

/// As the pipeline file spells it.
fn name(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Junit => "junit",
        ReportKind::GoTest => "go-test",
        ReportKind::Sarif => "sarif",
        ReportKind::Lcov => "lcov",
    }
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod lib_tests;
#[cfg(test)]
mod support;
