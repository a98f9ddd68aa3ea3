mod versions;

use std::os::unix::fs::PermissionsExt as _;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use engine::audit;
use engine::ports::Record;
use rusqlite::Connection;
use tempfile::TempDir;
use testkit::conformance::{add, due_at, end, idle, inbox::delivery, record, stream};
use testkit::yielding::block_on;

use super::*;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    (folder, path)
}

/// A journal with three commits in `run/1/a` and one delivery, closed.
fn filled(path: &Path) -> Vec<Record> {
    let journal = SqliteJournal::open(path).unwrap();
    block_on(async {
        for n in 1..=3 {
            add(
                &journal,
                &stream("run/1/a"),
                &format!("c{n}"),
                n,
                &due_at(5),
            )
            .await;
        }
        journal.accept(&delivery("g1")).await.unwrap();
        journal.read(&stream("run/1/a"), 0).await.unwrap()
    })
}

fn findings(journal: &SqliteJournal) -> Vec<String> {
    let audit = block_on(audit::verify_all(journal, "")).unwrap();
    audit.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_is_there_after_reopening() {
    let (folder, path) = place();
    let written = filled(&path);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "a clean end leaves the file alone: {left:?}");
    for journal in [
        SqliteJournal::open(&path).unwrap(),
        SqliteJournal::open_read_only(&path).unwrap(),
    ] {
        let read = block_on(journal.read(&stream("run/1/a"), 0)).unwrap();
        assert_eq!(read, written);
        let kept = block_on(journal.delivery("g1")).unwrap();
        assert_eq!(kept, Some(delivery("g1")));
        let head = block_on(journal.head(&stream("run/1/a"))).unwrap().unwrap();
        assert_eq!(head.number, 3);
        assert_eq!(findings(&journal), [""; 0]);
        assert_eq!(block_on(journal.check_file()), Ok(vec![]));
    }
}

#[test]
fn only_the_owner_can_read_the_files() {
    let (folder, path) = place();
    let journal = SqliteJournal::open(&path).unwrap();
    block_on(add(&journal, &stream("run/1/a"), "c1", 1, &idle()));
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
        files += 1;
    }
    assert_eq!(files, 3, "the file, the WAL and its index");
}

#[test]
fn every_commit_waits_for_the_disk() {
    let (_folder, path) = place();
    let journal = SqliteJournal::open(&path).unwrap();
    let settings = journal.writer.as_ref().unwrap().run(|connection| {
        let read = |name: &str| {
            connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
        };
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        Ok((mode, read("synchronous")?, read("fullfsync")?))
    });
    let full = 2;
    assert_eq!(block_on(settings), Ok(("wal".to_owned(), full, 1)));
}

#[test]
fn triggers_keep_the_history_as_it_is() {
    let (_folder, path) = place();
    filled(&path);
    let other = Connection::open(&path).unwrap();
    let attacks = [
        "UPDATE journal SET a = 'person:8' WHERE n = 2",
        "UPDATE journal SET p = 'run/1/b'",
        "DELETE FROM journal WHERE n = 3",
        "DELETE FROM journal",
        "REPLACE INTO journal SELECT p, n, c, h, x, t, 'person:8', k, e FROM journal WHERE n = 3",
        "INSERT INTO journal SELECT p, n + 5, c, h, x, t, a, k, e FROM journal WHERE n = 3",
        "INSERT INTO journal SELECT 'run/1/b', 2, c, h, x, t, a, k, e FROM journal WHERE n = 2",
        "DELETE FROM heads",
        "UPDATE deliveries SET body = ''",
        "UPDATE heads SET summary = 'no JSON'",
        "UPDATE heads SET p = 'nothing'",
        "UPDATE heads SET n = -1",
    ];
    for attack in attacks {
        let refused = other.execute(attack, []);
        assert!(refused.is_err(), "{attack} was carried out");
    }
    let journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(findings(&journal), [""; 0]);
    assert_eq!(block_on(journal.check_file()), Ok(vec![]));
}

/// Does this to the file with the guards removed.
fn tamper(path: &Path, sql: &str) {
    let other = Connection::open(path).unwrap();
    let guards = "DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete; DROP TRIGGER heads_no_delete;";
    other.execute_batch(&format!("{guards}{sql}")).unwrap();
}

