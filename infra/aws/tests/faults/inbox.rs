//! Purpose: deliveries that meet faults.

use engine::Fault;
use engine::ports::{Accepted, Inbox as _, Journal as _};
use testkit::conformance::inbox::delivery;

use super::counterpart::faulty::Injected;
use super::on_bench;

#[test]
fn an_accepted_delivery_is_exactly_one_call() {
    on_bench(async |bench| {
        let sent = delivery("g-1");
        assert_eq!(bench.journal.accept(&sent).await, Ok(Accepted::New));
        assert_eq!(bench.http.calls(), ["PutItem"]);
        bench.http.plan([]);
        assert_eq!(bench.journal.accept(&sent).await, Ok(Accepted::Duplicate));
        assert_eq!(bench.http.calls(), ["PutItem"]);
        bench.http.plan([]);
        let mut largest = delivery("g-2");
        largest.body = "x".repeat(64 * 1024);
        assert_eq!(bench.journal.accept(&largest).await, Ok(Accepted::New));
        assert_eq!(bench.http.calls(), ["PutItem"]);
        bench.http.plan([]);
        let read = bench.journal.delivery("g-2").await;
        assert_eq!(read, Ok(Some(largest)));
        assert_eq!(bench.http.calls(), ["GetItem"]);
    });
}

#[test]
fn a_delivery_that_meets_faults_is_accepted_once_and_is_new() {
    on_bench(async |bench| {
        let faults = [
            Injected::LoseReply,
            Injected::NotSent,
            Injected::error("TransactionConflictException"),
            Injected::error("ThrottlingException"),
            Injected::error("ProvisionedThroughputExceededException"),
            Injected::Answer(503, "{}".to_owned()),
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            let sent = delivery(&format!("g-{number}"));
            bench.http.plan([fault.clone()]);
            let answer = bench.journal.accept(&sent).await;
            assert_eq!(answer, Ok(Accepted::New), "{fault:?}");
            assert_eq!(bench.http.calls(), ["PutItem"; 2], "{fault:?}");
            let again = bench.journal.accept(&sent).await;
            assert_eq!(again, Ok(Accepted::Duplicate), "{fault:?}");
        }
        let heads = bench.journal.heads("delivery/", None, 100).await.unwrap();
        assert_eq!(heads.len(), 6);
    });
}

#[test]
fn a_store_that_does_not_answer_accepts_nothing_in_name() {
    on_bench(async |bench| {
        bench.http.plan(vec![Injected::LoseReply; 3]);
        let answer = bench.journal.accept(&delivery("g-1")).await;
        assert!(matches!(answer, Err(Fault::Unavailable(_))), "{answer:?}");
        // GitHub delivers again, and finds it known: that is durable, too.
        let again = bench.journal.accept(&delivery("g-1")).await;
        assert_eq!(again, Ok(Accepted::Duplicate));
    });
}
