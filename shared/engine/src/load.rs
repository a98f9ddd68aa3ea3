//! Purpose: a stream's state, from its records or from its snapshot and the records after it; the chain of what is read is
//! checked on the way.

use domain::kernel::{Machine, StreamId};
use jiff::Timestamp;

use crate::chain;
use crate::codec;
use crate::fault::Fault;
use crate::ports::{Journal, Position, Record};
use crate::snapshot;

/// A stream as it stands.
#[derive(Clone, Debug)]
pub struct Loaded<M> {
    pub state: M,
    /// Where it was read to: what an append is conditional on.
    pub position: Position,
}

/// Reads a stream to its end.
pub async fn load<M: Machine>(
    journal: &dyn Journal,
    stream: &StreamId,
) -> Result<Loaded<M>, Fault> {
    if let Some(loaded) = snapshot::load(journal, stream).await? {
        return Ok(loaded);
    }
    let records = history(journal, stream).await?;
    resume(stream, M::default(), Position::after(&[]), &records)
}

/// The state that a stream had after its commit `number`, or at a time, whichever is given and comes first.
pub async fn load_at<M: Machine>(
    journal: &dyn Journal,
    stream: &StreamId,
    number: Option<u64>,
    at: Option<Timestamp>,
) -> Result<Loaded<M>, Fault> {
    let mut records = history(journal, stream).await?;
    records.retain(|record| {
        number.is_none_or(|number| record.number <= number)
            && at.is_none_or(|at| record.at_ms <= at.as_millisecond())
    });
    resume(stream, M::default(), Position::after(&[]), &records)
}

/// All records of a stream, with their chain checked.
pub async fn history(journal: &dyn Journal, stream: &StreamId) -> Result<Vec<Record>, Fault> {
    let records = journal.read(stream, 0).await?;
    chain::verify(stream, &Position::after(&[]), &records)?;
    Ok(records)
}

/// The events of these records, in order.
pub fn events<M: Machine>(stream: &StreamId, records: &[Record]) -> Result<Vec<M::Event>, Fault> {
    decoded::<M>(stream, records).collect()
}

/// One event after another, so that a long stream is never in memory as a whole twice.
fn decoded<'r, M: Machine>(
    stream: &'r StreamId,
    records: &'r [Record],
) -> impl Iterator<Item = Result<M::Event, Fault>> + 'r {
    let stored = records
        .iter()
        .flat_map(|r| r.events.iter().map(move |event| (r.number, event)));
    stored.map(move |(commit, event)| {
        codec::decode::<M::Event>(event).map_err(|error| Fault::Corrupt {
            stream: stream.clone(),
            commit,
            why: error.to_string(),
        })
    })
}

/// The end of a stream that had this state at `from` and went on with these records.
pub(crate) fn resume<M: Machine>(
    stream: &StreamId,
    state: M,
    from: Position,
    records: &[Record],
) -> Result<Loaded<M>, Fault> {
    let mut events = decoded::<M>(stream, records);
    let state = events.try_fold(state, |state, event| Ok(state.evolve(&event?)))?;
    let position = match records {
        [] => from,
        records => Position::after(records),
    };
    Ok(Loaded { state, position })
}
