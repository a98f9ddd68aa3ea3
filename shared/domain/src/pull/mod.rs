//! Purpose: one pull request: the runs that it has had, and the one comment of ours below it.
//!
//! The comment says how the latest run ended, or what it waits for. It is written once and changed from then on; like check
//! runs it is intended before it is made, by one call at a time. What people say about the pull request is kept here, too
//! ([`Words`]); the checks of its runs are told of it.

mod event;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CommitSha, Digest, RunId};
use crate::kernel::{Machine, StreamId};
use crate::update::{Failure, Overtaken, Stand, Updates};
use crate::wish::{MAX_REASON, Wish};

pub use event::{Event, Opening, Planned};
pub use words::{Hold, Look, Override, Word, Words};

/// Runs remembered, for commands that speak of the latest.
const MAX_RUNS: usize = 20;

/// The state of a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    pub opening: Option<Opening>,
    /// The latest last.
    pub runs: Vec<Planned>,
    /// How telling GitHub stands.
    pub updates: Updates,
    /// GitHub's number for our comment.
    pub comment: Option<u64>,
    /// Of what the comment says.
    pub shown: Option<Digest>,
    /// The latest run of which there is nothing more to say.
    pub said: Option<RunId>,
    /// What people have said about it.
    pub words: Words,
    /// Runs whose checks have not heard of the latest words.
    pub untold: BTreeSet<RunId>,
}

/// A wish about a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// It has a run; the first one opens the stream.
    Plan { opening: Opening, run: Planned },
    /// A call says that it will write the comment.
    Intend { view: Digest, call: String },
    /// There is nothing to write about this run, or nothing more, as these words stood.
    Say { run: RunId, words: u64 },
    /// GitHub has it.
    Shown {
        number: u64,
        view: Digest,
        comment: u64,
        /// The run whose end it tells.
        ended: Option<RunId>,
        /// As these words stood.
        words: u64,
    },
    NotShown {
        number: u64,
        why: String,
        failure: Failure,
    },
    /// GitHub will not be told of the latest run any more.
    GiveUp { why: String },
    /// Somebody says something; the first word opens the stream.
    Speak {
        opening: Opening,
        word: Word,
        wish: Wish,
    },
    /// The checks of this run have heard of these words.
    Told { run: RunId, words: u64 },
}

/// What is owed to a reader of the pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Compare what there is to say with what the comment says.
    Compare,
    /// Write the comment: the update of this number.
    Update(u64),
    /// Let the checks of this run be looked at again, with these words.
    Tell { run: RunId, words: u64 },
}

/// Why a wish was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("this pull request has had no run")]
    NotOpened,
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
    #[error("a reason has 1 to {MAX_REASON} characters")]
    Reason,
}

/// What lists show of a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub latest: Option<RunId>,
    pub comment: Option<u64>,
}

impl Pull {
    /// The run that counts.
    pub fn latest(&self) -> Option<&Planned> {
        self.runs.last()
    }

    /// The runs before the one that counts, the latest first.
    pub fn earlier(&self) -> impl Iterator<Item = &Planned> {
        self.runs.iter().rev().skip(1)
    }

    /// The latest run at this commit.
    pub fn run_at(&self, commit: &CommitSha) -> Option<&Planned> {
        self.runs.iter().rev().find(|run| run.commit == *commit)
    }

    fn is_said(&self) -> bool {
        self.latest()
            .is_none_or(|latest| self.said.as_ref() == Some(&latest.run))
    }

    fn plan(&self, opening: &Opening, run: &Planned) -> Vec<Event> {
        if self.runs.iter().any(|known| known.run == run.run) {
            return Vec::new();
        }
        vec![Event::RunPlanned {
            opening: opening.clone(),
            run: run.clone(),
        }]
    }

    fn speak(
        &self,
        at: Timestamp,
        opening: &Opening,
        word: &Word,
        wish: &Wish,
    ) -> Result<Vec<Event>, Rejection> {
        if !word.is_whole() {
            return Err(Rejection::Reason);
        }
        let spoken = Event::Spoken {
            opening: opening.clone(),
            word: word.clone(),
            wish: wish.clone(),
            at,
        };
        let is_news = self.words.is_news(word, wish);
        Ok(is_news.then_some(spoken).into_iter().collect())
    }

