//! Purpose: schedules with their places in time, and the ticks that are due.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Event, Repository};
use crate::pipeline::ScheduleSpec;
use crate::pipeline::calendar::next_tick;

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

impl Repository {
    pub(super) fn all_schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values().flat_map(BTreeMap::values)
    }

    pub(super) fn due_tick(&self, schedule: &Schedule, due: Timestamp, at: Timestamp) -> Event {
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

    pub(super) fn move_on(&mut self, tick: &Tick, next: Option<Timestamp>) {
        for schedule in self.schedules.values_mut().flat_map(BTreeMap::values_mut) {
            if schedule.spec.name == tick.name && schedule.spec.branch == tick.branch {
                schedule.next = next;
            }
        }
    }
}
