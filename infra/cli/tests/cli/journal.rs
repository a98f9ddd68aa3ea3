//! Purpose: reading a journal, sound and tampered with.

use std::path::Path;

use domain::ids::{JobId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::pool::{Command, Pool, Ticket};
use domain::run::{Attempt, TaskId};
use engine::ports::{Clock, Delivery, Doorbell, Doorbells, Function, Inbox as _, Journal as _};
use engine::{Fault, Invocation};
use jiff::Timestamp;
use local::journal::SqliteJournal;
use serde_json::Value;

use super::{said, slipway};

pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }
}

pub struct Silence;

#[async_trait::async_trait]
impl Doorbells for Silence {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

/// A journal with a pool of three commits and a delivery that nobody has planned.
fn journal(dir: &Path) -> SqliteJournal {
    let data = dir.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let journal = SqliteJournal::open(&data.join("journal.sqlite")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(fill(&journal));
    journal
}

async fn fill(journal: &SqliteJournal) {
    let call = Invocation::new(journal, &Noon, &Silence, "function:scheduler", "call-1");
    let ticket = |run: &str| Ticket {
        repository: RepositoryId(7),
        run: RunId::new(run),
        attempt: Attempt {
            task: TaskId::Job(JobId::new("unit")),
            number: 1,
        },
    };
    let pool = StreamId::pool("jobs");
    for run in ["aaaa00000000", "aaab00000000"] {
        let take = Command::Take {
            capacity: 1,
            tickets: vec![ticket(run)],
        };
        call.submit::<Pool>(&pool, &take).await.unwrap();
    }
    let give = Command::Return {
        tickets: vec![ticket("aaaa00000000")],
    };
    call.submit::<Pool>(&pool, &give).await.unwrap();
    let delivery = Delivery {
        guid: "one".to_owned(),
        event: "push".to_owned(),
        body: "{}".to_owned(),
        at_ms: Noon.now().as_millisecond(),
    };
    journal.accept(&delivery).await.unwrap();
}

/// Changes a commit behind the journal's back, and leaves no other trace.
fn tamper(dir: &Path) {
    let file = dir.join("data/journal.sqlite");
    let connection = rusqlite::Connection::open(file).unwrap();
    let guard: String = connection
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'journal_no_update'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let changed = "UPDATE journal SET e = replace(e, 'aaab00000000', 'aaac00000000') WHERE p = 'pool/jobs' AND n = 2";
    connection
        .execute_batch("DROP TRIGGER journal_no_update")
        .unwrap();
    assert_eq!(connection.execute(changed, []).unwrap(), 1);
    connection.execute_batch(&guard).unwrap();
}

#[test]
fn a_sound_journal_verifies_and_is_read() {
    let dir = tempfile::tempdir().unwrap();
    drop(journal(dir.path()));
    let (code, out, err) = said(&mut slipway(dir.path(), &["journal", "verify"]));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("every hash chain holds"), "{out}");

    let (code, out, _) = said(&mut slipway(dir.path(), &["journal", "list", "--json"]));
    let streams: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((code, streams.len()), (0, 2));
    assert!(
        streams
            .iter()
            .any(|stream| stream["stream"] == "pool/jobs" && stream["commits"] == 3)
    );

    let (code, out, _) = said(&mut slipway(dir.path(), &["journal", "show", "pool/jobs"]));
    assert_eq!(code, 0);
    assert!(
        out.contains("#3  2026-03-01 12:00:00 UTC  function:scheduler"),
        "{out}"
    );

    let (code, out, _) = said(&mut slipway(dir.path(), &["journal", "export"]));
    assert_eq!((code, out.lines().count()), (0, 3), "{out}");
    let (_, raw, _) = said(&mut slipway(
        dir.path(),
        &["journal", "show", "pool/jobs", "--raw"],
    ));
    assert_eq!(raw.lines().count(), 3);
}

#[test]
fn the_state_of_any_moment_is_told() {
    let dir = tempfile::tempdir().unwrap();
    drop(journal(dir.path()));
    let at = |number: &str| {
        let (code, out, err) = said(&mut slipway(
            dir.path(),
            &["journal", "at", "pool/jobs", "--commit", number],
        ));
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    assert_eq!(at("1")["state"]["waiting"].as_array().unwrap().len(), 0);
    assert_eq!(at("2")["state"]["waiting"][0]["run"], "aaab00000000");
    assert_eq!(at("3")["state"]["holders"][0]["run"], "aaab00000000");

    let (code, _, err) = said(&mut slipway(
        dir.path(),
        &["journal", "at", "pool/jobs", "--commit", "9"],
    ));
    assert_eq!(code, 2);
    assert!(err.contains("it ends at 3"), "{err}");
    let before = [
        "journal",
        "at",
        "pool/jobs",
        "--time",
        "2020-01-01T00:00:00Z",
    ];
    let (code, _, err) = said(&mut slipway(dir.path(), &before));
    assert_eq!(code, 2);
    assert!(err.contains("did not exist"), "{err}");
    let (code, _, err) = said(&mut slipway(dir.path(), &["journal", "at", "pool/jobs"]));
    assert_eq!(code, 2, "{err}");
}

#[test]
fn the_first_bad_row_is_named() {
    let dir = tempfile::tempdir().unwrap();
    drop(journal(dir.path()));
    tamper(dir.path());
    let (code, out, _) = said(&mut slipway(dir.path(), &["journal", "verify"]));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("pool/jobs #2"), "{out}");

    let (code, out, _) = said(&mut slipway(dir.path(), &["journal", "verify", "--json"]));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &answer["sound"]), (1, &Value::from(false)));
    assert_eq!(answer["findings"][0]["stream"], "pool/jobs");
    assert_eq!(answer["findings"][0]["commit"], 2);

    let (code, _, err) = said(&mut slipway(dir.path(), &["journal", "show", "pool/jobs"]));
    assert_eq!(code, 1);
    assert!(
        err.contains("pool/jobs #2") && err.contains("journal verify"),
        "{err}"
    );

    let (code, out, _) = said(&mut slipway(dir.path(), &["doctor", "--json"]));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("pool/jobs #2"), "{out}");
}

#[test]
fn a_quarantine_is_lifted_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal(dir.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let pool = StreamId::pool("jobs");
    runtime
        .block_on(journal.quarantine(&pool, Some("failed 10 times in a row: no")))
        .unwrap();

    let (_, out, _) = said(&mut slipway(dir.path(), &["journal", "list"]));
    assert!(out.contains("quarantined: failed 10 times"), "{out}");
    let (code, out, _) = said(&mut slipway(
        dir.path(),
        &["journal", "release", "pool/jobs"],
    ));
    assert_eq!(code, 0, "{out}");
    let head = runtime.block_on(journal.head(&pool)).unwrap().unwrap();
    assert_eq!((head.quarantine, head.failures), (None, 0));

    let (code, _, err) = said(&mut slipway(
        dir.path(),
        &["journal", "release", "pool/jobs"],
    ));
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = said(&mut slipway(dir.path(), &["journal", "show", "pool/none"]));
    assert_eq!(code, 2);
    assert!(err.contains("the journal has no stream pool/none"), "{err}");
}

#[test]
fn a_file_that_is_no_journal_is_not_sound() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    std::fs::write(
        dir.path().join("data/journal.sqlite"),
        "this is no journal".repeat(100),
    )
    .unwrap();
    let (code, out, err) = said(&mut slipway(dir.path(), &["journal", "verify"]));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("journal.sqlite"), "{err}");
    let (code, out, _) = said(&mut slipway(dir.path(), &["doctor"]));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("✗ missing  journal"), "{out}");
}
