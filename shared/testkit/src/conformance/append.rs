//! Purpose: checks of reading and appending.

use domain::ids::Digest;
use engine::ports::{Appended, Inbox, Journal, Position, Record, StoredEvent};
use engine::{Fault, audit, chain};
use futures::future::join_all;

use super::{add, end, idle, record, stream};

/// How many race each other.
const RACERS: usize = 24;

pub async fn empty_stream_reads_empty(journal: &dyn Journal, _: &dyn Inbox) {
    assert_eq!(journal.read(&stream("run/1/a"), 0).await, Ok(vec![]));
    assert_eq!(journal.read(&stream("run/1/a"), 5).await, Ok(vec![]));
}

pub async fn numbers_are_contiguous_and_hashes_chain(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    for n in 1..=20 {
        add(journal, &id, &format!("c{n}"), n, &idle()).await;
    }
    let records = journal.read(&id, 0).await.unwrap();
    let numbers: Vec<u64> = records.iter().map(|r| r.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<u64>>());
    assert_eq!(chain::verify(&id, &Position::after(&[]), &records), Ok(()));
}

pub async fn read_gives_what_comes_after(journal: &dyn Journal, _: &dyn Inbox) {
    let (one, other) = (stream("run/1/a"), stream("run/1/ab"));
    for n in 1..=4 {
        add(journal, &one, &format!("c{n}"), n, &idle()).await;
        add(journal, &other, &format!("o{n}"), n, &idle()).await;
    }
    for after in 0..=5 {
        let records = journal.read(&one, after).await.unwrap();
        let ids: Vec<&str> = records.iter().map(|r| r.id.as_str()).collect();
        let all = ["c1", "c2", "c3", "c4"];
        let skip = usize::try_from(after).unwrap().min(4);
        assert_eq!(ids, all[skip..]);
    }
}

pub async fn stored_as_it_was_written(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("change/1/main ✓ 'quote\" \\ %_*");
    let position = end(journal, &id).await;
    let mut written = record(
        &id,
        &position,
        "c1 — ü",
        -1,
        "{\"t\":\"日本語 🚀 \u{202e}\"}",
    );
    written.actor = "person:7 O'Neil; DROP TABLE journal".to_owned();
    written.cause = "line\nline\ttab".to_owned();
    written.events.push(StoredEvent {
        kind: "second".to_owned(),
        version: u16::MAX,
        body: "not JSON, kept all the same".to_owned(),
    });
    written.hash = chain::hash(&id, &written);
    let appended = journal.append(&id, &position, &written, &idle()).await;
    assert_eq!(appended, Ok(Appended::Done));
    assert_eq!(journal.read(&id, 0).await, Ok(vec![written]));
}

pub async fn large_bodies_are_kept(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/large");
    for n in 0..3 {
        let position = end(journal, &id).await;
        let body = format!("{n}").repeat(1024 * 1024);
        let written = record(&id, &position, &format!("c{n}"), n, &body);
        let appended = journal.append(&id, &position, &written, &idle()).await;
        assert_eq!(appended, Ok(Appended::Done));
        assert_eq!(
            journal.read(&id, position.number()).await,
            Ok(vec![written])
        );
    }
    assert_eq!(journal.read(&id, 0).await.unwrap().len(), 3);
}

/// More than one page of any store: 40 commits of 64 KB are above DynamoDB's 1 MB.
pub async fn many_commits_are_all_read(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/long");
    let mut written: Vec<Record> = Vec::new();
    for n in 0..40 {
        let position = Position::after(&written);
        let next = record(&id, &position, &format!("c{n}"), n, &"x".repeat(64 * 1024));
        let appended = journal.append(&id, &position, &next, &idle()).await;
        assert_eq!(appended, Ok(Appended::Done));
        written.push(next);
    }
    let read = journal.read(&id, 0).await.unwrap();
    assert_eq!(read.len(), 40);
    assert!(read == written, "the records differ from what was written");
}

