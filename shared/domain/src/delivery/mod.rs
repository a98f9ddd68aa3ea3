//! Purpose: one delivery of a webhook: accepted, then planned, answered or ignored with a reason. Who asked for something in
//! a comment is answered there.
//!
//! The stream begins with the conditional put that made the delivery durable; a delivery without any commit is one that
//! nobody has planned yet.

mod passed;
mod reply;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{RepositoryId, RunId};
use crate::kernel::{Machine, StreamId, later};
use crate::update::{Failure, Overtaken, Stand, Updates};

pub use passed::{Passed, Said};
pub use reply::{Reaction, Reply, ReplyEnd};

/// Seconds after which nobody is answered any more: the one who asked has gone on.
const REPLY_SECONDS: u32 = 24 * 3600;

/// The state of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub answer: Option<Answer>,
    /// What has been left to the approval function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Passed>,
    pub reply: Option<Reply>,
    /// When it was clear what to answer.
    pub replied_from: Option<Timestamp>,
    /// How answering stands.
    pub updates: Updates,
    pub reply_end: Option<ReplyEnd>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It led to this run.
    Planned {
        repository: RepositoryId,
        run: RunId,
    },
    /// A person's wish was carried out, or refused with this sentence.
    Answered { text: String },
    /// It led to nothing, and why.
    Ignored { reason: String },
}

/// A wish about a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Answer(Answer),
    /// Only the approval function may carry out what is left.
    PassOn(Passed),
    /// It is clear what became of it, and what the one who asked is to read.
    Reply {
        answer: Answer,
        reply: Reply,
    },
    /// A call says that it will answer on GitHub.
    IntendReply {
        call: String,
    },
    /// GitHub has the answer.
    Replied {
        number: u64,
    },
    NotReplied {
        number: u64,
        why: String,
        failure: Failure,
    },
}

/// Something that happened to a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    DeliveryPlanned {
        repository: RepositoryId,
        run: RunId,
    },
    DeliveryAnswered {
        text: String,
    },
    DeliveryIgnored {
        reason: String,
    },
    DeliveryPassedOn {
        passed: Passed,
    },
    /// In the same commit as what became of the delivery.
    ReplyWanted {
        reply: Reply,
        at: Timestamp,
    },
    /// From here on GitHub may be told, by this call and no other.
    ReplyIntended {
        number: u64,
        call: String,
        at: Timestamp,
    },
    ReplyGiven {
        number: u64,
    },
    ReplyFailed {
        number: u64,
        why: String,
        until: Timestamp,
        refused: bool,
        /// It may have been given all the same.
        unsure: bool,
    },
    ReplyGivenUp {
        why: String,
    },
}

/// What a delivery wants from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read it, and act on it.
    Plan,
    /// Carry out what decides about a deploy, and say what all of it came to.
    Decide,
    /// Say that GitHub will be told.
    IntendReply,
    /// Answer on GitHub: the update of this number.
    Reply(u64),
}

/// Why a delivery says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
}

/// What lists show of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub answer: Option<Answer>,
}

impl Machine for Delivery {
    const KIND: &'static str = "delivery";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Answer(_) | Command::Reply { .. } if self.answer.is_some() => Ok(Vec::new()),
            Command::Answer(answer) => Ok(vec![became(answer)]),
            Command::PassOn(_) if self.answer.is_some() || self.passed.is_some() => Ok(Vec::new()),
            Command::PassOn(passed) => {
                let passed = passed.clone();
                Ok(vec![Event::DeliveryPassedOn { passed }])
            }
            Command::Reply { answer, reply } => {
                let reply = reply.clone();
                Ok(vec![became(answer), Event::ReplyWanted { reply, at }])
            }
            Command::IntendReply { call } => Ok(self.intend(at, call)),
            Command::Replied { number } => self.given(*number),
            Command::NotReplied {
                number,
                why,
                failure,
            } => self.not_given(at, *number, why, *failure),
        }
    }

    fn advance(&self, at: Timestamp) -> Vec<Event> {
        if self.owed_reply().is_none() || self.reply_ends().is_none_or(|end| at < end) {
            return Vec::new();
        }
        let why = "GitHub could not be told in a day".to_owned();
        vec![Event::ReplyGivenUp { why }]
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event.clone() {
            Event::DeliveryPlanned { repository, run } => {
                self.answer = Some(Answer::Planned { repository, run });
            }
            Event::DeliveryAnswered { text } => self.answer = Some(Answer::Answered { text }),
            Event::DeliveryIgnored { reason } => self.answer = Some(Answer::Ignored { reason }),
            Event::DeliveryPassedOn { passed } => self.passed = Some(passed),
            Event::ReplyWanted { reply, at } => {
                (self.reply, self.replied_from) = (Some(reply), Some(at));
            }
            Event::ReplyIntended { number, call, at } => self.updates.intended(number, &call, at),
            Event::ReplyGiven { .. } => {
                self.updates.made();
                self.reply_end = Some(ReplyEnd::Given);
            }
            Event::ReplyFailed {
                until,
                refused,
                unsure,
                ..
            } => self.updates.failed(until, refused, unsure),
            Event::ReplyGivenUp { why } => self.reply_end = Some(ReplyEnd::GivenUp { why }),
        }
        self
    }

    fn outstanding(&self, at: Timestamp) -> Vec<Effect> {
        if self.answer.is_none() {
            return match self.passed {
                None => vec![Effect::Plan],
                Some(_) => vec![Effect::Decide],
            };
        }
        if self.owed_reply().is_none() {
            return Vec::new();
        }
        match self.updates.stand(at) {
            Stand::UnderWay(number) => vec![Effect::Reply(number)],
            Stand::Paused => Vec::new(),
            Stand::Free => vec![Effect::IntendReply],
        }
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        self.owed_reply()?;
        let wakes = self.updates.wakes().chain(self.reply_ends());
        wakes.filter(|wake| *wake > after).min()
    }

    fn is_ended(&self) -> bool {
        self.answer.is_some() && self.owed_reply().is_none()
    }

    fn summary(&self) -> Summary {
        Summary {
            answer: self.answer.clone(),
        }
    }

    fn neighbours(&self, _event: &Event) -> Vec<StreamId> {
        Vec::new()
    }
}

impl Delivery {
    fn reply_ends(&self) -> Option<Timestamp> {
        self.replied_from.map(|from| later(from, REPLY_SECONDS))
    }
}

fn became(answer: &Answer) -> Event {
    match answer.clone() {
        Answer::Planned { repository, run } => Event::DeliveryPlanned { repository, run },
        Answer::Answered { text } => Event::DeliveryAnswered { text },
        Answer::Ignored { reason } => Event::DeliveryIgnored { reason },
    }
}
