//! Purpose: one call of one function, and the only way in which it changes a stream: load, decide, append.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::ids::Digest;
use domain::kernel::{Machine, StreamId};
use jiff::{SignedDuration, Timestamp};

use crate::chain;
use crate::codec;
use crate::fault::Fault;
use crate::load::{Loaded, load};
use crate::owner::{Owned, looks_at};
use crate::ports::{
    Appended, Clock, Doorbell, Doorbells, Function, HeadUpdate, Journal, Position, Record,
};
use crate::snapshot;

/// Times that a command is decided anew after somebody else was faster.
pub const MAX_CONFLICTS: usize = 20;
/// Times that one record is offered to a journal that does not answer.
pub const MAX_APPENDS: usize = 3;
/// Seconds after which an owed effect is looked at again, though nothing rang.
pub const LOOK_AGAIN_SECONDS: i64 = 30;

/// One call of one function.
pub struct Invocation<'a> {
    pub journal: &'a dyn Journal,
    pub clock: &'a dyn Clock,
    pub doorbells: &'a dyn Doorbells,
    /// Who acts: `function:builder`, `person:7`.
    pub actor: String,
    /// Unique to this call: commit ids are made of it, so that a lost reply is told from a conflict.
    pub id: String,
    commits: AtomicU64,
}

/// A command that was carried out.
#[derive(Clone, Debug)]
pub struct Done<M> {
    /// The stream after it.
    pub state: M,
    /// Whether anything changed; a redelivery changes nothing.
    pub changed: bool,
}

/// A command that was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refused<R: std::error::Error> {
    /// A rule said no.
    #[error("{0}")]
    Rejected(R),
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl<R: std::error::Error> Refused<R> {
    /// The fault that a host sees: a rule that said no to a function is one.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Rejected(rejection) => Fault::Rejected(rejection.to_string()),
            Self::Fault(fault) => fault,
        }
    }
}

impl<'a> Invocation<'a> {
    /// A call with this identity; `id` must never be used for another.
    pub fn new(
        journal: &'a dyn Journal,
        clock: &'a dyn Clock,
        doorbells: &'a dyn Doorbells,
        actor: impl Into<String>,
        id: impl Into<String>,
    ) -> Self {
        let (actor, id) = (actor.into(), id.into());
        Self {
            journal,
            clock,
            doorbells,
            actor,
            id,
            commits: AtomicU64::new(0),
        }
    }

    /// Decides a command on a stream, appends what follows and rings whoever has to act.
    pub async fn submit<M>(
        &self,
        stream: &StreamId,
        command: &M::Command,
    ) -> Result<Done<M>, Refused<M::Rejection>>
    where
        M: Machine,
        M::Effect: Owned,
    {
        let loaded = load::<M>(self.journal, stream).await?;
        let (loaded, changed) = self.decide(stream, loaded, command).await?;
        if changed {
            self.ring_owners(stream, &loaded.state, None).await;
        }
        Ok(Done {
            state: loaded.state,
            changed,
        })
    }

    /// Decides a command on a loaded stream and appends what follows; loads again when somebody was faster.
    pub(crate) async fn decide<M>(
        &self,
        stream: &StreamId,
        mut loaded: Loaded<M>,
        command: &M::Command,
    ) -> Result<(Loaded<M>, bool), Refused<M::Rejection>>
    where
        M: Machine,
        M::Effect: Owned,
    {
        for _ in 0..MAX_CONFLICTS {
            let at = self.clock.now();
            let events = loaded
                .state
                .decide(at, command)
                .map_err(Refused::Rejected)?;
            if events.is_empty() {
                return Ok((loaded, false));
            }
            match self.append(stream, loaded, events, at).await? {
                Ok(after) => return Ok((after, true)),
                Err(stale) => loaded = self.reload(stream, stale).await?,
            }
        }
        Err(Refused::Fault(too_busy(stream)))
    }

    /// Appends what has become true by itself.
    pub(crate) async fn advance<M>(
        &self,
        stream: &StreamId,
        mut loaded: Loaded<M>,
    ) -> Result<(Loaded<M>, bool), Fault>
    where
        M: Machine,
        M::Effect: Owned,
    {
        for _ in 0..MAX_CONFLICTS {
            let at = self.clock.now();
            let events = loaded.state.advance(at);
            if events.is_empty() {
                return Ok((loaded, false));
            }
            match self.append(stream, loaded, events, at).await? {
                Ok(after) => return Ok((after, true)),
                Err(stale) => loaded = self.reload(stream, stale).await?,
            }
        }
        Err(too_busy(stream))
    }

    async fn reload<M: Machine>(
        &self,
        stream: &StreamId,
        _stale: Position,
    ) -> Result<Loaded<M>, Fault> {
        load::<M>(self.journal, stream).await
    }

