//! Purpose: what is true of a repository as a whole: its schedules, one event per tick, fired or skipped with a reason; and
//! whether its deploys are frozen; what it is called now, and whether anything of it may run.

mod freeze;
mod schedule;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use freeze::{Freeze, MAX_HELD};
pub use schedule::{Schedule, Tick};
pub use standing::{Standing, Transfer};

use crate::ids::{PersonId, RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};
use crate::pipeline::ScheduleSpec;
use crate::pipeline::calendar::next_tick;
use crate::wish::Wishes;
pub use crate::wish::{MAX_REASON, Wish};

/// The state of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    pub id: Option<RepositoryId>,
    /// By the branch whose pipeline file declares them, then by name.
    pub schedules: BTreeMap<String, BTreeMap<String, Schedule>>,
    pub fired: Vec<Tick>,
    /// `None` = deploys may begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Freeze>,
    /// The latest wishes that froze or unfroze, in the order in which they were said.
    #[serde(default, skip_serializing_if = "Wishes::is_empty")]
    pub wishes: Wishes,
    /// Runs that are rung when deploys may begin again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<RunId>,
    #[serde(default, skip_serializing_if = "Standing::is_usual")]
    pub standing: Standing,
}

/// A wish about a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// These are the schedules that the pipeline file of this branch has now.
    SetSchedules {
        repository: RepositoryId,
        branch: String,
        schedules: Vec<ScheduleSpec>,
    },
    TickDelivered(Tick),
    /// No deploy may begin from now on; what has begun goes on to its end.
    Freeze {
        repository: RepositoryId,
        by: Option<PersonId>,
        reason: Option<String>,
        wish: Wish,
    },
    /// Deploys may begin again.
    Unfreeze {
        by: Option<PersonId>,
        wish: Wish,
    },
    /// A run would begin a deploy, and is rung when it may.
    Hold {
        repository: RepositoryId,
        run: RunId,
    },
    /// GitHub was asked: what it calls the repository now; `None` = the App is not installed on it.
    Hosted {
        repository: RepositoryId,
        name: Option<String>,
    },
    /// It belongs to somebody else since.
    Transfer {
        repository: RepositoryId,
        /// The delivery that told of it.
        notice: String,
        to: String,
    },
    /// Somebody of the machine trusts whoever it belongs to now.
    Admit {
        by: Option<PersonId>,
    },
}

/// Something that happened to a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    SchedulesSet {
        repository: RepositoryId,
        branch: String,
        schedules: Vec<ScheduleSpec>,
        at: Timestamp,
    },
    TickFired {
        tick: Tick,
        late_seconds: i64,
        next: Option<Timestamp>,
    },
    TickSkipped {
        tick: Tick,
        why: String,
        next: Option<Timestamp>,
    },
    TickDelivered {
        tick: Tick,
    },
    DeploysFrozen {
        repository: RepositoryId,
        freeze: Freeze,
        wish: Wish,
    },
    DeploysUnfrozen {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        at: Timestamp,
        wish: Wish,
        /// Runs that waited for it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        held: Vec<RunId>,
    },
    /// A run waits until deploys are unfrozen.
    DeployHeld {
        repository: RepositoryId,
        run: RunId,
    },
    RepositoryRenamed {
        repository: RepositoryId,
        name: String,
    },
    /// From here on nothing of it runs until somebody trusts it again.
    RepositoryTransferred {
        repository: RepositoryId,
        /// The delivery that told of it.
        notice: String,
        to: String,
        at: Timestamp,
    },
    RepositoryAdmitted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        at: Timestamp,
    },
    /// From here on GitHub tells the App nothing of it.
    AppRemoved {
        repository: RepositoryId,
        at: Timestamp,
    },
    AppInstalled {
        at: Timestamp,
    },
}

/// What a repository wants from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Hand the tick in as a delivery.
    DeliverTick(Tick),
}

/// Why a repository says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("a reason has 1 to {MAX_REASON} characters")]
    Reason,
}

/// What lists show of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub schedules: Vec<(String, Option<Timestamp>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Freeze>,
    /// What GitHub calls it, if it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why nothing of it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<String>,
}

