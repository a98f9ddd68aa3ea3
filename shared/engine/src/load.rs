//! Purpose: a stream's state, from its records; the chain is checked on the way.

use domain::kernel::{Machine, StreamId};
use jiff::Timestamp;

use crate::chain;
use crate::codec;
use crate::fault::Fault;
use crate::ports::{Journal, Position, Record};

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
    let records = history(journal, stream).await?;
    let state = replay::<M>(stream, &records)?;
    Ok(Loaded {
        state,
        position: Position::after(&records),
    })
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
    let state = replay::<M>(stream, &records)?;
    Ok(Loaded {
        state,
        position: Position::after(&records),
    })
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

fn replay<M: Machine>(stream: &StreamId, records: &[Record]) -> Result<M, Fault> {
    decoded::<M>(stream, records).try_fold(M::default(), |state, event| Ok(state.evolve(&event?)))
}
