//! Purpose: snapshots, which let a stream that never ends be read without its whole past.
//!
//! A snapshot is a copy that may be thrown away: it is used only where the chain of the commits after it bears it out and the
//! same fold made it, and otherwise the state is made from the events. Streams of at most [`TAIL`] commits are read as a
//! whole, in one call; no snapshot is read for them.

use domain::kernel::{Machine, StreamId};
use domain::{change, lane, pool, pull, repository};

use crate::chain;
use crate::fault::Fault;
use crate::load::{Loaded, resume};
use crate::ports::{Folded, Journal, Position, Record, Snapshot};

/// Every how many commits the state is kept.
pub const EVERY: u64 = 16;
/// How many commits are read at first; more than [`EVERY`], so that the latest snapshot is among them or just before.
pub const TAIL: usize = 32;
/// Bytes of a kept state at most; a larger one is not kept, and its stream read as a whole.
pub const MAX_BYTES: usize = 100 * 1024;

/// The state as it is kept beside commit `number`; nothing when it is not that commit's turn.
pub(crate) fn of_commit<M: Machine>(number: u64, state: &M) -> Result<Option<Folded>, Fault> {
    let due = number.is_multiple_of(EVERY);
    let Some(version) = M::FOLD.filter(|_| due) else {
        return Ok(None);
    };
    let folded = folded(version, state)?;
    Ok((folded.state.len() <= MAX_BYTES).then_some(folded))
}

/// The stream's end by its last commits and its snapshot; `None` when it has to be read as a whole.
pub(crate) async fn load<M: Machine>(
    journal: &dyn Journal,
    stream: &StreamId,
) -> Result<Option<Loaded<M>>, Fault> {
    let Some(version) = M::FOLD else {
        return Ok(None);
    };
    let tail = journal.tail(stream, TAIL).await?;
    let before = match tail.first() {
        Some(first) if tail.len() == TAIL => Position::before(first),
        _ => Position::after(&[]),
    };
    chain::verify(stream, &before, &tail)?;
    if before.number() == 0 {
        return resume(stream, M::default(), before, &tail).map(Some);
    }
    let Some(kept) = journal.snapshot(stream).await? else {
        return Ok(None);
    };
    let state = state_of::<M>(stream, version, &kept);
    let (Some(state), Some(rest)) = (state, after(&kept, &before, &tail)) else {
        tracing::warn!(%stream, commit = kept.number, "a snapshot was not used: the stream is read as a whole");
        return Ok(None);
    };
    resume(stream, state, Position::of(&kept), rest).map(Some)
}

/// The commits after the snapshot; `None` when it does not lie on this chain, or too far back.
fn after<'t>(kept: &Snapshot, before: &Position, tail: &'t [Record]) -> Option<&'t [Record]> {
    if Position::of(kept) == *before {
        return Some(tail);
    }
    let at = tail
        .iter()
        .position(|record| record.number == kept.number && record.hash == kept.hash)?;
    tail.get(at + 1..)
}

fn state_of<M: Machine>(stream: &StreamId, version: u32, kept: &Snapshot) -> Option<M> {
    if kept.folded.version != version {
        return None;
    }
    match serde_json::from_str(&kept.folded.state) {
        Ok(state) => Some(state),
        Err(error) => {
            tracing::error!(%stream, %error, "a snapshot cannot be read");
            None
        }
    }
}

fn folded<M: Machine>(version: u32, state: &M) -> Result<Folded, Fault> {
    let state = serde_json::to_string(state)
        .map_err(|error| Fault::Malformed(format!("the state of a {}: {error}", M::KIND)))?;
    Ok(Folded { version, state })
}

/// What is wrong with a snapshot, by the whole history of its stream; `None` when nothing is, or when a fold of another
/// version made it and it is not used.
///
/// # Errors
/// `Corrupt` when an event cannot be read.
pub fn verify(
    kept: &Snapshot,
    stream: &StreamId,
    records: &[Record],
) -> Result<Option<String>, Fault> {
    match stream.kind() {
        lane::Lane::KIND => verify_as::<lane::Lane>(kept, stream, records),
        change::Change::KIND => verify_as::<change::Change>(kept, stream, records),
        pool::Pool::KIND => verify_as::<pool::Pool>(kept, stream, records),
        pull::Pull::KIND => verify_as::<pull::Pull>(kept, stream, records),
        repository::Repository::KIND => verify_as::<repository::Repository>(kept, stream, records),
        kind => Ok(Some(format!("streams of kind {kind} have no snapshots"))),
    }
}

fn verify_as<M: Machine>(
    kept: &Snapshot,
    stream: &StreamId,
    records: &[Record],
) -> Result<Option<String>, Fault> {
    let Some(version) = M::FOLD.filter(|version| *version == kept.folded.version) else {
        return Ok(None);
    };
    let until = records
        .iter()
        .take_while(|record| record.number <= kept.number);
    let until: Vec<Record> = until.cloned().collect();
    if Position::after(&until) != Position::of(kept) {
        return Ok(Some(
            "the snapshot is of no commit of this stream".to_owned(),
        ));
    }
    let made = resume(stream, M::default(), Position::after(&[]), &until)?;
    let same = folded(version, &made.state)? == kept.folded;
    Ok((!same).then(|| "the snapshot is not the state that the events make".to_owned()))
}
