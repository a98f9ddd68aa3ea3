//! Purpose: appends that meet faults.

use std::collections::BTreeSet;

use aws::client::MAX_ATTEMPTS;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Appended, Journal as _, Position};
use testkit::conformance::{add, due_at, idle, record, stream};

use super::counterpart::faulty::Injected;
use super::{Bench, on_bench};

const WRITE: &str = "TransactWriteItems";
const ATTEMPTS: usize = MAX_ATTEMPTS as usize;

fn passing() -> Vec<Injected> {
    vec![
        Injected::Nothing,
        Injected::NotSent,
        Injected::LoseReply,
        Injected::cancelled(["None", "TransactionConflict"]),
        Injected::cancelled(["ThrottlingError", "None"]),
        Injected::cancelled(["None", "ProvisionedThroughputExceeded"]),
        Injected::error("ThrottlingException"),
        Injected::error("ProvisionedThroughputExceededException"),
        Injected::error("TransactionInProgressException"),
        Injected::Answer(500, r#"{"__type":"InternalServerError"}"#.to_owned()),
    ]
}

#[test]
fn an_append_is_one_call_and_a_load_is_one() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        let first = record(&id, &start, "c1", 1, "{}");
        let answer = bench.journal.append(&id, &start, &first, &idle()).await;
        assert_eq!(answer, Ok(Appended::Done));
        assert_eq!(bench.http.calls(), [WRITE]);
        bench.http.plan([]);
        assert_eq!(bench.journal.read(&id, 0).await, Ok(vec![first]));
        assert_eq!(bench.http.calls(), ["Query"]);
    });
}

#[test]
fn every_pair_of_faults_ends_in_one_commit() {
    for one in passing() {
        on_bench(async |bench| {
            for (number, other) in passing().into_iter().enumerate() {
                let id = stream(&format!("run/1/{number}"));
                commits_once(&bench, &id, [one.clone(), other]).await;
            }
        });
    }
}

async fn commits_once(bench: &Bench, id: &StreamId, faults: [Injected; 2]) {
    let start = Position::after(&[]);
    let first = record(id, &start, "c1", 1, "{}");
    bench.http.plan(faults.clone());
    let answer = bench.journal.append(id, &start, &first, &idle()).await;
    assert_eq!(answer, Ok(Appended::Done), "{faults:?}");
    let calls = match &faults {
        [Injected::Nothing, _] => 1,
        [_, Injected::Nothing] => 2,
        _ => 3,
    };
    assert_eq!(bench.http.calls(), vec![WRITE; calls], "{faults:?}");
    let bodies = bench.http.bodies();
    let tokens = bodies.iter().map(|body| &body["ClientRequestToken"]);
    let tokens: BTreeSet<&str> = tokens.map(|token| token.as_str().unwrap()).collect();
    assert_eq!(tokens.len(), 1, "{faults:?}");
    bench.http.plan([]);
    let stored = bench.journal.read(id, 0).await.unwrap();
    assert_eq!(stored, [first], "{faults:?}");
}

#[test]
fn what_does_not_pass_is_unavailable_and_may_be_offered_again() {
    on_bench(async |bench| {
        let faults = passing().into_iter().skip(1);
        for (number, fault) in faults.enumerate() {
            let id = stream(&format!("run/1/{number}"));
            let start = Position::after(&[]);
            let first = record(&id, &start, "c1", 1, "{}");
            bench.http.plan(vec![fault.clone(); ATTEMPTS]);
            let answer = bench.journal.append(&id, &start, &first, &idle()).await;
            assert!(matches!(answer, Err(Fault::Unavailable(_))), "{answer:?}");
            assert_eq!(bench.http.calls(), vec![WRITE; ATTEMPTS], "{fault:?}");
            bench.http.plan([]);
            let answer = bench.journal.append(&id, &start, &first, &idle()).await;
            assert_eq!(answer, Ok(Appended::Done), "{fault:?}");
            assert_eq!(bench.journal.read(&id, 0).await, Ok(vec![first]));
        }
    });
}

/// DynamoDB knows a token for ten minutes; after that the condition fails, and the stored commit tells.
#[test]
fn a_lost_reply_is_known_after_its_token_is_forgotten() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        let first = record(&id, &start, "c1", 1, "{}");
        bench.http.plan([
            Injected::LoseReply,
            Injected::cancelled(["ConditionalCheckFailed", "ConditionalCheckFailed"]),
        ]);
        let answer = bench.journal.append(&id, &start, &first, &idle()).await;
        assert_eq!(answer, Ok(Appended::Done));
        assert_eq!(bench.http.calls(), [WRITE, WRITE, "GetItem"]);
        assert_eq!(bench.journal.read(&id, 0).await, Ok(vec![first]));
    });
}

