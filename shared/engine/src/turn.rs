//! Purpose: the worker's loop: what has become true is appended, what is owed is performed, its outcome is reported.

use async_trait::async_trait;
use domain::kernel::{Machine, StreamId};
use jiff::{SignedDuration, Timestamp};

use crate::fault::Fault;
use crate::invocation::{Invocation, Refused, due_after};
use crate::load::{Loaded, load};
use crate::owner::Owned;
use crate::ports::{Function, Journal};

/// Effects that one turn performs at most; the sweep goes on with the rest.
pub const MAX_EFFECTS: usize = 64;
/// A stream that failed so often in a row, and not for want of an answer, is quarantined.
pub const MAX_FAILURES: u32 = 10;
/// Seconds until the first retry; each further one waits twice as long.
const FIRST_RETRY_SECONDS: i64 = 1;
/// Seconds between retries at most.
const LAST_RETRY_SECONDS: i64 = 300;

/// Performs the effects of one kind of stream.
#[async_trait]
pub trait Perform<M: Machine>: Send + Sync {
    /// Does it, and says what came of it; nothing when that is not known yet.
    async fn perform(
        &self,
        stream: &StreamId,
        state: &M,
        effect: &M::Effect,
    ) -> Result<Vec<M::Command>, Fault>;
}

/// Takes one turn on a stream for one function: bounded, safe to repeat, safe to be killed anywhere.
pub async fn turn<M>(
    invocation: &Invocation<'_>,
    function: Function,
    performer: &dyn Perform<M>,
    stream: &StreamId,
) -> Result<M, Fault>
where
    M: Machine,
    M::Effect: Owned,
{
    let mut turn = Turn {
        invocation,
        function,
        stream,
        began: invocation.clock.now(),
        changed: false,
        fault: None,
    };
    let outcome = turn.run(performer).await;
    match outcome {
        Ok(loaded) => {
            turn.end(&loaded).await?;
            turn.fault.map_or(Ok(loaded.state), Err)
        }
        Err(fault) => {
            note_failure(invocation, stream, &fault).await?;
            Err(fault)
        }
    }
}

struct Turn<'t, 'i> {
    invocation: &'t Invocation<'i>,
    function: Function,
    stream: &'t StreamId,
    /// Before the state was brought up to date: a moment that comes while the turn lasts is not overlooked.
    began: Timestamp,
    changed: bool,
    /// The first fault; the effects after it are performed all the same.
    fault: Option<Fault>,
}

impl Turn<'_, '_> {
    async fn run<M>(&mut self, performer: &dyn Perform<M>) -> Result<Loaded<M>, Fault>
    where
        M: Machine,
        M::Effect: Owned,
    {
        let loaded = load::<M>(self.invocation.journal, self.stream).await?;
        let (mut loaded, changed) = self.invocation.advance(self.stream, loaded).await?;
        self.changed |= changed;
        let mut performed: Vec<M::Effect> = Vec::new();
        while performed.len() < MAX_EFFECTS {
            let owed = loaded.state.outstanding(self.invocation.clock.now());
            let next = owed
                .into_iter()
                .find(|effect| effect.owner() == self.function && !performed.contains(effect));
            let Some(effect) = next else { break };
            performed.push(effect.clone());
            loaded = self.perform(performer, loaded, &effect).await?;
        }
        Ok(loaded)
    }

    async fn perform<M>(
        &mut self,
        performer: &dyn Perform<M>,
        mut loaded: Loaded<M>,
        effect: &M::Effect,
    ) -> Result<Loaded<M>, Fault>
    where
        M: Machine,
        M::Effect: Owned,
    {
        let commands = match performer.perform(self.stream, &loaded.state, effect).await {
            Ok(commands) => commands,
            Err(fault) => {
                tracing::warn!(stream = %self.stream, ?effect, %fault, "an effect failed");
                self.fault.get_or_insert(fault);
                return Ok(loaded);
            }
        };
        for command in commands {
            match self.invocation.decide(self.stream, loaded, &command).await {
                Ok((after, changed)) => {
                    self.changed |= changed;
                    loaded = after;
                }
                Err(Refused::Rejected(rejection)) => {
                    // The stream went on without this outcome; what it owes now is read anew.
                    tracing::info!(stream = %self.stream, ?command, %rejection, "came too late");
                    loaded = load::<M>(self.invocation.journal, self.stream).await?;
                }
                Err(Refused::Fault(fault)) => return Err(fault),
            }
        }
        Ok(loaded)
    }

