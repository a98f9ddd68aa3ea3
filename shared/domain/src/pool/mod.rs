//! Purpose: the pool, which is a bounded number of places for jobs, fair between repositories.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guard::{Guard, holds};
use crate::ids::{RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};
use crate::run::Attempt;

/// The pool that jobs take their places from.
pub const JOBS: &str = "jobs";
/// Attempts that may wait for one pool; more are taken in when places are free.
pub const MAX_WAITING: usize = 10_000;

/// What holds or wants a place: one attempt of one job of one run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ticket {
    pub repository: RepositoryId,
    pub run: RunId,
    pub attempt: Attempt,
}

/// The state of a pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    pub capacity: usize,
    pub holders: BTreeSet<Ticket>,
    /// In the order in which they asked.
    pub waiting: Vec<Ticket>,
    /// When each repository was last granted a place, as a running number: who waited longest goes first.
    last_grant: BTreeMap<RepositoryId, u64>,
    grants: u64,
}

/// A wish about a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `capacity` is the host's setting of this moment.
    Take {
        capacity: usize,
        tickets: Vec<Ticket>,
    },
    Return {
        tickets: Vec<Ticket>,
    },
}

/// Something that happened to a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Resized { capacity: usize },
    Queued { tickets: Vec<Ticket> },
    Granted { tickets: Vec<Ticket> },
    Returned { tickets: Vec<Ticket> },
}

/// What a pool wants from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read whether this run still needs the places it holds or waits for.
    CheckRun {
        repository: RepositoryId,
        run: RunId,
    },
}

/// Why a pool says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("{MAX_WAITING} jobs wait already")]
    Full,
}

/// What lists show of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub capacity: usize,
    pub running: usize,
    pub waiting: usize,
}

impl Pool {
    /// Those who wait, in the order in which they are served as long as no place is given back: of the repository with the
    /// fewest places held, then longest not served, then who asked first.
    pub fn line(&self) -> Vec<&Ticket> {
        let mut queues: BTreeMap<RepositoryId, VecDeque<(usize, &Ticket)>> = BTreeMap::new();
        for (asked, ticket) in self.waiting.iter().enumerate() {
            let queue = queues.entry(ticket.repository).or_default();
            queue.push_back((asked, ticket));
        }
        let mut held: BTreeMap<RepositoryId, usize> = BTreeMap::new();
        for ticket in &self.holders {
            *held.entry(ticket.repository).or_default() += 1;
        }
        let mut last_grant = self.last_grant.clone();
        let mut line = Vec::with_capacity(self.waiting.len());
        for grant in self.grants + 1.. {
            let key = |(repository, queue): (&RepositoryId, &VecDeque<(usize, &Ticket)>)| {
                let held = held.get(repository).copied().unwrap_or(0);
                let last = last_grant.get(repository).copied().unwrap_or(0);
                queue
                    .front()
                    .map(|first| (held, last, first.0, *repository))
            };
            let Some((.., repository)) = queues.iter().filter_map(key).min() else {
                break;
            };
            let next = queues.get_mut(&repository).and_then(VecDeque::pop_front);
            line.extend(next.map(|(_, ticket)| ticket));
            *held.entry(repository).or_default() += 1;
            last_grant.insert(repository, grant);
        }
        line
    }

    /// How many tickets are served before this one, plus one; `None` when it does not wait.
    pub fn position(&self, ticket: &Ticket) -> Option<usize> {
        let before = self.line().into_iter().position(|other| other == ticket);
        before.map(|before| before + 1)
    }

    fn knows(&self, ticket: &Ticket) -> bool {
        self.holders.contains(ticket) || self.waiting.contains(ticket)
    }
}

impl Machine for Pool {
    const KIND: &'static str = "pool";
    const FOLD: Option<u32> = Some(1);
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, _at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Take { capacity, tickets } => {
                let mut events = Vec::new();
                if *capacity != self.capacity {
                    events.push(Event::Resized {
                        capacity: *capacity,
                    });
                }
                let new: Vec<Ticket> = tickets
                    .iter()
                    .filter(|ticket| !self.knows(ticket))
                    .cloned()
                    .collect();
                if self.waiting.len() + new.len() > MAX_WAITING {
                    return Err(Rejection::Full);
                }
                if !new.is_empty() {
                    events.push(Event::Queued { tickets: new });
                }
                Ok(events)
            }
            Command::Return { tickets } => {
                let known: Vec<Ticket> = tickets
                    .iter()
                    .filter(|ticket| self.knows(ticket))
                    .cloned()
                    .collect();
                Ok(if known.is_empty() {
                    Vec::new()
                } else {
                    vec![Event::Returned { tickets: known }]
                })
            }
        }
    }

    fn advance(&self, _at: Timestamp) -> Vec<Event> {
        let mut granted: Vec<Ticket> = Vec::new();
        for next in self.line() {
            let taken = self.holders.len() + granted.len();
            if !holds(Guard::PoolIsBounded, taken < self.capacity) {
                break;
            }
            granted.push(next.clone());
        }
        if granted.is_empty() {
            Vec::new()
        } else {
            vec![Event::Granted { tickets: granted }]
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Resized { capacity } => self.capacity = *capacity,
            Event::Queued { tickets } => self.waiting.extend(tickets.iter().cloned()),
            Event::Granted { tickets } => {
                for ticket in tickets {
                    self.grants += 1;
                    self.last_grant.insert(ticket.repository, self.grants);
                    self.waiting.retain(|waiting| waiting != ticket);
                    self.holders.insert(ticket.clone());
                }
            }
            Event::Returned { tickets } => {
                self.holders.retain(|ticket| !tickets.contains(ticket));
                self.waiting.retain(|ticket| !tickets.contains(ticket));
            }
        }
        self
    }

    /// Holders first: a look is bounded, and it is a place held for nothing that stops everybody. Then those who are
    /// next in line, since a run gives its own tickets back.
    fn outstanding(&self, _at: Timestamp) -> Vec<Effect> {
        let mut seen = BTreeSet::new();
        self.holders
            .iter()
            .chain(&self.waiting)
            .map(|ticket| (ticket.repository, ticket.run.clone()))
            .filter(|run| seen.insert(run.clone()))
            .map(|(repository, run)| Effect::CheckRun { repository, run })
            .collect()
    }

    fn wake_at(&self, _after: Timestamp) -> Option<Timestamp> {
        None
    }

    fn is_ended(&self) -> bool {
        self.holders.is_empty() && self.waiting.is_empty()
    }

    fn summary(&self) -> Summary {
        Summary {
            capacity: self.capacity,
            running: self.holders.len(),
            waiting: self.waiting.len(),
        }
    }

    fn neighbours(&self, event: &Event) -> Vec<StreamId> {
        let Event::Granted { tickets } = event else {
            return Vec::new();
        };
        let runs: BTreeSet<_> = tickets
            .iter()
            .map(|t| StreamId::run(t.repository, &t.run))
            .collect();
        runs.into_iter().collect()
    }
}
