//! Purpose: telling GitHub something: intended before it is done, done by one call at a time, and done again until it is known
//! to be there.
//!
//! A GitHub that does not answer delays nothing else; what was sent and never answered is looked for before it is sent again.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guard::{Guard, holds};
use crate::kernel::later;

/// Seconds after which the call that intended an update counts as dead: it has begun by then, and is over.
pub const INTENT_SECONDS: u32 = 3 * 60;
/// Seconds after which the call that intended an update does not begin with it any more.
pub const BEGIN_SECONDS: u32 = 60;
/// Seconds that GitHub may be spoken to about one update, so that it is over when another call takes over.
pub const UPDATE_SECONDS: u32 = 60;
/// Seconds until an update that failed is tried again; each further time waits twice as long.
pub const FIRST_PAUSE_SECONDS: u32 = 5;
/// The same where GitHub refused: a person has to do something first.
const FIRST_REFUSED_PAUSE_SECONDS: u32 = 60;
/// Seconds between two tries at most.
const LAST_PAUSE_SECONDS: u32 = 15 * 60;
/// Refusals in a row after which nobody asks again.
pub const MAX_REFUSALS: u32 = 5;

/// How telling stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updates {
    /// Number of the latest update, 0 before the first.
    pub number: u64,
    pub intent: Option<Intent>,
    /// An update may have been made without our knowing.
    pub unsure: bool,
    /// Tries that failed since the last good one, those that GitHub refused among them.
    pub failures: u32,
    pub refusals: u32,
    /// Nothing is tried before then.
    pub paused_until: Option<Timestamp>,
}

/// An update that was intended and whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub number: u64,
    /// The one call that makes it.
    pub call: String,
    pub at: Timestamp,
}

/// How an update failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer: it may have been made.
    Unknown,
    /// Not made, and useless to try before then.
    Limited { until: Timestamp },
    /// Not made, or not all of it, and a person has to do something first.
    Refused,
}

/// Where telling stands at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// The update of this number is being made, as far as anybody knows.
    UnderWay(u64),
    /// Nothing is tried now.
    Paused,
    Free,
}

/// The outcome of an update that nobody waits for any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("update {0} is not the one that is being made")]
pub struct Overtaken(pub u64);

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setback {
    /// Nothing is tried before then.
    pub until: Timestamp,
    pub refused: bool,
    /// It may have been made all the same.
    pub unsure: bool,
    /// It was refused too often: nobody asks again.
    pub given_up: bool,
}

impl Updates {
    /// Where it stands at this time.
    pub fn stand(&self, at: Timestamp) -> Stand {
        let intent = self.intent.as_ref();
        let live = intent.filter(|intent| at < later(intent.at, INTENT_SECONDS));
        match (live, self.paused_until) {
            (Some(intent), _) => Stand::UnderWay(intent.number),
            (None, Some(until)) if at < until => Stand::Paused,
            (None, _) => Stand::Free,
        }
    }

    /// Whether a call may intend an update now.
    pub fn may_intend(&self, at: Timestamp) -> bool {
        self.stand(at) == Stand::Free
    }

    /// Whether this call, and no other, makes the update now. Soon after it was intended, so that nothing of it reaches
    /// GitHub after another call has taken over.
    pub fn is_made_by(&self, number: u64, call: &str, at: Timestamp) -> bool {
        self.is_made_within(BEGIN_SECONDS, number, call, at)
    }

    /// The same, if no more than so many seconds have gone by since it was intended.
    pub fn is_made_within(&self, seconds: u32, number: u64, call: &str, at: Timestamp) -> bool {
        let intent = self.intent.as_ref();
        intent.is_some_and(|intent| {
            intent.number == number
                && at < later(intent.at, seconds)
                && holds(Guard::UpdateHasOneCaller, intent.call == call)
        })
    }

    /// Whether what is not known to be on GitHub cannot be there. Otherwise it has to be looked for before it is created, or
    /// there would be two.
    pub fn may_create(&self) -> bool {
        holds(Guard::LookBeforeCreate, !self.unsure)
    }

    /// Whether what was shown last is what is there: no later update may have been made without our knowing.
    pub fn is_certain(&self) -> bool {
        self.intent.is_none() && !self.unsure
    }

    /// Nobody goes on with the update that was intended, however far it got.
    pub fn dropped(&mut self) {
        self.unsure |= self.intent.take().is_some();
    }

    /// Whether the outcome of this update is waited for.
    ///
    /// # Errors
    /// Where it is not.
    pub fn must_be_intended(&self, number: u64) -> Result<(), Overtaken> {
        match &self.intent {
            Some(intent) if intent.number == number => Ok(()),
            _ => Err(Overtaken(number)),
        }
    }

    /// When to look again if nobody rings.
    pub fn wakes(&self) -> impl Iterator<Item = Timestamp> {
        let intent = self.intent.as_ref();
        let over = intent.map(|intent| later(intent.at, INTENT_SECONDS));
        over.into_iter().chain(self.paused_until)
    }

    /// What a failure means for the next try.
    pub fn setback(&self, at: Timestamp, failure: Failure) -> Setback {
        let refused = failure == Failure::Refused;
        let (first, times) = match refused {
            true => (FIRST_REFUSED_PAUSE_SECONDS, self.refusals),
            false => (FIRST_PAUSE_SECONDS, self.failures),
        };
        let until = match failure {
            Failure::Limited { until } => until.max(later(at, FIRST_PAUSE_SECONDS)),
            Failure::Unknown | Failure::Refused => later(at, pause(first, times)),
        };
        Setback {
            until,
            refused,
            // Of what was refused, a part may have been made.
            unsure: !matches!(failure, Failure::Limited { .. }),
            given_up: refused && self.refusals + 1 >= MAX_REFUSALS,
        }
    }

    /// An update was intended.
    pub fn intended(&mut self, number: u64, call: &str, at: Timestamp) {
        // Nobody knows how far the call before got that did not come back.
        self.unsure |= self.intent.is_some();
        self.number = number;
        self.intent = Some(Intent {
            number,
            call: call.to_owned(),
            at,
        });
    }

    /// GitHub has it.
    pub fn made(&mut self) {
        *self = Self {
            number: self.number,
            ..Self::default()
        };
    }

    /// It failed.
    pub fn failed(&mut self, until: Timestamp, refused: bool, unsure: bool) {
        self.intent = None;
        self.unsure |= unsure;
        self.failures = self.failures.saturating_add(1);
        self.refusals = match refused {
            true => self.refusals.saturating_add(1),
            false => 0,
        };
        self.paused_until = Some(until);
    }
}

/// Seconds until the next try; each failure doubles it.
pub fn pause(first: u32, failures: u32) -> u32 {
    first
        .saturating_mul(1 << failures.min(10))
        .min(LAST_PAUSE_SECONDS)
}