pub async fn tail_gives_the_last_commits(journal: &dyn Journal, _: &dyn Inbox) {
    let (one, other) = (stream("run/1/a"), stream("run/1/ab"));
    assert_eq!(journal.tail(&one, 3).await, Ok(vec![]));
    for n in 1..=4 {
        add(journal, &one, &format!("c{n}"), n, &idle()).await;
        add(journal, &other, &format!("o{n}"), n, &idle()).await;
    }
    let all = journal.read(&one, 0).await.unwrap();
    for limit in 0..=5 {
        let records = journal.tail(&one, limit).await.unwrap();
        assert_eq!(records, all[all.len().saturating_sub(limit)..]);
    }
}

/// Thirty commits of 64 KB are above DynamoDB's page.
pub async fn tail_is_whole_beyond_a_page(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/long");
    for n in 0..34 {
        let position = end(journal, &id).await;
        let next = record(&id, &position, &format!("c{n}"), n, &"x".repeat(64 * 1024));
        let appended = journal.append(&id, &position, &next, &idle()).await;
        assert_eq!(appended, Ok(Appended::Done));
    }
    let records = journal.tail(&id, 30).await.unwrap();
    let numbers: Vec<u64> = records.iter().map(|r| r.number).collect();
    assert_eq!(numbers, (5..=34).collect::<Vec<u64>>());
}

pub async fn stale_position_conflicts(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let stale = end(journal, &id).await;
    add(journal, &id, "c1", 1, &idle()).await;
    let late = record(&id, &stale, "late", 2, "{}");
    let appended = journal.append(&id, &stale, &late, &idle()).await;
    assert_eq!(appended, Ok(Appended::Conflict));

    let stale = end(journal, &id).await;
    add(journal, &id, "c2", 3, &idle()).await;
    add(journal, &id, "c3", 4, &idle()).await;
    let late = record(&id, &stale, "late", 5, "{}");
    let appended = journal.append(&id, &stale, &late, &idle()).await;
    assert_eq!(appended, Ok(Appended::Conflict));
    assert_eq!(journal.read(&id, 0).await.unwrap().len(), 3);
}

/// A position that was read elsewhere: ahead of the stream, or of equal number and another hash.
pub async fn position_of_another_history_conflicts(journal: &dyn Journal, _: &dyn Inbox) {
    let (one, other) = (stream("run/1/a"), stream("run/1/b"));
    add(journal, &one, "c1", 1, &idle()).await;
    for n in 1..=2 {
        add(journal, &other, &format!("o{n}"), n, &idle()).await;
        let foreign = end(journal, &other).await;
        let next = record(&one, &foreign, "c2", 2, "{}");
        let appended = journal.append(&one, &foreign, &next, &idle()).await;
        assert_eq!(appended, Ok(Appended::Conflict));
    }
    let none = stream("run/1/none");
    let foreign = end(journal, &other).await;
    let next = record(&none, &foreign, "c1", 2, "{}");
    let appended = journal.append(&none, &foreign, &next, &idle()).await;
    assert_eq!(appended, Ok(Appended::Conflict));
    assert_eq!(journal.read(&one, 0).await.unwrap().len(), 1);
    assert_eq!(journal.read(&none, 0).await, Ok(vec![]));
    assert_eq!(journal.head(&none).await, Ok(None));
}

pub async fn same_record_twice_is_done_and_stored_once(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let position = end(journal, &id).await;
    let written = record(&id, &position, "c1", 1, "{}");
    for _ in 0..3 {
        let appended = journal.append(&id, &position, &written, &idle()).await;
        assert_eq!(appended, Ok(Appended::Done));
    }
    assert_eq!(journal.read(&id, 0).await, Ok(vec![written]));
}

pub async fn same_record_is_done_after_later_commits(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let position = end(journal, &id).await;
    let first = add(journal, &id, "c1", 1, &idle()).await;
    add(journal, &id, "c2", 2, &idle()).await;
    let head = journal.head(&id).await;
    let appended = journal
        .append(&id, &position, &first, &super::due_at(9))
        .await;
    assert_eq!(appended, Ok(Appended::Done));
    assert_eq!(journal.read(&id, 0).await.unwrap().len(), 2);
    assert_eq!(journal.head(&id).await, head);
}