    /// Rings the others, and sets the time of the next look.
    async fn end<M>(&mut self, loaded: &Loaded<M>) -> Result<(), Fault>
    where
        M: Machine,
        M::Effect: Owned,
    {
        if let Some(fault) = &self.fault {
            return note_failure(self.invocation, self.stream, fault).await;
        }
        let sweeps = self.function == Function::Scheduler;
        if !self.changed {
            self.look_again(loaded, sweeps).await?;
        }
        if self.changed || sweeps {
            self.invocation
                .ring_owners(self.stream, &loaded.state, Some(self.function))
                .await;
        }
        Ok(())
    }

    /// Sets the time of the next look after a clean turn.
    ///
    /// A clean turn of one function says nothing about another: while others owe something, what failed before counts on,
    /// and is not tried again before its time. Otherwise nothing is left that could have failed.
    async fn look_again<M>(&self, loaded: &Loaded<M>, sweeps: bool) -> Result<(), Fault>
    where
        M: Machine,
        M::Effect: Owned,
    {
        let owed = loaded.state.outstanding(self.began);
        let others = owed.iter().any(|effect| effect.owner() != self.function);
        if others && !sweeps {
            return Ok(());
        }
        let journal = self.invocation.journal;
        let head = journal.head(self.stream).await?;
        let head = head.filter(|head| head.failures > 0);
        if head.is_none() && !sweeps {
            return Ok(());
        }
        let (failures, later) = head
            .filter(|_| others)
            .map_or((0, None), |head| (head.failures, head.due));
        let due = due_after(&loaded.state, self.began);
        let due = due.map(|due| later.map_or(due, |later| later.max(due)));
        let number = loaded.position.number();
        journal.reschedule(self.stream, number, due, failures).await
    }
}

/// Counts a failure, and says when to try again; a stream whose failures do not pass is quarantined.
async fn note_failure(
    invocation: &Invocation<'_>,
    stream: &StreamId,
    fault: &Fault,
) -> Result<(), Fault> {
    let journal = invocation.journal;
    let mut elsewhere = false;
    if let Fault::Corrupt { stream: bad, .. } = fault {
        // The bad stream stops, and no other that only looked at it.
        quarantine(journal, bad, &fault.to_string()).await?;
        if bad == stream {
            return Ok(());
        }
        elsewhere = true;
    }
    let Some(head) = journal.head(stream).await? else {
        return Ok(());
    };
    let failures = head.failures.saturating_add(1);
    if failures >= MAX_FAILURES && !fault.is_transient() && !elsewhere {
        let reason = format!("failed {failures} times in a row: {fault}");
        return quarantine(journal, stream, &reason).await;
    }
    let doubled = FIRST_RETRY_SECONDS << (failures - 1).min(10);
    let wait = SignedDuration::from_secs(doubled.min(LAST_RETRY_SECONDS));
    let due = invocation.clock.now().checked_add(wait).ok();
    journal.reschedule(stream, head.number, due, failures).await
}

/// Takes a stream out of work, and raises the alarm once.
async fn quarantine(journal: &dyn Journal, stream: &StreamId, reason: &str) -> Result<(), Fault> {
    let head = journal.head(stream).await?;
    if head.is_some_and(|head| head.quarantine.is_some()) {
        return Ok(());
    }
    tracing::error!(metric.Quarantined = 1u64, %stream, reason, "quarantined: nobody works on it until a person releases it");
    journal.quarantine(stream, Some(reason)).await
}
