//! Purpose: the answer that a person reads on GitHub: a reaction at their comment, and a comment of ours below it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, Event, Rejection};
use crate::ids::RepositoryId;
use crate::update::Failure;

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

/// What is answered, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub repository: RepositoryId,
    /// The number of the issue or pull request.
    pub thread: u64,
    /// The comment that gets the reaction; `None` = a button was pressed, which takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
    pub reaction: Reaction,
    /// Markdown that is safe to publish; `None` = the reaction says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// How answering ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyEnd {
    Given,
    GivenUp { why: String },
}

impl Delivery {
    /// What is still to be answered.
    pub fn owed_reply(&self) -> Option<&Reply> {
        self.reply.as_ref().filter(|_| self.reply_end.is_none())
    }

    pub(super) fn intend(&self, at: Timestamp, call: &str) -> Vec<Event> {
        if self.owed_reply().is_none() || !self.updates.may_intend(at) {
            return Vec::new();
        }
        vec![Event::ReplyIntended {
            number: self.updates.number + 1,
            call: call.to_owned(),
            at,
        }]
    }

    pub(super) fn given(&self, number: u64) -> Result<Vec<Event>, Rejection> {
        self.updates.must_be_intended(number)?;
        Ok(vec![Event::ReplyGiven { number }])
    }

    pub(super) fn not_given(
        &self,
        at: Timestamp,
        number: u64,
        why: &str,
        failure: Failure,
    ) -> Result<Vec<Event>, Rejection> {
        self.updates.must_be_intended(number)?;
        let setback = self.updates.setback(at, failure);
        let why = why.to_owned();
        let mut events = vec![Event::ReplyFailed {
            number,
            why: why.clone(),
            until: setback.until,
            refused: setback.refused,
            unsure: setback.unsure,
        }];
        if setback.given_up {
            events.push(Event::ReplyGivenUp { why });
        }
        Ok(events)
    }
}
