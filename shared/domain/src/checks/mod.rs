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

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use deployments::{DEPLOYMENTS_SECONDS, Deployments, Told};
pub use event::{Event, Opening, Shown};
pub use view::{Annotation, Check, Conclusion, Deployment, DeploymentState, Level, Status, View};

use crate::guard::{Guard, holds};
use crate::ids::{Digest, RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};

/// Seconds between two updates of a run that has not ended.
pub const PROGRESS_SECONDS: u32 = 15;
/// Seconds after which the call that intended an update counts as dead: it has begun by then, and is over.
pub const INTENT_SECONDS: u32 = 3 * 60;
/// Seconds after which the call that intended an update does not begin with it any more.
const BEGIN_SECONDS: u32 = 60;
/// Seconds that GitHub may be spoken to about the check runs of one update, so that it is over when another call takes over.
pub const UPDATE_SECONDS: u32 = 60;
/// Seconds until an update that failed is tried again; each further time waits twice as long.
const FIRST_PAUSE_SECONDS: u32 = 5;
/// The same where GitHub refused: a person has to do something first.
const FIRST_REFUSED_PAUSE_SECONDS: u32 = 60;
/// Seconds between two tries at most.
const LAST_PAUSE_SECONDS: u32 = 15 * 60;
/// Refusals in a row after which nobody asks again.
pub const MAX_REFUSALS: u32 = 5;
/// Seconds after which a run is not shown any more, whatever GitHub has: longer than a run lives.
pub const LIFETIME_SECONDS: u32 = 35 * 24 * 3600;

/// The state of what GitHub shows of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    pub opening: Option<Opening>,
    pub opened_at: Option<Timestamp>,
    /// Number of the latest update, 0 before the first.
    pub number: u64,
    pub intent: Option<Intent>,
    /// An update may have been made without our knowing.
    pub unsure: bool,
    /// The check runs that GitHub has, by [`Check::external_id`].
    pub shown: BTreeMap<String, Shown>,
    /// Of the view that was shown last.
    pub view: Option<Digest>,
    pub shown_at: Option<Timestamp>,
    /// Tries that failed since the last good one, those that GitHub refused among them.
    pub failures: u32,
    pub refusals: u32,
    /// Nothing is tried before then.
    pub paused_until: Option<Timestamp>,
    #[serde(default)]
    pub deployments: Deployments,
    pub end: Option<End>,
}

