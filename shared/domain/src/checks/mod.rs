//! Purpose: what GitHub shows of one run: every update is intended before it is made, by one call at a time, and made again
//! until GitHub has shown the run's end.
//!
//! The run itself says what is to be shown; this machine only says when, by whom, and what GitHub has already. So a GitHub
//! that does not answer delays nothing of the run.

mod deployments;
mod event;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use deployments::{DEPLOYMENTS_SECONDS, Deployments, Told};
pub use event::{Event, Opening, Shown};
pub use view::{
    Action, Annotation, Check, Conclusion, Deployment, DeploymentState, Level, Status, View,
};

use crate::ids::{Digest, RepositoryId, RunId};
use crate::kernel::{Machine, StreamId, later};
use crate::update::{BEGIN_SECONDS, Failure, Overtaken, Stand, UPDATE_SECONDS, Updates};

/// Seconds between two updates of a run that has not ended.
pub const PROGRESS_SECONDS: u32 = 15;
/// Seconds after which a run is not shown any more, whatever GitHub has: longer than a run lives.
pub const LIFETIME_SECONDS: u32 = 35 * 24 * 3600;

/// The state of what GitHub shows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    pub opening: Option<Opening>,
    pub opened_at: Option<Timestamp>,
    /// How telling GitHub stands.
    pub updates: Updates,
    /// The check runs that GitHub has, by [`Check::external_id`].
    pub shown: BTreeMap<String, Shown>,
    /// Of the view that was shown last.
    pub view: Option<Digest>,
    pub shown_at: Option<Timestamp>,
    #[serde(default)]
    pub deployments: Deployments,
    pub end: Option<End>,
    /// How many words about the pull request it has heard of.
    #[serde(default)]
    pub words: u64,
}

/// Why there is nothing more to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// GitHub shows how the run ended.
    Final,
    GivenUp {
        why: String,
    },
}

/// A wish about what GitHub shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Open(Opening),
    /// A call says that it will update GitHub.
    Intend {
        view: Digest,
        call: String,
    },
    /// GitHub has the check runs.
    Shown {
        number: u64,
        view: Digest,
        checks: BTreeMap<String, Shown>,
        /// Whether the run had ended, and nothing else has to be told.
        last: bool,
        /// What became of the deployments; `None` = nothing was said of them.
        deployments: Option<Told>,
        /// As the words about the pull request stood.
        words: u64,
    },
    NotShown {
        number: u64,
        why: String,
        failure: Failure,
    },
    /// GitHub will not be told any more.
    GiveUp {
        why: String,
    },
    /// Somebody has said something about the pull request: look again, also where all was shown.
    Reopen {
        /// How many words there are now.
        words: u64,
    },
}

/// What is owed to a reader on GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Compare what the run shows with what GitHub has.
    Compare,
    /// Make the update of this number.
    Update(u64),
}

/// Why a wish was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("nothing of this run is shown")]
    NotOpened,
    #[error("GitHub is not told any more")]
    Ended,
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
}

/// What lists show of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub repository: Option<RepositoryId>,
    pub run: Option<RunId>,
    pub updates: u64,
    /// Why GitHub is not told any more, though the run's end was not shown.
    pub given_up: Option<String>,
    /// Why GitHub shows the run's check runs and not its deployments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployments_given_up: Option<String>,
}

impl Checks {
    /// Whether GitHub should be told now: the first view and the last at once, what is between now and then.
    pub fn is_due(&self, at: Timestamp, last: bool) -> bool {
        let next = self.shown_at.map(|shown| later(shown, PROGRESS_SECONDS));
        last || next.is_none_or(|next| next <= at)
    }

    /// The check runs that GitHub has, as it was told last; `None` = an update may have changed some of them without our
    /// knowing, so all are told once more, also those that are to be again what they were.
    pub fn certainly_shown(&self) -> Option<&BTreeMap<String, Shown>> {
        (!self.updates.unsure).then_some(&self.shown)
    }

    /// Whether the call that has made the update of the check runs may go on with the deployments: they are over by when
    /// those would have been at the latest.
    pub fn is_gone_on_with(&self, number: u64, call: &str, at: Timestamp) -> bool {
        let begin = BEGIN_SECONDS + UPDATE_SECONDS - DEPLOYMENTS_SECONDS;
        self.updates.is_made_within(begin, number, call, at)
    }

