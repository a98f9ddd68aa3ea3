//! Purpose: the answer that a person reads on GitHub: a reaction at their comment.

use serde::{Deserialize, Serialize};

/// A reaction to a comment: <https://docs.github.com/en/rest/reactions/reactions#about-reactions>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// It was done.
    ThumbsUp,
    /// It was not understood, or is not allowed.
    Confused,
}

impl Reaction {
    /// GitHub's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ThumbsUp => "+1",
            Self::Confused => "confused",
        }
    }
}
