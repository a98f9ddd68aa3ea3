//! Purpose: one pull request: the runs that it has had, and the one comment of ours below it.
//!
//! The comment says how the latest run ended, or what it waits for. It is written once and changed from then on; like check
//! runs it is intended before it is made, by one call at a time.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CommitSha, Digest, RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};
use crate::update::{Failure, Overtaken, Stand, Updates};

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
}

/// Which pull request it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub repository: RepositoryId,
    pub number: u64,
}

/// A run of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub run: RunId,
    pub commit: CommitSha,
}

/// A wish about a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// It has a run; the first one opens the stream.
    Plan { opening: Opening, run: Planned },
    /// A call says that it will write the comment.
    Intend { view: Digest, call: String },
    /// There is nothing to write about this run, or nothing more.
    Say { run: RunId },
    /// GitHub has it.
    Shown {
        number: u64,
        view: Digest,
        comment: u64,
        /// The run whose end it tells.
        ended: Option<RunId>,
    },
    NotShown {
        number: u64,
        why: String,
        failure: Failure,
    },
    /// GitHub will not be told of the latest run any more.
    GiveUp { why: String },
}

/// Something that happened to a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    RunPlanned {
        opening: Opening,
        run: Planned,
    },
    /// From here on GitHub may be told, by this call and no other.
    CommentIntended {
        number: u64,
        view: Digest,
        call: String,
        at: Timestamp,
    },
    CommentShown {
        number: u64,
        view: Digest,
        comment: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<RunId>,
    },
    CommentFailed {
        number: u64,
        why: String,
        until: Timestamp,
        refused: bool,
        /// It may have been made all the same.
        unsure: bool,
    },
    /// Nothing more is said about this run.
    RunSaid {
        run: RunId,
        /// Why GitHub is not told, though there was something to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
}

/// What is owed to a reader of the pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Compare what there is to say with what the comment says.
    Compare,
    /// Write the comment: the update of this number.
    Update(u64),
}

/// Why a wish was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("this pull request has had no run")]
    NotOpened,
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
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
    const FOLD: Option<u32> = Some(1);
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        if let Command::Plan { opening, run } = command {
            return Ok(self.plan(opening, run));
        }
        if self.opening.is_none() {
            return Err(Rejection::NotOpened);
        }
        match command {
            Command::Plan { .. } => Ok(Vec::new()),
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
            Command::Say { run } => {
                let is_news = self.latest().is_some_and(|latest| latest.run == *run)
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
            } => {
                self.updates.must_be_intended(*number)?;
                Ok(vec![Event::CommentShown {
                    number: *number,
                    view: view.clone(),
                    comment: *comment,
                    ended: ended.clone(),
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
        }
    }

    fn advance(&self, _at: Timestamp) -> Vec<Event> {
        Vec::new()
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::RunPlanned { opening, run } => {
                self.opening = Some(opening.clone());
                self.runs.push(run.clone());
                if self.runs.len() > MAX_RUNS {
                    self.runs.remove(0);
                }
            }
            Event::CommentIntended {
                number, call, at, ..
            } => self.updates.intended(*number, call, *at),
            Event::CommentShown {
                view,
                comment,
                ended,
                ..
            } => {
                self.updates.made();
                self.shown = Some(view.clone());
                self.comment = Some(*comment);
                if ended.is_some() {
                    self.said.clone_from(ended);
                }
            }
            Event::CommentFailed {
                until,
                refused,
                unsure,
                ..
            } => self.updates.failed(*until, *refused, *unsure),
            Event::RunSaid { run, .. } => {
                self.updates.dropped();
                self.said = Some(run.clone());
            }
        }
        self
    }

    fn outstanding(&self, at: Timestamp) -> Vec<Effect> {
        match self.updates.stand(at) {
            Stand::UnderWay(number) => vec![Effect::Update(number)],
            Stand::Free if !self.is_said() => vec![Effect::Compare],
            Stand::Free | Stand::Paused => Vec::new(),
        }
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        if self.is_ended() {
            return None;
        }
        self.updates.wakes().filter(|wake| *wake > after).min()
    }

    fn is_ended(&self) -> bool {
        self.is_said() && self.updates.intent.is_none()
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
