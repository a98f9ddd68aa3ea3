//! Purpose: opening the file and laying its tables.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use engine::Fault;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::failure::Failure;
use crate::disk;

/// The version of the tables below. A change raises it and brings older files up to it in [`open_writer`].
pub(super) const VERSION: i64 = 2;

/// "SLPW" in the file's header, so that the file names its owner (<https://sqlite.org/pragma.html#pragma_application_id>).
pub(super) const APPLICATION: i64 = 0x534C_5057;

/// How long one process waits for another's transaction. Each of ours is one append.
const BUSY: Duration = Duration::from_secs(10);

/// How often switching to WAL is tried, which does not wait by itself; [`WAL_PAUSE`] in between.
const WAL_TRIES: u32 = 200;
const WAL_PAUSE: Duration = Duration::from_millis(25);

/// The WAL file shrinks to this many bytes when it is folded back.
const WAL_BYTES: i64 = 64 * 1024 * 1024;

/// Version 2, beside version 1: v the fold that made the state, s the state as JSON.
pub(super) const SNAPSHOTS: &str = "
CREATE TABLE snapshots (
    p TEXT NOT NULL PRIMARY KEY,
    n INTEGER NOT NULL CHECK (n > 0),
    x TEXT NOT NULL CHECK (length(x) = 64),
    v INTEGER NOT NULL,
    s TEXT NOT NULL
) STRICT;
";

/// Version 1. Short names as in the cloud's tables: p stream, n number, c commit id, h previous hash, x own hash,
/// t recorded ms, a actor, k cause, e events as JSON.
pub(super) const TABLES: &str = "
CREATE TABLE journal (
    p TEXT NOT NULL,
    n INTEGER NOT NULL CHECK (n > 0),
    c TEXT NOT NULL,
    h TEXT NOT NULL,
    x TEXT NOT NULL,
    t INTEGER NOT NULL,
    a TEXT NOT NULL,
    k TEXT NOT NULL,
    e TEXT NOT NULL,
    PRIMARY KEY (p, n)
) STRICT;

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a commit is never changed'); END;

CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a commit is never removed'); END;

CREATE TRIGGER journal_no_gap BEFORE INSERT ON journal
WHEN NEW.n <> 1 + (SELECT coalesce(max(n), 0) FROM journal WHERE p = NEW.p)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: a commit follows the last one'); END;

CREATE TABLE heads (
    p TEXT NOT NULL PRIMARY KEY CHECK (instr(p, '/') > 1 AND p NOT GLOB '*/'),
    kind TEXT NOT NULL GENERATED ALWAYS AS (substr(p, 1, instr(p, '/') - 1)) VIRTUAL,
    n INTEGER NOT NULL CHECK (n >= 0),
    x TEXT NOT NULL CHECK (length(x) = 64),
    ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
    due_ms INTEGER,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    quarantine TEXT,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    summary TEXT NOT NULL CHECK (json_valid(summary))
) STRICT;

CREATE INDEX heads_due ON heads (due_ms, p) WHERE due_ms IS NOT NULL AND quarantine IS NULL;
CREATE INDEX heads_created ON heads (created_ms, p);
CREATE INDEX heads_kind ON heads (kind, created_ms, p);

CREATE TRIGGER heads_no_delete BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'a stream keeps its head'); END;

CREATE TABLE deliveries (
    guid TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TRIGGER deliveries_no_update BEFORE UPDATE ON deliveries
BEGIN SELECT RAISE(ABORT, 'a delivery is kept as it came in'); END;
";

/// Opens the file to write, making and laying it out when it is new.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Failure> {
    // SQLite would let everybody read it; deliveries of private repositories are in it. WAL files take the same mode.
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| disk::fault("opened", path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Refuses what is not ours before anything is changed.
    let found = found(&*connection.unchecked_transaction()?, path)?;
    use_wal(&connection, path)?;
    // A commit is in the WAL and on the disk before it is acknowledged (<https://sqlite.org/pragma.html#pragma_synchronous>);
    // fullfsync makes macOS mean it.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    if found != VERSION {
        lay_out(&mut connection, path)?;
    }
    Ok(connection)
}

/// Opens a file that exists, to read.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Failure> {
    if !path.exists() {
        let path = path.display();
        return Err(Fault::Malformed(format!(
            "there is no journal at {path}: start the machine once, or name its data folder with --data"
        ))
        .into());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    let found = found(&*connection.unchecked_transaction()?, path)?;
    match found {
        VERSION => Ok(connection),
        0 => Err(foreign(path)),
        older => Err(Fault::Malformed(format!(
            "the journal {} was written by an older Slipway (its version is {older}, this one's {VERSION}): start the machine \
             once, which brings it up to date. Nothing was changed",
            path.display()
        ))
        .into()),
    }
}

/// The version of the tables that are there, 0 for none; refuses files that are not ours and files of a later version.
/// Changes nothing.
///
/// Call it in a transaction: it reads three things, and another process may be laying out the file.
fn found(connection: &Connection, path: &Path) -> Result<i64, Failure> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let owner: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (owner, version) {
        (0, 0) if objects == 0 => Ok(0),
        (APPLICATION, 1..=VERSION) => Ok(version),
        (APPLICATION, newer) if newer > VERSION => {
            let path = path.display();
            Err(Fault::Malformed(format!(
                "the journal {path} was written by a newer Slipway (its version is {newer}, this one knows {VERSION}): use that \
                 one or a later one. Nothing was changed"
            ))
            .into())
        }
        _ => Err(foreign(path)),
    }
}

fn foreign(path: &Path) -> Failure {
    let path = path.display();
    let fault = Fault::Malformed(format!(
        "{path} is no journal of Slipway: name another data folder with --data. Nothing was changed"
    ));
    Failure::Fault(fault)
}

/// The mode is kept in the file. Switching needs the file alone for a moment and does not wait for it by itself.
fn use_wal(connection: &Connection, path: &Path) -> Result<(), Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let switched: rusqlite::Result<String> =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        match switched {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => {
                return Err(Fault::Unavailable(format!(
                    "the journal {} cannot use a write-ahead log here (mode {mode}): its folder must be on a local disk",
                    path.display()
                ))
                .into());
            }
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && tries < WAL_TRIES =>
            {
                std::thread::sleep(WAL_PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// In one transaction, and only if nobody else has done it since.
fn lay_out(connection: &mut Connection, path: &Path) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = found(&transaction, path)?;
    if before < 1 {
        transaction.execute_batch(TABLES)?;
    }
    if before < 2 {
        transaction.execute_batch(SNAPSHOTS)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}
