//! Purpose: whether the file itself is sound: its pages, its guards, and that every commit has a head.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::failure::Failure;
use super::schema::{SNAPSHOTS, TABLES};

/// How many of one kind of fault are named.
const MAX_NAMED: i64 = 20;

/// One sentence for each thing that is wrong.
pub(super) fn check(connection: &mut Connection) -> Result<Vec<String>, Failure> {
    let mut wrong = damaged_pages(connection)?;
    wrong.extend(changed_schema(connection)?);
    for stream in streams_without_head(connection)? {
        wrong.push(format!("{stream} has commits, but its head was removed"));
    }
    Ok(wrong)
}

/// <https://sqlite.org/pragma.html#pragma_integrity_check>
fn damaged_pages(connection: &Connection) -> Result<Vec<String>, Failure> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MAX_NAMED})"))?;
    let found: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let wrong = found.into_iter().filter(|line| line != "ok");
    Ok(wrong.map(|line| format!("SQLite finds: {line}")).collect())
}

/// Tables, indexes and triggers against those of a fresh file.
fn changed_schema(connection: &Connection) -> Result<Vec<String>, Failure> {
    let fresh = Connection::open_in_memory()?;
    fresh.execute_batch(TABLES)?;
    fresh.execute_batch(SNAPSHOTS)?;
    let (expected, mut found) = (objects(&fresh)?, objects(connection)?);
    let mut wrong = Vec::new();
    for (name, sql) in expected {
        match found.remove(&name) {
            None => wrong.push(format!("the {name} was removed")),
            Some(other) if other != sql => wrong.push(format!("the {name} was changed")),
            Some(_) => {}
        }
    }
    wrong.extend(
        found
            .into_keys()
            .map(|name| format!("the {name} was added")),
    );
    Ok(wrong)
}

/// `trigger journal_no_update` → its statement. SQLite's own bookkeeping (`sqlite_stat1`, …) is left out.
fn objects(connection: &Connection) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let mut statement = connection.prepare(
        "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'",
    )?;
    let objects = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(objects)
}

fn streams_without_head(connection: &Connection) -> Result<Vec<String>, Failure> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT p FROM journal WHERE p NOT IN (SELECT p FROM heads) ORDER BY p LIMIT ?1",
    )?;
    let streams = statement
        .query_map([MAX_NAMED], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(streams)
}
