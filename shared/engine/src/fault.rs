//! Purpose: what went wrong, in the only distinctions that a host acts on.

use domain::kernel::StreamId;

/// Why a message could not be dealt with. A rule that says no is not a fault: it is answered to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something outside did not answer: the host tries again later.
    #[error("{0}")]
    Unavailable(String),
    /// The message makes no sense and never will: the host parks it.
    #[error("{0}")]
    Malformed(String),
    /// A stored row is not what was written: the stream is quarantined.
    #[error("the journal row {stream} #{commit} is corrupt: {why}")]
    Corrupt {
        stream: StreamId,
        commit: u64,
        why: String,
    },
    /// A machine said no to a command that was not a person's.
    #[error("{0}")]
    Rejected(String),
}

impl Fault {
    /// Whether trying again can help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
