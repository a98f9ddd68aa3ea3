use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::Digest;
use domain::kernel::StreamId;
use futures::FutureExt as _;
use jiff::Timestamp;

use super::*;
use crate::pages::PAGE;
use crate::ports::{Appended, HeadCursor, HeadUpdate, Snapshot, StoredEvent};

/// A journal that can be read and tampered with; it never waits.
#[derive(Default)]
struct Shelf {
    heads: Vec<Head>,
    rows: BTreeMap<StreamId, Vec<Record>>,
    snapshots: BTreeMap<StreamId, Snapshot>,
    /// What `head` answers now, where that differs from what the list said.
    newer: Option<Head>,
    broken: Option<Fault>,
}

fn stream(n: u64) -> StreamId {
    StreamId::parse(&format!("run/1/{n:04}")).unwrap()
}

fn record(stream: &StreamId, before: &[Record]) -> Record {
    let position = Position::after(before);
    let number = position.number() + 1;
    let mut record = Record {
        number,
        id: format!("c{number}"),
        previous: position.hash().clone(),
        hash: Digest::new(""),
        at_ms: 1_000,
        actor: "person:7".to_owned(),
        cause: "test".to_owned(),
        events: vec![StoredEvent {
            kind: "opened".to_owned(),
            version: 1,
            body: format!("{{\"n\":{number}}}"),
        }],
    };
    record.hash = chain::hash(stream, &record);
    record
}

impl Shelf {
    fn with(streams: u64, commits: u64) -> Self {
        let mut shelf = Self::default();
        for n in 0..streams {
            shelf.add(&stream(n), commits);
        }
        shelf
    }

    fn add(&mut self, stream: &StreamId, commits: u64) {
        let mut rows = Vec::new();
        for _ in 0..commits {
            rows.push(record(stream, &rows));
        }
        let position = Position::after(&rows);
        self.heads.push(Head {
            stream: stream.clone(),
            number: position.number(),
            hash: position.hash().clone(),
            due: None,
            ended: false,
            summary: serde_json::Value::Null,
            failures: 0,
            quarantine: None,
            created_ms: 1_000,
            updated_ms: 1_000,
        });
        self.rows.insert(stream.clone(), rows);
    }

    fn rows(&mut self, n: u64) -> &mut Vec<Record> {
        self.rows.get_mut(&stream(n)).unwrap()
    }

    fn audit(&self) -> Audit {
        verify_all(self, "").now_or_never().unwrap().unwrap()
    }

    fn findings(&self) -> Vec<String> {
        self.audit()
            .findings
            .iter()
            .map(Finding::to_string)
            .collect()
    }
}

#[async_trait]
impl Journal for Shelf {
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault> {
        assert_eq!(after, 0);
        match &self.broken {
            Some(fault) => Err(fault.clone()),
            None => Ok(self.rows.get(stream).cloned().unwrap_or_default()),
        }
    }
    async fn tail(&self, _: &StreamId, _: usize) -> Result<Vec<Record>, Fault> {
        panic!("an audit reads the whole")
    }
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault> {
        Ok(self.snapshots.get(stream).cloned())
    }
    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        let listed = || self.heads.iter().find(|h| &h.stream == stream).cloned();
        Ok(self.newer.clone().or_else(listed))
    }
    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        let mut heads: Vec<Head> = self.heads.clone();
        heads.retain(|h| h.stream.as_str().starts_with(prefix));
        heads.retain(|h| cursor.is_none_or(|c| h.cursor() < *c));
        heads.sort_by_key(|h| std::cmp::Reverse(h.cursor()));
        heads.truncate(limit);
        Ok(heads)
    }
    async fn append(
        &self,
        _: &StreamId,
        _: &Position,
        _: &Record,
        _: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        panic!("an audit writes nothing")
    }
    async fn due(&self, _: Timestamp, _: usize) -> Result<Vec<Head>, Fault> {
        panic!("an audit needs no due time")
    }
    async fn reschedule(
        &self,
        _: &StreamId,
        _: u64,
        _: Option<Timestamp>,
        _: u32,
    ) -> Result<(), Fault> {
        panic!("an audit writes nothing")
    }
    async fn quarantine(&self, _: &StreamId, _: Option<&str>) -> Result<(), Fault> {
        panic!("an audit writes nothing")
    }
}

#[test]
fn a_good_journal_is_counted_over_all_pages() {
    let mut shelf = Shelf::with(2 * PAGE as u64 + 1, 3);
    shelf.add(&StreamId::delivery("d1"), 0);
    shelf.add(&StreamId::delivery("d2"), 1);
    let audit = shelf.audit();
    assert_eq!(audit.findings, []);
    let total = audit.total();
    assert_eq!(
        (total.streams, total.commits, total.events),
        (403, 1204, 1204)
    );
    assert_eq!(audit.kinds["delivery"].streams, 2);
    assert_eq!(audit.kinds["run"].commits, 1203);
}

#[test]
fn only_streams_of_the_prefix_are_walked() {
    let mut shelf = Shelf::with(2, 1);
    shelf.add(&StreamId::delivery("d1"), 0);
    let audit = verify_all(&shelf, "delivery/")
        .now_or_never()
        .unwrap()
        .unwrap();
    assert_eq!(audit.total().streams, 1);
}