#[test]
fn rows_changed_without_the_triggers_are_found() {
    for (sql, expected) in [
        (
            "UPDATE journal SET a = 'person:8' WHERE n = 2",
            "run/1/a #2: its content does not match its hash",
        ),
        (
            "UPDATE journal SET e = replace(e, 'noted', 'other') WHERE n = 1",
            "run/1/a #1: its content does not match its hash",
        ),
        (
            "UPDATE journal SET e = 'no JSON' WHERE n = 3",
            "run/1/a #3: its events are not as they were written: expected ident at line 1 column 2",
        ),
        (
            "UPDATE journal SET c = CAST(x'fffe' AS TEXT) WHERE n = 2",
            "run/1/a #2: its id cannot be read: invalid utf-8 sequence of 1 bytes from index 0 at index 1",
        ),
        (
            "DELETE FROM journal WHERE n = 2",
            "run/1/a #3: commit 2 is missing before it",
        ),
        (
            "UPDATE journal SET n = 9 WHERE n = 2; UPDATE journal SET n = 2 WHERE n = 3; UPDATE journal SET n = 3 WHERE n = 9",
            "run/1/a #2: it does not follow the commit before it",
        ),
        (
            "DELETE FROM journal WHERE n = 3",
            "run/1/a #3: the head stands at commit 3, but the journal ends at 2",
        ),
    ] {
        let (_folder, path) = place();
        filled(&path);
        tamper(&path, sql);
        let journal = SqliteJournal::open(&path).unwrap();
        assert_eq!(findings(&journal), [expected], "{sql}");
        let wrong = block_on(journal.check_file()).unwrap();
        assert_eq!(wrong.len(), 3, "three guards are gone: {wrong:?}");
        assert_eq!(wrong[0], "the trigger heads_no_delete was removed");
    }
}

#[test]
fn a_removed_head_and_a_changed_guard_are_found() {
    let (_folder, path) = place();
    filled(&path);
    tamper(&path, "DELETE FROM heads WHERE p = 'run/1/a'");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT 1; END;
             CREATE TABLE extra (x)",
        )
        .unwrap();
    let journal = SqliteJournal::open(&path).unwrap();
    let wrong = block_on(journal.check_file()).unwrap();
    let expected = [
        "the trigger heads_no_delete was removed",
        "the trigger journal_no_delete was removed",
        "the trigger journal_no_update was changed",
        "the table extra was added",
        "run/1/a has commits, but its head was removed",
    ];
    assert_eq!(wrong, expected);
}