#[test]
fn the_same_commit_with_another_head_is_done_and_changes_nothing() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        let first = record(&id, &start, "c1", 1, "{}");
        bench.http.plan(vec![Injected::LoseReply; ATTEMPTS]);
        let answer = bench.journal.append(&id, &start, &first, &idle()).await;
        assert!(matches!(answer, Err(Fault::Unavailable(_))), "{answer:?}");
        let head = bench.journal.head(&id).await;
        bench.http.plan([]);
        let answer = bench.journal.append(&id, &start, &first, &due_at(5)).await;
        assert_eq!(answer, Ok(Appended::Done));
        assert_eq!(bench.http.calls(), [WRITE, "GetItem"]);
        assert_eq!(bench.journal.head(&id).await, head);
    });
}

/// As when a token was seen with another head whose transaction is not there: nothing is known, so nothing is said.
#[test]
fn a_token_of_another_request_without_a_commit_is_no_answer() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        let first = record(&id, &start, "c1", 1, "{}");
        bench
            .http
            .plan([Injected::error("IdempotentParameterMismatchException")]);
        let answer = bench.journal.append(&id, &start, &first, &idle()).await;
        assert!(matches!(answer, Err(Fault::Unavailable(_))), "{answer:?}");
        assert_eq!(bench.http.calls(), [WRITE, "GetItem"]);
    });
}

#[test]
fn a_conflict_is_one_more_read() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        add(&bench.journal, &id, "c1", 1, &idle()).await;
        let late = record(&id, &start, "late", 1, "{}");
        bench.http.plan([]);
        let answer = bench.journal.append(&id, &start, &late, &idle()).await;
        assert_eq!(answer, Ok(Appended::Conflict));
        assert_eq!(bench.http.calls(), [WRITE, "GetItem"]);
        // A condition that failed outweighs another transaction that was in the way.
        bench.http.plan([Injected::cancelled([
            "ConditionalCheckFailed",
            "TransactionConflict",
        ])]);
        let answer = bench.journal.append(&id, &start, &late, &idle()).await;
        assert_eq!(answer, Ok(Appended::Conflict));
        assert_eq!(bench.http.calls(), [WRITE, "GetItem"]);
    });
}

#[test]
fn what_is_refused_for_good_is_not_tried_again() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        let first = record(&id, &start, "c1", 1, "{}");
        for refusal in [
            Injected::cancelled(["ValidationError", "None"]),
            Injected::error("ValidationException"),
        ] {
            bench.http.plan([refusal]);
            let answer = bench.journal.append(&id, &start, &first, &idle()).await;
            assert!(matches!(answer, Err(Fault::Malformed(_))), "{answer:?}");
            assert_eq!(bench.http.calls(), [WRITE]);
        }
        bench.http.plan([Injected::error("AccessDeniedException")]);
        let answer = bench.journal.append(&id, &start, &first, &idle()).await;
        assert!(answer.unwrap_err().is_transient());
        bench.http.plan([]);
        let long = stream(&format!("change/1/{}", "x".repeat(1_000)));
        let first = record(&long, &start, "c1", 1, "{}");
        let answer = bench.journal.append(&long, &start, &first, &idle()).await;
        assert!(matches!(answer, Err(Fault::Malformed(_))), "{answer:?}");
        let mut wordy = idle();
        wordy.summary = serde_json::json!("x".repeat(100_000));
        let first = record(&id, &start, "c1", 1, "{}");
        let answer = bench.journal.append(&id, &start, &first, &wordy).await;
        assert!(matches!(answer, Err(Fault::Malformed(_))), "{answer:?}");
        assert_eq!(bench.http.calls(), [""; 0]);
    });
}

#[test]
fn a_head_that_moves_meets_faults_too() {
    on_bench(async |bench| {
        let id = stream("run/1/a");
        add(&bench.journal, &id, "c1", 1, &idle()).await;
        for fault in [
            Injected::LoseReply,
            Injected::NotSent,
            Injected::error("TransactionConflictException"),
            Injected::error("ThrottlingException"),
        ] {
            bench.http.plan([fault.clone()]);
            let due = due_at(9).due;
            let moved = bench.journal.reschedule(&id, 1, due, 2).await;
            assert_eq!(moved, Ok(()), "{fault:?}");
            assert_eq!(bench.http.calls(), ["UpdateItem"; 2], "{fault:?}");
            let head = bench.journal.head(&id).await.unwrap().unwrap();
            assert_eq!((head.due, head.failures), (due, 2));
            bench.journal.reschedule(&id, 1, None, 0).await.unwrap();
        }
    });
}