pub async fn other_id_at_the_same_number_conflicts(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let position = end(journal, &id).await;
    let first = record(&id, &position, "c1", 1, "{}");
    let second = record(&id, &position, "c2", 1, "{}");
    let appended = journal.append(&id, &position, &first, &idle()).await;
    assert_eq!(appended, Ok(Appended::Done));
    let appended = journal.append(&id, &position, &second, &idle()).await;
    assert_eq!(appended, Ok(Appended::Conflict));
    assert_eq!(journal.read(&id, 0).await, Ok(vec![first]));
}

pub async fn racing_appends_have_one_winner(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("lane/1/production");
    for round in 0..5 {
        let position = end(journal, &id).await;
        let rivals: Vec<Record> = (0..RACERS)
            .map(|n| record(&id, &position, &format!("r{round}-{n}"), 1, "{}"))
            .collect();
        let head = idle();
        let race = rivals
            .iter()
            .map(|r| journal.append(&id, &position, r, &head));
        let answers: Vec<Appended> = join_all(race)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let won: Vec<usize> = (0..RACERS)
            .filter(|n| answers[*n] == Appended::Done)
            .collect();
        assert_eq!(won.len(), 1, "round {round}: {answers:?}");
        let records = journal.read(&id, position.number()).await.unwrap();
        assert_eq!(records, [rivals[won[0]].clone()]);
    }
}

pub async fn racing_streams_do_not_disturb_each_other(journal: &dyn Journal, _: &dyn Inbox) {
    let walk = |n: usize| async move {
        let id = stream(&format!("run/1/{n}"));
        for step in 0..5 {
            add(journal, &id, &format!("c{step}"), step, &idle()).await;
        }
    };
    join_all((0..RACERS).map(walk)).await;
    let audit = audit::verify_all(journal, "run/").await.unwrap();
    assert_eq!(audit.findings, []);
    assert_eq!(audit.total().commits, RACERS as u64 * 5);
}

pub async fn racing_retries_of_one_commit_store_it_once(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    let position = end(journal, &id).await;
    let written = record(&id, &position, "c1", 1, "{}");
    let head = idle();
    let race = (0..RACERS).map(|_| journal.append(&id, &position, &written, &head));
    for answer in join_all(race).await {
        assert_eq!(answer, Ok(Appended::Done));
    }
    assert_eq!(journal.read(&id, 0).await, Ok(vec![written]));
}

pub async fn record_that_does_not_chain_is_refused(journal: &dyn Journal, _: &dyn Inbox) {
    let id = stream("run/1/a");
    add(journal, &id, "c1", 1, &idle()).await;
    let position = end(journal, &id).await;
    let head = journal.head(&id).await;
    let edits: [fn(&mut Record); 4] = [
        |r| r.number += 1,
        |r| r.previous = Digest::of(b"another"),
        |r| r.events.clear(),
        |r| r.hash = Digest::of(b"another"),
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        let mut bad = record(&id, &position, "c2", 2, "{}");
        edit(&mut bad);
        if n < 3 {
            bad.hash = chain::hash(&id, &bad);
        }
        let refused = journal.append(&id, &position, &bad, &idle()).await;
        assert!(
            matches!(refused, Err(Fault::Malformed(_))),
            "{n}: {refused:?}"
        );
    }
    assert_eq!(journal.read(&id, 0).await.unwrap().len(), 1);
    assert_eq!(journal.head(&id).await, head);
}

pub async fn the_audit_finds_nothing(journal: &dyn Journal, inbox: &dyn Inbox) {
    for n in 0..30 {
        let id = stream(&format!("run/{n}/a"));
        for step in 0..=n % 3 {
            add(journal, &id, &format!("c{step}"), step, &idle()).await;
        }
    }
    inbox.accept(&super::inbox::delivery("g1")).await.unwrap();
    let audit = audit::verify_all(journal, "").await.unwrap();
    assert_eq!(audit.findings, []);
    let total = audit.total();
    assert_eq!((total.streams, total.commits), (31, 60));
}
