//! Purpose: the receipts that a command gets before it is answered.

/// A reaction to a comment: <https://docs.github.com/en/rest/reactions/reactions#about-reactions>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It was read.
    Eyes,
    /// It was done.
    ThumbsUp,
    /// It was not understood, or is not allowed.
    Confused,
}

impl Reaction {
    /// GitHub's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::ThumbsUp => "+1",
            Self::Confused => "confused",
        }
    }
}
