//! Purpose: what people say, of which the latest holds: words may come late, twice, and in another order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters of a reason at most.
pub const MAX_REASON: usize = 500;
/// Wishes about one thing that are remembered.
const MAX_WISHES: usize = 20;

/// What somebody said, told from all else that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What it is known by when it is brought again; never used for another.
    pub id: String,
    /// When it was said, by the clock of where it was said.
    pub said: Timestamp,
    /// The number of the comment: GitHub tells whole seconds, and counts comments on. 0 = it was said elsewhere.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub number: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Wish {
    /// Its place among all that was said.
    fn place(&self) -> (Timestamp, u64) {
        (self.said, self.number)
    }
}

/// The latest wishes about one thing, in the order in which they were said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wishes(Vec<Wish>);

impl Wishes {
    /// Whether nobody has said anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that holds.
    pub fn last(&self) -> Option<&Wish> {
        self.0.last()
    }

    /// Whether it was followed.
    pub fn has_followed(&self, wish: &Wish) -> bool {
        self.0.iter().any(|known| known.id == wish.id)
    }

    /// Whether it is new, and nothing was said after it.
    pub fn is_news(&self, wish: &Wish) -> bool {
        !self.has_followed(wish) && self.last().is_none_or(|last| last.place() <= wish.place())
    }

    /// It was followed.
    pub fn remember(&mut self, wish: &Wish) {
        self.0.push(wish.clone());
        if self.0.len() > MAX_WISHES {
            self.0.remove(0);
        }
    }
}

/// Whether a reason has no more characters than may be, and says something.
pub fn is_reason(reason: &str) -> bool {
    (1..=MAX_REASON).contains(&reason.trim().chars().count())
}

#[cfg(test)]
#[path = "wish_tests.rs"]
mod tests;