/// The sentence of a fault, which must be this kind.
fn malformed<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    match result {
        Err(Fault::Malformed(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    match result {
        Err(Fault::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_that_are_no_journal_are_refused_and_left_alone() {
    let (folder, path) = place();
    let foreign = folder.path().join("foreign.db");
    let other = Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE mine (x)").unwrap();
    drop(other);
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "these are notes, ".repeat(100)).unwrap();
    for (file, expected) in [
        (&foreign, "is no journal of Slipway"),
        (&text, "is no journal"),
    ] {
        let before = std::fs::read(file).unwrap();
        for result in [
            SqliteJournal::open(file),
            SqliteJournal::open_read_only(file),
        ] {
            let why = malformed(result);
            assert!(why.contains(expected), "{why}");
        }
        assert!(std::fs::read(file).unwrap() == before);
    }
    let why = malformed(SqliteJournal::open_read_only(&path));
    assert!(why.starts_with("there is no journal at "), "{why}");
    assert!(!path.exists());
    let why = unavailable(SqliteJournal::open(&folder.path().join("no/folder/j.db")));
    assert!(why.contains("no/folder/j.db cannot be opened"), "{why}");
}

#[test]
fn a_damaged_page_is_told() {
    let (_folder, path) = place();
    filled(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page.fill(0xEE);
    }
    std::fs::write(&path, &bytes).unwrap();
    let journal = SqliteJournal::open(&path).unwrap();
    let why = malformed(block_on(journal.read(&stream("run/1/a"), 0)));
    assert!(why.contains("is damaged"), "{why}");
    assert!(why.contains("restore a backup"), "{why}");
    let wrong = block_on(journal.check_file()).unwrap_or_else(|fault| vec![fault.to_string()]);
    assert!(!wrong.is_empty());
}

fn pragma(journal: &SqliteJournal, sql: &str) {
    let sql = sql.to_owned();
    let set = journal.writer.as_ref().unwrap().run(move |connection| {
        connection.query_row(&sql, [], |_| Ok(()))?;
        Ok(())
    });
    block_on(set).unwrap();
}

#[test]
fn a_full_disk_loses_nothing() {
    let (_folder, path) = place();
    let journal = SqliteJournal::open(&path).unwrap();
    let id = stream("run/1/a");
    pragma(&journal, "PRAGMA max_page_count = 60");
    let mut acknowledged = Vec::new();
    let (why, position, refused) = block_on(async {
        for n in 0.. {
            let position = end(&journal, &id).await;
            let next = record(&id, &position, &format!("c{n}"), n, &"x".repeat(9_000));
            match journal.append(&id, &position, &next, &idle()).await {
                Ok(Appended::Done) => acknowledged.push(next),
                other => return (unavailable(other), position, next),
            }
        }
        panic!("the disk never was full")
    });
    assert!(why.contains("the disk is full"), "{why}");
    assert!(!acknowledged.is_empty());
    assert_eq!(block_on(journal.read(&id, 0)), Ok(acknowledged.clone()));
    assert_eq!(findings(&journal), [""; 0]);

    pragma(&journal, "PRAGMA max_page_count = 100000");
    let again = block_on(journal.append(&id, &position, &refused, &idle()));
    assert_eq!(again, Ok(Appended::Done));
    acknowledged.push(refused);
    assert_eq!(block_on(journal.read(&id, 0)), Ok(acknowledged));
}

#[test]
fn a_journal_that_may_not_be_written_says_so() {
    let (_folder, path) = place();
    filled(&path);
    let journal = SqliteJournal::open(&path).unwrap();
    let set = journal.writer.as_ref().unwrap().run(|connection| {
        connection.pragma_update(None, "query_only", true)?;
        Ok(())
    });
    block_on(set).unwrap();
    let why = unavailable(block_on(journal.accept(&delivery("g2"))));
    assert!(why.contains("cannot be written"), "{why}");

    let journal = SqliteJournal::open_read_only(&path).unwrap();
    let why = malformed(block_on(journal.accept(&delivery("g2"))));
    assert!(why.contains("was opened to read only"), "{why}");
    let why = malformed(block_on(journal.quarantine(&stream("run/1/a"), None)));
    assert!(why.contains("was opened to read only"), "{why}");
}

#[test]
fn a_lock_of_another_process_is_waited_for_then_told() {
    let (_folder, path) = place();
    filled(&path);
    let journal = SqliteJournal::open(&path).unwrap();
    let set = journal.writer.as_ref().unwrap().run(|connection| {
        connection.busy_timeout(Duration::from_millis(20))?;
        Ok(())
    });
    block_on(set).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let why = unavailable(block_on(journal.accept(&delivery("g2"))));
    assert!(why.contains("held by another process"), "{why}");
    // Readers do not wait for a writer.
    let rows = block_on(journal.read(&stream("run/1/a"), 0)).unwrap();
    assert_eq!(rows.len(), 3);
    other.execute_batch("COMMIT").unwrap();
    let accepted = block_on(journal.accept(&delivery("g2")));
    assert_eq!(accepted, Ok(Accepted::New));
}

#[test]
fn what_was_asked_is_done_although_nobody_waits() {
    let (_folder, path) = place();
    let journal = SqliteJournal::open(&path).unwrap();
    let sent = delivery("g1");
    let mut accept = Box::pin(journal.accept(&sent));
    let mut context = Context::from_waker(Waker::noop());
    // It may already be done after the first poll; both ways it must be stored.
    assert_ne!(
        accept.as_mut().poll(&mut context),
        Poll::Ready(Ok(Accepted::Duplicate))
    );
    drop(accept);
    drop(journal);
    let journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(block_on(journal.delivery("g1")), Ok(Some(sent)));
}

#[test]
fn many_may_open_a_new_file_at_once() {
    let (_folder, path) = place();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let journal = SqliteJournal::open(path).unwrap();
                let id = stream(&format!("run/1/{n}"));
                block_on(add(&journal, &id, "c1", 1, &idle()));
            });
        }
    });
    let journal = SqliteJournal::open(&path).unwrap();
    let audit = block_on(audit::verify_all(&journal, "")).unwrap();
    assert_eq!((audit.total().commits, audit.findings.len()), (8, 0));
}
