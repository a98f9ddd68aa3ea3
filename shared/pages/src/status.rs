//! Purpose: how a status is shown: a shape, a colour and always its word.

#[cfg(test)]
mod tests;

/// What a status means to a reader, whatever its exact word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// It did not, and somebody has to look.
    Bad,
    /// It is on its way.
    Active,
    /// A person has to decide.
    Asks,
    /// It has not begun, or waits for something else.
    Waiting,
    /// It ended without success or failure: skipped, cancelled, superseded.
    Stopped,
}

impl Tone {
    /// The tone of a word of `domain::run` (status, verdict, stage) or of an approval.
    pub fn of(word: &str) -> Self {
        match word {
            "succeeded" | "deployed" | "approved" | "granted" | "passed" => Self::Good,
            "failed" | "timed out" | "lost" | "not started" | "rejected" | "rolled back"
            | "expired" | "in doubt" | "refused" | "void" => Self::Bad,
            "running" | "starting" | "deploying" | "verifying" | "settling" | "stopping"
            | "about to deploy" => Self::Active,
            "awaiting trust" | "awaiting approval" => Self::Asks,
            "skipped" | "cancelled" | "superseded" | "not deployed" | "reclaimed" | "left" => {
                Self::Stopped
            }
            _ => Self::Waiting,
        }
    }

    /// The class that gives the colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Active => "active",
            Self::Asks => "asks",
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
        }
    }

    /// The outline of the icon in a box of 16 × 16; every tone has another shape, for those who do not see the colour.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Good => {
                "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5M5 8.25l2.1 2.1L11.2 6"
            }
            Self::Bad => {
                "M5.2 1.75h5.6l3.45 3.45v5.6l-3.45 3.45H5.2l-3.45-3.45V5.2zM5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2"
            }
            Self::Active => "M8 1.75a6.25 6.25 0 1 1-6.25 6.25M8 4.8V8l2.3 1.6",
            Self::Asks => {
                "M8 1.6L14.4 8L8 14.4L1.6 8zM6.6 6.6a1.45 1.45 0 1 1 1.9 1.5c-.4.2-.5.5-.5.9M8 10.9v.1"
            }
            Self::Waiting => {
                "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5M5 8v.01M8 8v.01M11 8v.01"
            }
            Self::Stopped => "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5M5 8h6",
        }
    }
}