/// An update that was intended and whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub number: u64,
    /// The one call that makes it.
    pub call: String,
    pub at: Timestamp,
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
    },
    NotShown {
        number: u64,
        why: String,
        failure: Failure,
    },
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
    #[error("update {0} is not the one that is being made")]
    Overtaken(u64),
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

    /// Whether this call, and no other, makes the update now. Soon after it was intended, so that nothing of it reaches
    /// GitHub after another call has taken over.
    pub fn is_made_by(&self, number: u64, call: &str, at: Timestamp) -> bool {
        self.is_made_within(BEGIN_SECONDS, number, call, at)
    }

    /// Whether the call that has made the update of the check runs may go on with the deployments: they are over by when
    /// those would have been at the latest.
    pub fn is_gone_on_with(&self, number: u64, call: &str, at: Timestamp) -> bool {
        let begin = BEGIN_SECONDS + UPDATE_SECONDS - DEPLOYMENTS_SECONDS;
        self.is_made_within(begin, number, call, at)
    }

    fn is_made_within(&self, seconds: u32, number: u64, call: &str, at: Timestamp) -> bool {
        let intent = self.intent.as_ref();
        intent.is_some_and(|intent| {
            intent.number == number
                && at < later(intent.at, seconds)
                && holds(Guard::UpdateHasOneCaller, intent.call == call)
        })
    }

    /// Whether a check run that is not known cannot be on GitHub either. Otherwise it has to be looked for before it is
    /// created, or there would be two.
    pub fn may_create(&self) -> bool {
        holds(Guard::LookBeforeCreate, !self.unsure)
    }

    fn is_under_way(&self, at: Timestamp) -> bool {
        self.intent
            .as_ref()
            .is_some_and(|intent| at < later(intent.at, INTENT_SECONDS))
    }

    fn is_paused(&self, at: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| at < until)
    }

    fn intend(&self, at: Timestamp, view: &Digest, call: &str) -> Vec<Event> {
        if self.is_under_way(at) || self.is_paused(at) {
            return Vec::new();
        }
        vec![Event::UpdateIntended {
            number: self.number + 1,
            view: view.clone(),
            call: call.to_owned(),
            at,
        }]
    }

    fn fail(&self, at: Timestamp, number: u64, why: &str, failure: Failure) -> Vec<Event> {
        let refused = failure == Failure::Refused;
        let (first, times) = match refused {
            true => (FIRST_REFUSED_PAUSE_SECONDS, self.refusals),
            false => (FIRST_PAUSE_SECONDS, self.failures),
        };
        let until = match failure {
            Failure::Limited { until } => until.max(later(at, FIRST_PAUSE_SECONDS)),
            Failure::Unknown | Failure::Refused => later(at, pause(first, times)),
        };
        let mut events = vec![Event::UpdateFailed {
            number,
            why: why.to_owned(),
            until,
            refused,
            // Of what was refused, a part may have been made.
            unsure: !matches!(failure, Failure::Limited { .. }),
        }];
        if refused && self.refusals + 1 >= MAX_REFUSALS {
            events.push(Event::ChecksGivenUp {
                why: why.to_owned(),
            });
        }
        events
    }

    fn must_be_intended(&self, number: u64) -> Result<(), Rejection> {
        if self.intent.as_ref().map(|intent| intent.number) == Some(number) {
            return Ok(());
        }
        Err(Rejection::Overtaken(number))
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
            (_, Some(_)) if self.end.is_some() => return Err(Rejection::Ended),
            (_, Some(_)) => {}
        }
        match command {
            Command::Open(_) => Ok(Vec::new()),
            Command::Intend { view, call } => Ok(self.intend(at, view, call)),
            Command::Shown {
                number,
                view,
                checks,
                last,
                deployments,
            } => {
                self.must_be_intended(*number)?;
                let told = deployments.as_ref().map(|told| self.told(at, told));
                let mut events = told.unwrap_or_default();
                events.push(Event::UpdateShown {
                    number: *number,
                    view: view.clone(),
                    checks: checks.clone(),
                    last: *last,
                    at,
                });
                Ok(events)
            }
            Command::NotShown {
                number,
                why,
                failure,
            } => {
                self.must_be_intended(*number)?;
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
        match &self.intent {
            Some(intent) if self.is_under_way(at) => vec![Effect::Update(intent.number)],
            _ if self.is_paused(at) => Vec::new(),
            _ => vec![Effect::Compare],
        }
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        if self.end.is_some() {
            return None;
        }
        let wakes = [
            self.intent
                .as_ref()
                .map(|intent| later(intent.at, INTENT_SECONDS)),
            self.paused_until,
            self.deployments.paused_until,
            self.shown_at.map(|shown| later(shown, PROGRESS_SECONDS)),
            self.opened_at.map(|opened| later(opened, LIFETIME_SECONDS)),
        ];
        wakes
            .into_iter()
            .flatten()
            .filter(|wake| *wake > after)
            .min()
    }

    fn is_ended(&self) -> bool {
        self.opening.is_none() || self.end.is_some()
    }

    fn summary(&self) -> Summary {
        let opening = self.opening.as_ref();
        Summary {
            repository: opening.map(|opening| opening.repository),
            run: opening.map(|opening| opening.run.clone()),
            updates: self.number,
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

/// Each failure doubles it.
fn pause(first: u32, failures: u32) -> u32 {
    first
        .saturating_mul(1 << failures.min(10))
        .min(LAST_PAUSE_SECONDS)
}

fn later(from: Timestamp, seconds: u32) -> Timestamp {
    from.checked_add(SignedDuration::from_secs(i64::from(seconds)))
        .unwrap_or(Timestamp::MAX)
}
