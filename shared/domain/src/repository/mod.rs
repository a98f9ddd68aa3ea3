//! Purpose: what is true of a repository as a whole: its schedules, one event per tick, fired or skipped with a reason; and
//! whether its deploys are frozen.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::guard::{Guard, holds};
use crate::ids::{PersonId, RepositoryId};
use crate::kernel::{Machine, StreamId};
use crate::pipeline::ScheduleSpec;
use crate::pipeline::calendar::next_tick;
pub use crate::wish::{MAX_REASON, Wish};
use crate::wish::{Wishes, is_reason};

/// A tick this late (the machine was down) is skipped, unless the schedule asks to catch up.
const LATE_SECONDS: i64 = 10 * 60;

/// A schedule with its place in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub spec: ScheduleSpec,
    /// The next tick; `None` = the pattern never comes again.
    pub next: Option<Timestamp>,
}

/// A tick that was fired and not yet handed in as a delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tick {
    pub name: String,
    pub branch: String,
    pub due: Timestamp,
}

/// Somebody has stopped all deploys, until somebody lets them go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// `None` = somebody at the machine's own command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when; whoever says it again changes who and why, not this.
    pub at: Timestamp,
}

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
}

impl Repository {
    /// Why no deploy may begin now.
    pub fn frozen(&self) -> Option<&Freeze> {
        self.freeze
            .as_ref()
            .filter(|_| !holds(Guard::FreezeStopsDeploys, false))
    }

    /// Whether it was followed.
    pub fn has_followed(&self, wish: &Wish) -> bool {
        self.wishes.has_followed(wish)
    }

    fn freeze(
        &self,
        repository: RepositoryId,
        freeze: Freeze,
        wish: &Wish,
    ) -> Result<Vec<Event>, Rejection> {
        let reason = freeze.reason.as_deref();
        if reason.is_some_and(|reason| !is_reason(reason)) {
            return Err(Rejection::Reason);
        }
        let frozen = Event::DeploysFrozen {
            repository,
            freeze,
            wish: wish.clone(),
        };
        Ok(self
            .wishes
            .is_news(wish)
            .then_some(frozen)
            .into_iter()
            .collect())
    }

    /// Also where nothing is frozen: a freeze that was said before may still be on its way.
    fn unfreeze(&self, at: Timestamp, by: Option<PersonId>, wish: &Wish) -> Vec<Event> {
        let unfrozen = Event::DeploysUnfrozen {
            by,
            at,
            wish: wish.clone(),
        };
        self.wishes
            .is_news(wish)
            .then_some(unfrozen)
            .into_iter()
            .collect()
    }

    fn all_schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values().flat_map(BTreeMap::values)
    }

    fn due_tick(&self, schedule: &Schedule, due: Timestamp, at: Timestamp) -> Event {
        let spec = &schedule.spec;
        let tick = Tick {
            name: spec.name.clone(),
            branch: spec.branch.clone(),
            due,
        };
        let next = next_tick(&spec.cron, &spec.time_zone, at);
        let late = at.duration_since(due);
        let late_seconds = late.as_secs();
        if late > SignedDuration::from_secs(LATE_SECONDS) && !spec.catch_up {
            let why = format!("the machine was not running; {late_seconds} s late");
            return Event::TickSkipped { tick, why, next };
        }
        Event::TickFired {
            tick,
            late_seconds,
            next,
        }
    }
}

impl Machine for Repository {
    const KIND: &'static str = "repository";
    const FOLD: Option<u32> = Some(2);
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
                self.wishes.remember(wish);
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
        }
    }

    fn neighbours(&self, _event: &Event) -> Vec<StreamId> {
        Vec::new()
    }
}

impl Repository {
    fn move_on(&mut self, tick: &Tick, next: Option<Timestamp>) {
        for schedule in self.schedules.values_mut().flat_map(BTreeMap::values_mut) {
            if schedule.spec.name == tick.name && schedule.spec.branch == tick.branch {
                schedule.next = next;
            }
        }
    }
}
