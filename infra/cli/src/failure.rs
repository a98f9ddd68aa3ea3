//! Purpose: why a command could not do what it was asked to: what, what to do next, and the exit status.

use engine::Fault;

/// The answer is no: a run failed, a file has mistakes, the journal is corrupt.
pub const NEGATIVE: u8 = 1;
/// Wrong usage or input.
pub const USAGE: u8 = 2;
/// The machine, or something that it needs, is not there.
pub const UNAVAILABLE: u8 = 3;

/// A command that ended without doing its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What is wrong, and where: one sentence without a full stop.
    pub what: String,
    /// What to do next.
    pub help: Option<String>,
    /// The exit status.
    pub code: u8,
}

impl Failure {
    /// Wrong usage or input.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(what, USAGE)
    }

    /// Something is not there.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::new(what, UNAVAILABLE)
    }

    /// The answer is no.
    pub fn negative(what: impl Into<String>) -> Self {
        Self::new(what, NEGATIVE)
    }

    /// With what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn new(what: impl Into<String>, code: u8) -> Self {
        Self {
            what: what.into(),
            help: None,
            code,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match &fault {
            Fault::Unavailable(_) => Self::unavailable(fault.to_string()),
            Fault::Malformed(_) => Self::usage(fault.to_string()),
            Fault::Rejected(_) => Self::negative(fault.to_string()),
            Fault::Corrupt { .. } => Self::negative(fault.to_string())
                .help("`slipway journal verify` checks all of it; restore it from a backup"),
        }
    }
}