impl Machine for Repository {
    const KIND: &'static str = "repository";
    const FOLD: Option<u32> = Some(3);
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::SetSchedules {
                repository,
                branch,
                schedules,
            } => {
                let known = self.schedules.get(branch).into_iter().flatten();
                let known: Vec<&ScheduleSpec> = known.map(|(_, schedule)| &schedule.spec).collect();
                let mut wanted: Vec<&ScheduleSpec> = schedules.iter().collect();
                wanted.sort_by(|a, b| a.name.cmp(&b.name));
                if known == wanted {
                    return Ok(Vec::new());
                }
                Ok(vec![Event::SchedulesSet {
                    repository: *repository,
                    branch: branch.clone(),
                    schedules: schedules.clone(),
                    at,
                }])
            }
            Command::TickDelivered(tick) => Ok(if self.fired.contains(tick) {
                vec![Event::TickDelivered { tick: tick.clone() }]
            } else {
                Vec::new()
            }),
            Command::Freeze {
                repository,
                by,
                reason,
                wish,
            } => {
                let (by, reason) = (*by, reason.clone());
                let at = self.freeze.as_ref().map_or(at, |before| before.at);
                self.freeze(*repository, Freeze { by, reason, at }, wish)
            }
            Command::Unfreeze { by, wish } => Ok(self.unfreeze(at, *by, wish)),
            Command::Hold { repository, run } => Ok(self.hold(*repository, run)),
            Command::Hosted { repository, name } => {
                Ok(self.standing.hosted(at, *repository, name.as_deref()))
            }
            Command::Transfer {
                repository,
                notice,
                to,
            } => Ok(self.standing.transfer(at, *repository, notice, to)),
            Command::Admit { by } => Ok(self.standing.admit(at, *by)),
        }
    }

    fn advance(&self, at: Timestamp) -> Vec<Event> {
        let due = self.all_schedules().filter_map(|schedule| {
            let due = schedule.next.filter(|next| *next <= at)?;
            Some(self.due_tick(schedule, due, at))
        });
        due.collect()
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::SchedulesSet {
                repository,
                branch,
                schedules,
                at,
            } => {
                self.id = Some(*repository);
                let before = self.schedules.remove(branch).unwrap_or_default();
                let placed = schedules.iter().map(|spec| {
                    let kept = before.get(&spec.name).filter(|old| old.spec == *spec);
                    let next = match kept {
                        Some(schedule) => schedule.next,
                        None => next_tick(&spec.cron, &spec.time_zone, *at),
                    };
                    let spec = spec.clone();
                    (spec.name.clone(), Schedule { spec, next })
                });
                let placed: BTreeMap<String, Schedule> = placed.collect();
                if !placed.is_empty() {
                    self.schedules.insert(branch.clone(), placed);
                }
            }
            Event::TickFired { tick, next, .. } => {
                self.fired.push(tick.clone());
                self.move_on(tick, *next);
            }
            Event::TickSkipped { tick, next, .. } => self.move_on(tick, *next),
            Event::TickDelivered { tick } => self.fired.retain(|fired| fired != tick),
            Event::DeploysFrozen {
                repository,
                freeze,
                wish,
            } => {
                self.id = Some(*repository);
                self.freeze = Some(freeze.clone());
                self.wishes.remember(wish);
            }
            Event::DeploysUnfrozen { wish, .. } => {
                self.freeze = None;
                self.held.clear();
                self.wishes.remember(wish);
            }
            Event::DeployHeld { repository, run } => {
                self.id = Some(*repository);
                self.held.push(run.clone());
            }
            Event::RepositoryRenamed { repository, .. }
            | Event::RepositoryTransferred { repository, .. }
            | Event::AppRemoved { repository, .. } => {
                self.id = Some(*repository);
                self.standing.evolve(event);
            }
            Event::RepositoryAdmitted { .. } | Event::AppInstalled { .. } => {
                self.standing.evolve(event);
            }
        }
        self
    }

    fn outstanding(&self, _at: Timestamp) -> Vec<Effect> {
        self.fired
            .iter()
            .cloned()
            .map(Effect::DeliverTick)
            .collect()
    }

    fn wake_at(&self, after: Timestamp) -> Option<Timestamp> {
        let ticks = self.all_schedules().filter_map(|s| s.next);
        ticks.filter(|next| *next > after).min()
    }

    fn is_ended(&self) -> bool {
        self.fired.is_empty() && self.all_schedules().all(|s| s.next.is_none())
    }

    fn summary(&self) -> Summary {
        Summary {
            schedules: self
                .all_schedules()
                .map(|s| (s.spec.name.clone(), s.next))
                .collect(),
            freeze: self.freeze.clone(),
            name: self.standing.name.clone(),
            barred: self.standing.barred(),
        }
    }

    fn neighbours(&self, event: &Event) -> Vec<StreamId> {
        let (Event::DeploysUnfrozen { held, .. }, Some(repository)) = (event, self.id) else {
            return Vec::new();
        };
        let runs = held.iter().map(|run| StreamId::run(repository, run));
        runs.collect()
    }
}
