//! Purpose: what a report must satisfy, as a pipeline file says it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::diagnostic::{Complaint, shown};
use crate::plan;

/// Conditions on a report; a condition that its kind of report cannot answer is a mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a gate", extend("minProperties" = 1))]
pub struct Gate {
    /// Failing tests allowed (junit, go-test). Without it the exit status of the commands decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub max_failed: Option<u32>,
    /// Tests that must have run (junit, go-test).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub min_tests: Option<u32>,
    /// Findings allowed that the base branch does not have (sarif).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub max_new: Option<u32>,
    /// Findings allowed in all (sarif).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub max_findings: Option<u32>,
    /// Lines that tests must cover, in per cent with at most two decimals: `80` or `79.5` (lcov).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_coverage: Option<Percent>,
}

/// Which kinds of report answer which condition.
pub const GATES: [(&str, &[&str]); 5] = [
    ("max_failed", &["junit", "go-test"]),
    ("min_tests", &["junit", "go-test"]),
    ("max_new", &["sarif"]),
    ("max_findings", &["sarif"]),
    ("min_coverage", &["lcov"]),
];

impl Gate {
    /// As the plan holds it.
    pub fn plan(&self) -> plan::Gate {
        plan::Gate {
            max_failed: self.max_failed,
            min_tests: self.min_tests,
            max_new: self.max_new,
            max_findings: self.max_findings,
            min_coverage: self.min_coverage.map(Percent::hundredths),
        }
    }
}

/// Per cent, held exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Percent(u32);

impl Percent {
    /// In hundredths of a per cent: 80 % is 8000.
    pub fn hundredths(self) -> u32 {
        self.0
    }

    /// Whether the text is between 0 and 100 with at most two decimals.
    pub fn check(text: &str) -> Result<Self, Complaint> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 2 {
            let message = format!("{} is not a percentage", shown(text));
            let help = "write it with at most two decimals: `80` or `79.5`";
            return Err(Complaint::new("bad-percentage", message).help(help));
        }
        match format!("{whole}{fraction:0<2}").parse::<u32>() {
            Ok(hundredths) if hundredths <= 10_000 => Ok(Self(hundredths)),
            _ => Err(Complaint::new(
                "out-of-range",
                format!("{} is not between 0 and 100", shown(text)),
            )),
        }
    }
}

impl TryFrom<String> for Percent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::check(&text).map_err(|complaint| complaint.message)
    }
}

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

impl JsonSchema for Percent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "x-rule": "percent" })
    }
}
