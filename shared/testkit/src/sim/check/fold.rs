//! Purpose: the state of any stream, folded event by event as commits come in.

use domain::change::{self, Change};
use domain::checks::{self, Checks};
use domain::delivery::{self, Delivery};
use domain::kernel::{Machine, StreamId};
use domain::lane::{self, Lane};
use domain::pool::{self, Pool};
use domain::pull::{self, Pull};
use domain::repository::{self, Repository};
use domain::run::{self, Run};
use engine::codec::{CodecError, decode};
use engine::ports::StoredEvent;
use jiff::Timestamp;

fn kept<M: Machine>(machine: &M) -> Option<(u32, serde_json::Result<String>)> {
    M::FOLD.map(|version| (version, serde_json::to_string(machine)))
}

/// One of the machines.
#[derive(Default)]
pub enum Fold {
    Run(Box<Run>),
    Lane(Lane),
    Pool(Pool),
    Change(Change),
    Checks(Box<Checks>),
    Delivery(Box<Delivery>),
    Pull(Pull),
    Repository(Repository),
    #[default]
    Unknown,
}

/// An event of one of them.
pub enum Event {
    Run(Box<run::Event>),
    Lane(lane::Event),
    Pool(pool::Event),
    Change(change::Event),
    Checks(Box<checks::Event>),
    Delivery(delivery::Event),
    Pull(pull::Event),
    Repository(repository::Event),
    Unknown,
}

macro_rules! on_machine {
    ($fold:expr, $machine:ident => $body:expr, $otherwise:expr) => {
        match $fold {
            Fold::Run($machine) => $body,
            Fold::Lane($machine) => $body,
            Fold::Pool($machine) => $body,
            Fold::Change($machine) => $body,
            Fold::Checks($machine) => $body,
            Fold::Pull($machine) => $body,
            Fold::Delivery($machine) => $body,
            Fold::Repository($machine) => $body,
            Fold::Unknown => $otherwise,
        }
    };
}

impl Fold {
    /// The machine of this stream, before its first event.
    pub fn of(stream: &StreamId) -> Self {
        match stream.kind() {
            Run::KIND => Self::Run(Box::default()),
            Lane::KIND => Self::Lane(Lane::default()),
            Pool::KIND => Self::Pool(Pool::default()),
            Change::KIND => Self::Change(Change::default()),
            Checks::KIND => Self::Checks(Box::default()),
            Pull::KIND => Self::Pull(Pull::default()),
            Delivery::KIND => Self::Delivery(Box::default()),
            Repository::KIND => Self::Repository(Repository::default()),
            _ => Self::Unknown,
        }
    }

    /// Reads an event of this machine.
    pub fn decode(&self, stored: &StoredEvent) -> Result<Event, CodecError> {
        Ok(match self {
            Self::Run(_) => Event::Run(Box::new(decode(stored)?)),
            Self::Lane(_) => Event::Lane(decode(stored)?),
            Self::Pool(_) => Event::Pool(decode(stored)?),
            Self::Change(_) => Event::Change(decode(stored)?),
            Self::Checks(_) => Event::Checks(Box::new(decode(stored)?)),
            Self::Pull(_) => Event::Pull(decode(stored)?),
            Self::Delivery(_) => Event::Delivery(decode(stored)?),
            Self::Repository(_) => Event::Repository(decode(stored)?),
            Self::Unknown => Event::Unknown,
        })
    }

    /// It happened.
    pub fn evolve(&mut self, event: &Event) {
        match (&mut *self, event) {
            (Self::Run(run), Event::Run(event)) => **run = std::mem::take(&mut **run).evolve(event),
            (Self::Lane(lane), Event::Lane(event)) => *lane = std::mem::take(lane).evolve(event),
            (Self::Pool(pool), Event::Pool(event)) => *pool = std::mem::take(pool).evolve(event),
            (Self::Change(change), Event::Change(event)) => {
                *change = std::mem::take(change).evolve(event);
            }
            (Self::Checks(checks), Event::Checks(event)) => {
                **checks = std::mem::take(&mut **checks).evolve(event);
            }
            (Self::Delivery(delivery), Event::Delivery(event)) => {
                **delivery = std::mem::take(&mut **delivery).evolve(event);
            }
            (Self::Pull(pull), Event::Pull(event)) => {
                *pull = std::mem::take(pull).evolve(event);
            }
            (Self::Repository(repository), Event::Repository(event)) => {
                *repository = std::mem::take(repository).evolve(event);
            }
            _ => {}
        }
    }

    /// What lists should show.
    pub fn summary(&self) -> Result<serde_json::Value, serde_json::Error> {
        on_machine!(self, machine => serde_json::to_value(machine.summary()), Ok(serde_json::Value::Null))
    }

    /// The version of its fold and its state as text, for streams whose state is kept.
    pub fn long_lived(&self) -> Option<(u32, serde_json::Result<String>)> {
        match self {
            Self::Run(run) => kept(&**run),
            Self::Lane(lane) => kept(lane),
            Self::Pool(pool) => kept(pool),
            Self::Change(change) => kept(change),
            Self::Checks(checks) => kept(&**checks),
            Self::Pull(pull) => kept(pull),
            Self::Delivery(delivery) => kept(&**delivery),
            Self::Repository(repository) => kept(repository),
            Self::Unknown => None,
        }
    }

    /// Whether it has reached its end.
    pub fn is_ended(&self) -> bool {
        on_machine!(self, machine => machine.is_ended(), true)
    }

    /// Whether it owes anything, ever.
    pub fn owes(&self) -> bool {
        on_machine!(self, machine => !machine.outstanding(Timestamp::MAX).is_empty(), false)
    }
}
