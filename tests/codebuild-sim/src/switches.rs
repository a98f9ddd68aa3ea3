//! Purpose: what the simulator does wrong on purpose.

use serde::{Deserialize, Serialize};

/// Faults, as they happen on AWS too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// State changes are never told: they are best effort on AWS.
    pub swallow_events: bool,
    /// Each state change is told twice.
    pub double_events: bool,
    /// A build's end is told before its beginning.
    pub reorder_events: bool,
    /// The answer to `StartBuild`, while it is set.
    pub refuse: Option<Refusal>,
    /// `StartBuild` answers 500 after the build was started: the reply is lost, this many times.
    pub lose_replies: u32,
}

/// An error that `StartBuild` answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// `AccountLimitExceededException`
    AccountLimit,
    /// `ThrottlingException`
    Throttling,
    /// `InvalidInputException`
    InvalidInput,
}
