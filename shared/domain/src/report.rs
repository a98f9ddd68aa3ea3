//! Purpose: what is kept of a job's reports: counts, the failing tests, the findings, the coverage.

use serde::{Deserialize, Serialize};

use crate::ids::Digest;
use crate::plan::ReportKind;

/// At most this many failures and findings are kept of one report; the counts are always whole.
pub const MAX_DETAILS: usize = 50;

/// One report, parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The format of the file; `None` = recognised in the plain output of a job that declares no reports. That is no
    /// `ReportKind`, because nobody can ask for it in a pipeline file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ReportKind>,
    /// The path of the file, below the checkout; `console` when there is no file.
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
    /// Failing tests, the first [`MAX_DETAILS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<TestFailure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingCounts>,
    /// New findings first, at most [`MAX_DETAILS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Finding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// Sentences of gates that did not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken_gates: Vec<String>,
    /// Sentences that a reader needs to judge the numbers; they fail nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why the file could not be read; the job fails then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// The file itself, in the blob store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Digest>,
}

impl Report {
    /// A report of this kind and path with nothing in it yet.
    pub fn empty(kind: impl Into<Option<ReportKind>>, path: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            path: path.into(),
            tests: None,
            failures: Vec::new(),
            findings: None,
            details: Vec::new(),
            coverage: None,
            broken_gates: Vec::new(),
            notes: Vec::new(),
            unreadable: None,
            source: None,
        }
    }

    /// Whether the job may succeed with this report.
    pub fn holds(&self) -> bool {
        self.broken_gates.is_empty() && self.unreadable.is_none()
    }
}

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
    /// All of them together.
    pub millis: u64,
}

/// A test that failed, with the place to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestFailure {
    /// `package::module::test`, as the tool names it.
    pub test: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The first lines of the message, at most 500 characters.
    pub message: String,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    pub errors: u32,
    pub warnings: u32,
    pub notes: u32,
    /// Of all these, the ones that the base branch does not have.
    pub new: u32,
}

impl FindingCounts {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.errors
            .saturating_add(self.warnings)
            .saturating_add(self.notes)
    }
}

/// One finding of a checker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: String,
    /// `error`, `warning` or `note`.
    pub level: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Stable over moved lines: rule + file + message, or the tool's own fingerprint.
    pub fingerprint: String,
    pub new: bool,
}

/// Lines covered by tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub lines: u64,
    pub covered: u64,
}

impl Coverage {
    /// In hundredths of a per cent, rounded down; a file without lines is wholly covered.
    pub fn hundredths(&self) -> u32 {
        if self.lines == 0 {
            return 10_000;
        }
        u32::try_from(self.covered.saturating_mul(10_000) / self.lines).unwrap_or(10_000)
    }
}