#[test]
fn each_altered_field_is_found_at_its_row() {
    let edits: [fn(&mut Record); 9] = [
        |r| r.id.push('x'),
        |r| r.at_ms += 1,
        |r| r.actor = "person:8".to_owned(),
        |r| r.cause.push('x'),
        |r| r.events[0].kind.push('x'),
        |r| r.events[0].version = 2,
        |r| r.events[0].body = "{\"n\":9}".to_owned(),
        |r| r.events.push(r.events[0].clone()),
        |r| r.hash = Digest::of(b"other"),
    ];
    for edit in edits {
        let mut shelf = Shelf::with(3, 4);
        edit(&mut shelf.rows(1)[2]);
        assert_eq!(
            shelf.findings(),
            ["run/1/0001 #3: its content does not match its hash"]
        );
    }
}

#[test]
fn a_row_rewritten_with_a_right_hash_breaks_the_row_after_it() {
    let mut shelf = Shelf::with(1, 4);
    let id = stream(0);
    let row = &mut shelf.rows(0)[1];
    row.actor = "person:8".to_owned();
    row.hash = chain::hash(&id, row);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #3: it does not follow the commit before it"]
    );
}

#[test]
fn the_last_row_rewritten_with_a_right_hash_differs_from_the_head() {
    let mut shelf = Shelf::with(1, 4);
    let id = stream(0);
    let row = &mut shelf.rows(0)[3];
    row.actor = "person:8".to_owned();
    row.hash = chain::hash(&id, row);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #4: the head holds another hash than the commit it stands at"]
    );
}

#[test]
fn a_dropped_row_is_a_gap() {
    let mut shelf = Shelf::with(1, 4);
    shelf.rows(0).remove(1);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #3: commit 2 is missing before it"]
    );
    shelf = Shelf::with(1, 4);
    shelf.rows(0).remove(0);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #2: commit 1 is missing before it"]
    );
}

#[test]
fn reordered_rows_are_found_with_and_without_new_numbers() {
    let mut shelf = Shelf::with(1, 4);
    shelf.rows(0).swap(1, 2);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #3: commit 2 is missing before it"]
    );
    shelf.rows(0)[1].number = 2;
    shelf.rows(0)[2].number = 3;
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #2: it does not follow the commit before it"]
    );
}

#[test]
fn a_row_of_another_stream_does_not_fit() {
    let mut shelf = Shelf::with(2, 2);
    let foreign = shelf.rows(1)[0].clone();
    shelf.rows(0)[0] = foreign;
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #1: its content does not match its hash"]
    );
}

#[test]
fn a_truncated_tail_is_found() {
    let mut shelf = Shelf::with(1, 4);
    shelf.rows(0).truncate(2);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #3: the head stands at commit 4, but the journal ends at 2"]
    );
    shelf.rows(0).clear();
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #1: the head stands at commit 4, but there is no commit"]
    );
}

#[test]
fn a_head_without_rows_is_found_unless_it_is_a_delivery() {
    let mut shelf = Shelf::with(1, 0);
    shelf.add(&StreamId::delivery("d1"), 0);
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #1: the head has no commit at all"]
    );
}

#[test]
fn a_head_that_was_set_back_is_found() {
    let mut shelf = Shelf::with(1, 4);
    shelf.heads[0].number = 2;
    shelf.heads[0].hash = shelf.rows(0)[1].hash.clone();
    assert_eq!(
        shelf.findings(),
        ["run/1/0000 #3: the head stands at commit 2, but the journal goes on after it"]
    );
}

#[test]
fn an_append_during_the_audit_is_no_finding() {
    let mut shelf = Shelf::with(1, 4);
    shelf.newer = Some(shelf.heads[0].clone());
    shelf.heads[0].number = 2;
    shelf.heads[0].hash = shelf.rows(0)[1].hash.clone();
    assert_eq!(shelf.findings(), [""; 0]);
}

#[test]
fn each_bad_stream_is_named_once() {
    let mut shelf = Shelf::with(4, 4);
    shelf.rows(0)[0].actor.clear();
    shelf.rows(0)[2].actor.clear();
    shelf.rows(2).truncate(1);
    assert_eq!(
        shelf.findings(),
        [
            "run/1/0002 #2: the head stands at commit 4, but the journal ends at 1",
            "run/1/0000 #1: its content does not match its hash",
        ]
    );
}

#[test]
fn an_unreadable_row_is_a_finding_and_an_unreachable_store_an_error() {
    let mut shelf = Shelf::with(1, 2);
    shelf.broken = Some(Fault::Corrupt {
        stream: stream(0),
        commit: 2,
        why: "its events are not JSON".to_owned(),
    });
    assert_eq!(shelf.findings(), ["run/1/0000 #2: its events are not JSON"]);
    let away = Fault::Unavailable("the store is away".to_owned());
    shelf.broken = Some(away.clone());
    let result = verify_all(&shelf, "").now_or_never().unwrap();
    assert_eq!(result, Err(away));
}