    fn fail(&self, at: Timestamp, number: u64, why: &str, failure: Failure) -> Vec<Event> {
        let setback = self.updates.setback(at, failure);
        let mut events = vec![Event::CommentFailed {
            number,
            why: why.to_owned(),
            until: setback.until,
            refused: setback.refused,
            unsure: setback.unsure,
        }];
        if setback.given_up {
            events.extend(self.give_up(why));
        }
        events
    }

    fn give_up(&self, why: &str) -> Vec<Event> {
        let unsaid = self.latest().filter(|_| !self.is_said());
        let given_up = unsaid.map(|latest| Event::RunSaid {
            run: latest.run.clone(),
            why: Some(why.to_owned()),
        });
        given_up.into_iter().collect()
    }
}

impl Machine for Pull {
    const KIND: &'static str = "pull";
    const FOLD: Option<u32> = Some(2);
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Plan { opening, run } => return Ok(self.plan(opening, run)),
            Command::Speak {
                opening,
                word,
                wish,
            } => return self.speak(at, opening, word, wish),
            _ => {}
        }
        if self.opening.is_none() {
            return Err(Rejection::NotOpened);
        }
        match command {
            Command::Plan { .. } | Command::Speak { .. } => Ok(Vec::new()),
            // Whoever compared before all was said comes too late.
            Command::Intend { .. } if self.is_said() || !self.updates.may_intend(at) => {
                Ok(Vec::new())
            }
            Command::Intend { view, call } => Ok(vec![Event::CommentIntended {
                number: self.updates.number + 1,
                view: view.clone(),
                call: call.clone(),
                at,
            }]),
            Command::GiveUp { why } => Ok(self.give_up(why)),
            Command::Say { run, words } => {
                let is_news = *words == self.words.number
                    && self.latest().is_some_and(|latest| latest.run == *run)
                    && self.said.as_ref() != Some(run)
                    && !matches!(self.updates.stand(at), Stand::UnderWay(_));
                let (run, why) = (run.clone(), None);
                Ok(if is_news {
                    vec![Event::RunSaid { run, why }]
                } else {
                    Vec::new()
                })
            }
            Command::Shown {
                number,
                view,
                comment,
                ended,
                words,
            } => {
                self.updates.must_be_intended(*number)?;
                Ok(vec![Event::CommentShown {
                    number: *number,
                    view: view.clone(),
                    comment: *comment,
                    // Somebody may have said something since.
                    ended: ended.clone().filter(|_| *words == self.words.number),
                }])
            }
            Command::NotShown {
                number,
                why,
                failure,
            } => {
                self.updates.must_be_intended(*number)?;
                Ok(self.fail(at, *number, why, *failure))
            }
            Command::Told { run, words } => {
                let is_news = *words == self.words.number && self.untold.contains(run);
                let (run, words) = (run.clone(), *words);
                let told = Event::RunTold { run, words };
                Ok(is_news.then_some(told).into_iter().collect())
            }
        }
    }

    fn advance(&self, _at: Timestamp) -> Vec<Event> {
        Vec::new()
    }

    fn evolve(self, event: &Event) -> Self {
        self.apply(event)
    }

    fn outstanding(&self, at: Timestamp) -> Vec<Effect> {
        let comment = match self.updates.stand(at) {
            Stand::UnderWay(number) => Some(Effect::Update(number)),
            Stand::Free if !self.is_said() => Some(Effect::Compare),
            Stand::Free | Stand::Paused => None,
        };
        let words = self.words.number;
        let untold = self.untold.iter().cloned();
        let told = untold.map(|run| Effect::Tell { run, words });
        told.chain(comment).collect()
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        if self.is_ended() {
            return None;
        }
        self.updates.wakes().filter(|wake| *wake > after).min()
    }

    fn is_ended(&self) -> bool {
        self.is_said() && self.updates.intent.is_none() && self.untold.is_empty()
    }

    fn summary(&self) -> Summary {
        Summary {
            latest: self.latest().map(|latest| latest.run.clone()),
            comment: self.comment,
        }
    }

    fn neighbours(&self, _event: &Event) -> Vec<StreamId> {
        Vec::new()
    }
}
