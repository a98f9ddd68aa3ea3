//! Files that another version wrote.

use super::*;

fn raw(path: &Path, sql: &str) {
    let other = Connection::open(path).unwrap();
    other.execute_batch(sql).unwrap();
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let (_folder, path) = place();
    filled(&path);
    raw(&path, "PRAGMA user_version = 3");
    let before = std::fs::read(&path).unwrap();
    let why = malformed(SqliteJournal::open(&path));
    let expected = "was written by a newer Slipway (its version is 3, this one knows 2)";
    assert!(why.contains(expected), "{why}");
    let why = malformed(SqliteJournal::open_read_only(&path));
    assert!(why.contains(expected), "{why}");
    assert!(std::fs::read(&path).unwrap() == before);
}

/// Version 1 had no snapshots. Who may write brings the file up to date; who only reads says what to do.
#[test]
fn an_older_file_is_brought_up_to_date() {
    let (_folder, path) = place();
    let records = filled(&path);
    raw(&path, "DROP TABLE snapshots; PRAGMA user_version = 1");
    let why = malformed(SqliteJournal::open_read_only(&path));
    let expected =
        "was written by an older Slipway (its version is 1, this one's 2): start the machine once";
    assert!(why.contains(expected), "{why}");

    let journal = SqliteJournal::open(&path).unwrap();
    let id = stream("run/1/a");
    assert_eq!(block_on(journal.read(&id, 0)), Ok(records));
    assert_eq!(block_on(journal.snapshot(&id)), Ok(None));
    assert_eq!(block_on(journal.check_file()), Ok(vec![]));
    assert_eq!(findings(&journal), [""; 0]);
    drop(journal);
    assert!(SqliteJournal::open_read_only(&path).is_ok());
}