    /// One commit: the events and all that follows from them by itself. `Err` gives the position that was stale.
    async fn append<M>(
        &self,
        stream: &StreamId,
        loaded: Loaded<M>,
        mut events: Vec<M::Event>,
        at: Timestamp,
    ) -> Result<Result<Loaded<M>, Position>, Fault>
    where
        M: Machine,
        M::Effect: Owned,
    {
        let mut state = events.iter().fold(loaded.state, M::evolve);
        let follow = state.advance(at);
        state = follow.iter().fold(state, M::evolve);
        events.extend(follow);
        let record = self.record(stream, &loaded.position, &events, at)?;
        let head = HeadUpdate {
            due: due_after(&state, at),
            ended: state.is_ended(),
            summary: serde_json::to_value(state.summary())
                .map_err(|error| Fault::Malformed(format!("summary of {stream}: {error}")))?,
            snapshot: snapshot::of_commit(record.number, &state)?,
        };
        match self.offer(stream, &loaded.position, &record, &head).await? {
            Appended::Conflict => Ok(Err(loaded.position)),
            Appended::Done => {
                tracing::Span::current().record("commit", record.number);
                self.ring_neighbours(&state, &events).await;
                let position = Position::after(std::slice::from_ref(&record));
                Ok(Ok(Loaded { state, position }))
            }
        }
    }

    /// Offers the same record until the journal answers: a lost reply must not become a second commit.
    async fn offer(
        &self,
        stream: &StreamId,
        position: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        let mut answer = self.journal.append(stream, position, record, head).await;
        for _ in 1..MAX_APPENDS {
            match &answer {
                Err(fault) if fault.is_transient() => {}
                _ => break,
            }
            answer = self.journal.append(stream, position, record, head).await;
        }
        answer
    }

    fn record<E: serde::Serialize>(
        &self,
        stream: &StreamId,
        position: &Position,
        events: &[E],
        at: Timestamp,
    ) -> Result<Record, Fault> {
        let commit = self.commits.fetch_add(1, Ordering::Relaxed);
        let id = Digest::of(format!("{}\n{commit}\n{stream}", self.id).as_bytes());
        let encoded: Result<Vec<_>, _> = events.iter().map(codec::encode).collect();
        let mut record = Record {
            number: position.number() + 1,
            id: id.as_str().chars().take(32).collect(),
            previous: position.hash().clone(),
            hash: Digest::new(""),
            at_ms: at.as_millisecond(),
            actor: self.actor.clone(),
            cause: self.id.clone(),
            events: encoded
                .map_err(|error| Fault::Malformed(format!("an event of {stream}: {error}")))?,
        };
        record.hash = chain::hash(stream, &record);
        Ok(record)
    }

    async fn ring_neighbours<M: Machine>(&self, state: &M, events: &[M::Event]) {
        let streams: BTreeSet<StreamId> = events
            .iter()
            .flat_map(|event| state.neighbours(event))
            .collect();
        for stream in streams {
            self.ring(looks_at(&stream), stream).await;
        }
    }

    /// Rings every function that owes this stream something, but for the one that is at work on it.
    pub(crate) async fn ring_owners<M>(&self, stream: &StreamId, state: &M, but: Option<Function>)
    where
        M: Machine,
        M::Effect: Owned,
    {
        let owners: BTreeSet<Function> = state
            .outstanding(self.clock.now())
            .iter()
            .map(Owned::owner)
            .filter(|owner| Some(*owner) != but)
            .collect();
        for function in owners {
            self.ring(function, stream.clone()).await;
        }
    }

    /// What happened is durable by now, so nobody may be told that it failed because a doorbell did: whoever should have
    /// heard it looks again when the stream is due.
    async fn ring(&self, function: Function, stream: StreamId) {
        let doorbell = Doorbell { stream };
        if let Err(fault) = self.doorbells.ring(function, &doorbell).await {
            tracing::warn!(stream = %doorbell.stream, ?function, %fault, "a doorbell was lost");
        }
    }
}

fn too_busy(stream: &StreamId) -> Fault {
    Fault::Unavailable(format!(
        "{stream}: {MAX_CONFLICTS} others were faster, one after another"
    ))
}

/// When the sweep has to look at a stream in this state, which was brought up to date at `at`.
///
/// A moment that had passed by then is no reason to look again: what it brought was appended, or is owed since.
pub fn due_after<M: Machine>(state: &M, at: Timestamp) -> Option<Timestamp> {
    if state.is_ended() {
        return None;
    }
    let soon = at
        .checked_add(SignedDuration::from_secs(LOOK_AGAIN_SECONDS))
        .ok();
    let owed = if state.outstanding(at).is_empty() {
        None
    } else {
        soon
    };
    [owed, state.wake_at(at)].into_iter().flatten().min()
}
