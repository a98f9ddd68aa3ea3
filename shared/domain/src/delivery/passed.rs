//! Purpose: lines of a comment that only the approval function may carry out, as the planner leaves them to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::RunId;

/// What one wish came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub done: bool,
    /// Markdown that is safe to publish; `None` = the reaction says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What the planner has done of a comment, and what it has left.
///
/// It says of which run somebody speaks, and nothing else about a decision: who decides what is read from the delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// What the other lines came to, by their numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub said: BTreeMap<usize, Said>,
    /// Lines that decide, with the run that is meant: it was looked up once, so that a line that is read again means the same.
    pub decisions: BTreeMap<usize, RunId>,
}

impl Said {
    /// It was done, and people see what follows elsewhere.
    pub fn done() -> Self {
        Self {
            done: true,
            text: None,
        }
    }

    /// It was done, and this is to be read.
    pub fn text(text: String) -> Self {
        Self {
            done: true,
            text: Some(text),
        }
    }

    /// It was not done, and why.
    pub fn no(why: String) -> Self {
        Self {
            done: false,
            text: Some(why),
        }
    }
}
