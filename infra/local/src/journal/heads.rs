//! Purpose: reading and moving heads.

use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Head, HeadCursor, due_ms};
use jiff::Timestamp;
use rusqlite::{Connection, Row, Rows, ToSql, named_params, params};

use super::failure::Failure;
use super::rows::number;

const COLUMNS: &str =
    "p, n, x, ended, due_ms, summary, failures, quarantine, created_ms, updated_ms";

/// The head of one stream.
pub(super) fn one(connection: &Connection, stream: &StreamId) -> Result<Option<Head>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM heads WHERE p = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = collect(statement.query([stream.as_str()])?)?;
    Ok(found.pop())
}

/// Newest first, after the cursor, names beginning with the prefix.
pub(super) fn list(
    connection: &Connection,
    prefix: &str,
    cursor: Option<&HeadCursor>,
    limit: usize,
) -> Result<Vec<Head>, Failure> {
    // A prefix with a whole kind in it can use the index of that kind; deliveries outnumber everything else.
    let kind = prefix.split_once('/').map(|(kind, _)| kind);
    let of_kind = if kind.is_some() {
        "kind = :kind AND"
    } else {
        ""
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM heads
         WHERE {of_kind} substr(p, 1, length(:prefix)) = :prefix AND (created_ms, p) < (:ms, :p)
         ORDER BY created_ms DESC, p DESC LIMIT :limit"
    );
    let (ms, name) = cursor.map_or((i64::MAX, ""), |at| (at.created_ms, at.stream.as_str()));
    let limit = sql_limit(limit);
    let mut values: Vec<(&str, &dyn ToSql)> = vec![
        (":prefix", &prefix),
        (":ms", &ms),
        (":p", &name),
        (":limit", &limit),
    ];
    if let Some(kind) = &kind {
        values.push((":kind", kind));
    }
    collect(connection.prepare_cached(&sql)?.query(values.as_slice())?)
}

/// Due and not quarantined, the longest overdue first.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Head>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM heads
         WHERE due_ms IS NOT NULL AND quarantine IS NULL AND due_ms <= ?1
         ORDER BY due_ms, p LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let now = now.as_nanosecond().div_euclid(1_000_000);
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    collect(statement.query(params![now, sql_limit(limit)])?)
}

/// Moves the due time of a stream that still stands at this number.
pub(super) fn reschedule(
    connection: &Connection,
    stream: &StreamId,
    at: u64,
    due: Option<Timestamp>,
    failures: u32,
) -> Result<(), Failure> {
    connection
        .prepare_cached("UPDATE heads SET due_ms = ?3, failures = ?4 WHERE p = ?1 AND n = ?2")?
        .execute(params![
            stream.as_str(),
            number(at),
            due.map(due_ms),
            failures
        ])?;
    Ok(())
}

/// Takes a stream out of the sweep, or puts it back.
pub(super) fn quarantine(
    connection: &Connection,
    stream: &StreamId,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let sql = match reason {
        Some(_) => "UPDATE heads SET quarantine = :reason WHERE p = :p",
        None => "UPDATE heads SET quarantine = :reason, failures = 0, due_ms = 0 WHERE p = :p",
    };
    connection
        .prepare_cached(sql)?
        .execute(named_params! {":p": stream.as_str(), ":reason": reason})?;
    Ok(())
}

fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn collect(mut rows: Rows<'_>) -> Result<Vec<Head>, Failure> {
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        heads.push(head(row)?);
    }
    Ok(heads)
}

fn head(row: &Row<'_>) -> Result<Head, Failure> {
    let name: String = row.get(0)?;
    let stream = StreamId::parse(&name)
        .ok_or_else(|| Fault::Malformed(format!("the journal holds a head named \"{name}\"")))?;
    // The table refuses negative numbers.
    let number = row.get::<_, i64>(1)?.unsigned_abs();
    let corrupt = |why: String| Fault::Corrupt {
        stream: stream.clone(),
        commit: number,
        why,
    };
    let summary: String = row.get(5)?;
    let summary = serde_json::from_str(&summary)
        .map_err(|error| corrupt(format!("the summary in its head is no JSON: {error}")))?;
    let due: Option<i64> = row.get(4)?;
    let due = due
        .map(Timestamp::from_millisecond)
        .transpose()
        .map_err(|error| corrupt(format!("the due time in its head is no time: {error}")))?;
    Ok(Head {
        number,
        hash: Digest::new(row.get::<_, String>(2)?),
        due,
        ended: row.get(3)?,
        summary,
        failures: row.get(6)?,
        quarantine: row.get(7)?,
        created_ms: row.get(8)?,
        updated_ms: row.get(9)?,
        stream,
    })
}
