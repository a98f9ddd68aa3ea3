//! Purpose: answers that are not whole: pages, and keys that were left out.

use std::collections::BTreeSet;

use domain::ids::Digest;
use engine::Fault;
use engine::ports::{Appended, Blobs as _, Journal as _, Position, Record};
use testkit::conformance::{add, due_at, idle, record, stream, time};

use super::counterpart::faulty::Injected;
use super::{Bench, on_bench};

async fn long(bench: &Bench, name: &str, commits: usize, bytes: usize) -> Vec<Record> {
    let id = stream(name);
    let mut written: Vec<Record> = Vec::new();
    for number in 0..commits {
        let position = Position::after(&written);
        let body = "x".repeat(bytes);
        let next = record(&id, &position, &format!("c{number}"), 1, &body);
        let answer = bench.journal.append(&id, &position, &next, &idle()).await;
        assert_eq!(answer, Ok(Appended::Done));
        written.push(next);
    }
    written
}

#[test]
fn a_long_stream_is_read_over_its_page_ends() {
    on_bench(async |bench| {
        let written = long(&bench, "run/1/large", 40, 60_000).await;
        bench.http.plan([]);
        let read = bench.journal.read(&stream("run/1/large"), 0).await.unwrap();
        assert!(read == written);
        assert_eq!(bench.http.calls(), ["Query"; 3]);
        bench.http.plan([]);
        let read = bench.journal.read(&stream("run/1/large"), 35).await;
        assert_eq!(read.unwrap().len(), 5);
        assert_eq!(bench.http.calls(), ["Query"]);
    });
}

#[test]
fn a_fault_at_a_page_end_loses_no_commit() {
    on_bench(async |bench| {
        let written = long(&bench, "run/1/large", 40, 60_000).await;
        let id = stream("run/1/large");
        bench.http.plan([Injected::Nothing, Injected::LoseReply]);
        assert!(bench.journal.read(&id, 0).await.unwrap() == written);
        assert_eq!(bench.http.calls(), ["Query"; 4]);
        bench.http.plan([
            Injected::Nothing,
            Injected::NotSent,
            Injected::NotSent,
            Injected::NotSent,
        ]);
        let read = bench.journal.read(&id, 0).await;
        assert!(
            matches!(read, Err(Fault::Unavailable(_))),
            "half a stream is none"
        );
    });
}

/// A page may be empty and not the last.
#[test]
fn an_empty_page_is_not_the_end() {
    on_bench(async |bench| {
        let written = long(&bench, "run/1/a", 3, 10).await;
        let key = r#"{"p":{"S":"run/1/a"},"n":{"N":"1"}}"#;
        let page = format!(r#"{{"Items":[],"Count":0,"LastEvaluatedKey":{key}}}"#);
        bench.http.plan([Injected::Answer(200, page)]);
        let read = bench.journal.read(&stream("run/1/a"), 0).await.unwrap();
        assert_eq!(read, written[1..]);
        assert_eq!(bench.http.calls(), ["Query"; 2]);
    });
}

#[test]
fn heads_that_were_left_out_are_asked_for_again() {
    on_bench(async |bench| {
        for name in ["lane/1/a", "lane/1/b"] {
            add(&bench.journal, &stream(name), "c1", 1, &idle()).await;
        }
        let left = format!(
            r#"{{"Responses":{{}},"UnprocessedKeys":{{"{}":{{"Keys":[{{"p":{{"S":"lane/1/a"}}}},{{"p":{{"S":"lane/1/b"}}}}]}}}}}}"#,
            bench.tables.heads
        );
        let plan = |times: usize| {
            let left = vec![Injected::Answer(200, left.clone()); times];
            [Injected::Nothing].into_iter().chain(left)
        };
        bench.http.plan(plan(2));
        let heads = bench.journal.heads("lane/1/", None, 10).await.unwrap();
        assert_eq!(heads.len(), 2);
        let calls = ["Query", "BatchGetItem", "BatchGetItem", "BatchGetItem"];
        assert_eq!(bench.http.calls(), calls);
        bench.http.plan(plan(100));
        let heads = bench.journal.heads("lane/1/", None, 10).await;
        assert!(matches!(heads, Err(Fault::Unavailable(_))), "{heads:?}");
    });
}

/// More than one batch of heads, more than one page of an index.
#[test]
fn many_heads_are_listed_and_due_exactly() {
    on_bench(async |bench| {
        let mut names = BTreeSet::new();
        for number in 0..230 {
            let name = format!("run/{}/{number:03}", number % 7);
            add(
                &bench.journal,
                &stream(&name),
                "c1",
                number,
                &due_at(number),
            )
            .await;
            names.insert(name);
        }
        bench.http.plan([]);
        let listed = bench.journal.heads("run/", None, 1_000).await.unwrap();
        let found: BTreeSet<String> = listed.iter().map(|head| head.stream.to_string()).collect();
        assert_eq!(found, names);
        let batches = bench
            .http
            .calls()
            .iter()
            .filter(|call| *call == "BatchGetItem")
            .count();
        assert_eq!(batches, 3);
        let due = bench.journal.due(time(1_000), 150).await.unwrap();
        let dues: Vec<i64> = due
            .iter()
            .map(|head| head.due.unwrap().as_millisecond())
            .collect();
        assert_eq!(dues, (0..150).collect::<Vec<i64>>());
        bench.http.plan([]);
        assert_eq!(bench.journal.due(time(-1), 10).await, Ok(vec![]));
        assert_eq!(bench.http.calls(), ["Query"; 16]);
    });
}

/// The index may be behind: what is not due any more is left out, and the next take its place.
#[test]
fn an_index_that_is_behind_is_not_believed() {
    on_bench(async |bench| {
        for (name, due) in [("run/1/a", 10), ("run/1/b", 20)] {
            add(&bench.journal, &stream(name), "c1", 1, &due_at(due)).await;
        }
        let old = r#"{"p":{"S":"run/1/gone"},"w":{"S":"w#0"},"d":{"N":"1"}}"#;
        let moved = r#"{"p":{"S":"run/1/b"},"w":{"S":"w#0"},"d":{"N":"2"}}"#;
        let page = format!(r#"{{"Items":[{old},{moved}],"Count":2}}"#);
        bench.http.plan([Injected::Answer(200, page)]);
        let due = bench.journal.due(time(15), 1).await.unwrap();
        let names: Vec<&str> = due.iter().map(|head| head.stream.as_str()).collect();
        assert_eq!(names, ["run/1/a"]);
    });
}

#[test]
fn a_payload_that_is_gone_or_changed_is_a_corrupt_commit() {
    on_bench(async |bench| {
        let written = long(&bench, "run/1/large", 2, 70_000).await;
        let id = stream("run/1/large");
        let digest = Digest::of(written[1].events[0].body.as_bytes());
        assert!(bench.blobs.get(&digest).await.unwrap().is_some());
        let elsewhere = aws::journal::DynamoJournal::new(
            &bench.config,
            bench.tables.clone(),
            std::sync::Arc::new(testkit::memory::MemoryBlobs::default()),
        );
        match elsewhere.read(&id, 1).await {
            Err(Fault::Corrupt {
                stream,
                commit,
                why,
            }) => {
                assert_eq!((stream, commit), (id, 2));
                assert!(why.contains(digest.as_str()), "{why}");
            }
            other => panic!("{other:?}"),
        }
    });
}
