//! Purpose: reading commits.

use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Folded, Record, Snapshot, StoredEvent};
use rusqlite::{Connection, OptionalExtension as _, Row, Rows, params};

use super::failure::Failure;

/// Numbers are 64-bit and signed in SQLite; no stream gets there.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Commits after this number, in order.
pub(super) fn read(
    connection: &Connection,
    stream: &StreamId,
    after: u64,
) -> Result<Vec<Record>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT n, c, h, x, t, a, k, e FROM journal WHERE p = ?1 AND n > ?2 ORDER BY n",
    )?;
    let rows = statement.query(params![stream.as_str(), number(after)])?;
    collect(rows, stream, after)
}

/// The last commits, at most `limit`, in order.
pub(super) fn tail(
    connection: &Connection,
    stream: &StreamId,
    limit: usize,
) -> Result<Vec<Record>, Failure> {
    let end: i64 = connection
        .prepare_cached("SELECT coalesce(max(n), 0) FROM journal WHERE p = ?1")?
        .query_row([stream.as_str()], |row| row.get(0))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = u64::try_from(end.saturating_sub(limit)).unwrap_or(0);
    read(connection, stream, after)
}

/// The latest snapshot.
pub(super) fn snapshot(
    connection: &Connection,
    stream: &StreamId,
) -> Result<Option<Snapshot>, Failure> {
    let kept = connection
        .prepare_cached("SELECT n, x, v, s FROM snapshots WHERE p = ?1")?
        .query_row([stream.as_str()], |row| {
            Ok(Snapshot {
                number: row.get::<_, i64>(0)?.unsigned_abs(),
                hash: Digest::new(row.get::<_, String>(1)?),
                folded: Folded {
                    version: row.get(2)?,
                    state: row.get(3)?,
                },
            })
        })
        .optional()?;
    Ok(kept)
}

fn collect(mut rows: Rows<'_>, stream: &StreamId, after: u64) -> Result<Vec<Record>, Failure> {
    let mut records: Vec<Record> = Vec::new();
    while let Some(row) = rows.next()? {
        let last = records.last().map_or(after, |last| last.number);
        records.push(record(row).map_err(|why| Fault::Corrupt {
            stream: stream.clone(),
            commit: last + 1,
            why,
        })?);
    }
    Ok(records)
}

fn record(row: &Row<'_>) -> Result<Record, String> {
    let text = |column: usize, name: &str| -> Result<String, String> {
        row.get(column)
            .map_err(|error| format!("its {name} cannot be read: {error}"))
    };
    let number: i64 = row
        .get(0)
        .map_err(|error| format!("its number cannot be read: {error}"))?;
    let events = text(7, "events")?;
    let events: Vec<StoredEvent> = serde_json::from_str(&events)
        .map_err(|error| format!("its events are not as they were written: {error}"))?;
    Ok(Record {
        number: u64::try_from(number).map_err(|_| format!("{number} is no number"))?,
        id: text(1, "id")?,
        previous: Digest::new(text(2, "previous hash")?),
        hash: Digest::new(text(3, "hash")?),
        at_ms: row
            .get(4)
            .map_err(|error| format!("its time cannot be read: {error}"))?,
        actor: text(5, "actor")?,
        cause: text(6, "cause")?,
        events,
    })
}