    fn intend(&self, at: Timestamp, view: &Digest, call: &str) -> Vec<Event> {
        if !self.updates.may_intend(at) {
            return Vec::new();
        }
        vec![Event::UpdateIntended {
            number: self.updates.number + 1,
            view: view.clone(),
            call: call.to_owned(),
            at,
        }]
    }

    fn fail(&self, at: Timestamp, number: u64, why: &str, failure: Failure) -> Vec<Event> {
        let setback = self.updates.setback(at, failure);
        let mut events = vec![Event::UpdateFailed {
            number,
            why: why.to_owned(),
            until: setback.until,
            refused: setback.refused,
            unsure: setback.unsure,
        }];
        if setback.given_up {
            events.push(Event::ChecksGivenUp {
                why: why.to_owned(),
            });
        }
        events
    }
}

impl Machine for Checks {
    const KIND: &'static str = "checks";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match (command, &self.opening) {
            (Command::Open(_), Some(_)) => return Ok(Vec::new()),
            (Command::Open(opening), None) => {
                let opening = opening.clone();
                return Ok(vec![Event::ChecksOpened { opening, at }]);
            }
            (_, None) => return Err(Rejection::NotOpened),
            (Command::Reopen { words }, Some(_)) => {
                let words = *words;
                let reopened = Event::ChecksReopened { words, at };
                let is_news = words > self.words;
                return Ok(is_news.then_some(reopened).into_iter().collect());
            }
            (_, Some(_)) if self.end.is_some() => return Err(Rejection::Ended),
            (_, Some(_)) => {}
        }
        match command {
            Command::Open(_) | Command::Reopen { .. } => Ok(Vec::new()),
            Command::GiveUp { why } => Ok(vec![Event::ChecksGivenUp { why: why.clone() }]),
            Command::Intend { view, call } => Ok(self.intend(at, view, call)),
            Command::Shown {
                number,
                view,
                checks,
                last,
                deployments,
                words,
            } => {
                self.updates.must_be_intended(*number)?;
                let told = deployments.as_ref().map(|told| self.told(at, told));
                let mut events = told.unwrap_or_default();
                events.push(Event::UpdateShown {
                    number: *number,
                    view: view.clone(),
                    checks: checks.clone(),
                    // It was looked at before somebody said something.
                    last: *last && *words >= self.words,
                    at,
                });
                Ok(events)
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

    fn advance(&self, at: Timestamp) -> Vec<Event> {
        let over = self
            .opened_at
            .is_some_and(|opened| at >= later(opened, LIFETIME_SECONDS));
        if self.is_ended() || !over {
            return Vec::new();
        }
        let why = "GitHub could not be told how the run ended in all this time".to_owned();
        vec![Event::ChecksGivenUp { why }]
    }

    fn evolve(self, event: &Event) -> Self {
        self.apply(event)
    }

    fn outstanding(&self, at: Timestamp) -> Vec<Effect> {
        if self.opening.is_none() || self.end.is_some() {
            return Vec::new();
        }
        match self.updates.stand(at) {
            Stand::UnderWay(number) => vec![Effect::Update(number)],
            Stand::Paused => Vec::new(),
            Stand::Free => vec![Effect::Compare],
        }
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        if self.end.is_some() {
            return None;
        }
        let own = [
            self.deployments.paused_until,
            self.shown_at.map(|shown| later(shown, PROGRESS_SECONDS)),
            self.opened_at.map(|opened| later(opened, LIFETIME_SECONDS)),
        ];
        let wakes = self.updates.wakes().chain(own.into_iter().flatten());
        wakes.filter(|wake| *wake > after).min()
    }

    fn is_ended(&self) -> bool {
        self.opening.is_none() || self.end.is_some()
    }

    fn summary(&self) -> Summary {
        let opening = self.opening.as_ref();
        Summary {
            repository: opening.map(|opening| opening.repository),
            run: opening.map(|opening| opening.run.clone()),
            updates: self.updates.number,
            given_up: match &self.end {
                Some(End::GivenUp { why }) => Some(why.clone()),
                Some(End::Final) | None => None,
            },
            deployments_given_up: self.deployments.given_up.clone(),
        }
    }

    fn neighbours(&self, _event: &Event) -> Vec<StreamId> {
        Vec::new()
    }
}
