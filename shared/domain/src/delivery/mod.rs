//! Purpose: one delivery of a webhook: accepted, then planned or ignored with a reason.
//!
//! The stream begins with the conditional put that made the delivery durable; a delivery without any commit is one that
//! nobody has planned yet.

mod reply;
#[cfg(test)]
mod tests;

pub use reply::Reaction;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};

/// The state of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub answer: Option<Answer>,
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
    /// A person's wish about a run was carried out, or refused with this sentence.
    Answered { text: String },
    /// It led to nothing, and why.
    Ignored { reason: String },
}

/// A wish about a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Answer(Answer),
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
}

/// What a delivery wants from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read it, and act on it.
    Plan,
}

/// A delivery never says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {}

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

    fn decide(&self, _at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        if self.answer.is_some() {
            return Ok(Vec::new());
        }
        let Command::Answer(answer) = command;
        Ok(vec![match answer.clone() {
            Answer::Planned { repository, run } => Event::DeliveryPlanned { repository, run },
            Answer::Answered { text } => Event::DeliveryAnswered { text },
            Answer::Ignored { reason } => Event::DeliveryIgnored { reason },
        }])
    }

    fn advance(&self, _at: Timestamp) -> Vec<Event> {
        Vec::new()
    }

    fn evolve(mut self, event: &Event) -> Self {
        self.answer = Some(match event.clone() {
            Event::DeliveryPlanned { repository, run } => Answer::Planned { repository, run },
            Event::DeliveryAnswered { text } => Answer::Answered { text },
            Event::DeliveryIgnored { reason } => Answer::Ignored { reason },
        });
        self
    }

    fn outstanding(&self, _at: Timestamp) -> Vec<Effect> {
        if self.answer.is_none() {
            vec![Effect::Plan]
        } else {
            Vec::new()
        }
    }

    fn wake_at(&self, _after: Timestamp) -> Option<Timestamp> {
        None
    }

    fn is_ended(&self) -> bool {
        self.answer.is_some()
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
