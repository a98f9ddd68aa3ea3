#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::lines::Lines;

fn lines(work: impl FnOnce()) -> Vec<Value> {
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = written.clone();
    let layer = Lines::new("f", move |line: &str| {
        sink.lock()
            .unwrap()
            .push(serde_json::from_str(line).unwrap());
    });
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, work);
    written.lock().unwrap().clone()
}

fn batch(sent: &[i64]) -> SqsEvent {
    let record = |sent: &i64| json!({"messageId": "m", "body": "", "attributes": {"SentTimestamp": sent.to_string()}});
    let records: Vec<Value> = sent.iter().map(record).collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

#[test]
fn the_oldest_doorbell_is_counted_once_it_is_old() {
    let now = 1_000_000;
    assert!(lines(|| note_age(&batch(&[now - 1, now - 59_999]), now)).is_empty());
    assert!(lines(|| note_age(&SqsEvent::default(), now)).is_empty());
    let old = lines(|| note_age(&batch(&[now - 1, now - 60_000]), now));
    assert_eq!(old.len(), 1);
    assert_eq!(old[0]["OldestDoorbellMilliseconds"], 60_000);
}

#[test]
fn answers_that_say_we_failed_are_counted_and_refusals_are_not() {
    let answer = |status: u16| {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = lambda_http::http::StatusCode::from_u16(status).unwrap();
        lines(|| count(&response))
    };
    assert!(answer(202).is_empty() && answer(401).is_empty());
    assert_eq!(answer(503)[0]["CallsFailed"], 1);
}

#[test]
fn a_call_that_fails_says_so_and_is_an_error() {
    let failed = lines(|| {
        let handler =
            |_: Event, _: String| async { Err(Fault::Unavailable("SQS is away".to_owned())) };
        let outcome =
            testkit::yielding::block_on(one(&handler, r#"{"sweep": true}"#, "c".to_owned()));
        assert_eq!(outcome.unwrap_err().to_string(), "SQS is away");
    });
    assert_eq!((failed.len(), &failed[0]["CallsFailed"]), (1, &json!(1)));
    let handler = |_: Event, call: String| async move {
        assert_eq!(call, "c");
        Ok(Answer::Done)
    };
    let done = testkit::yielding::block_on(one(&handler, r#"{"sweep": true}"#, "c".to_owned()));
    assert_eq!(done.unwrap(), Value::Null);
}

#[test]
fn lines_name_the_trace_of_a_call_that_is_followed_and_of_no_other() {
    let line = |trace| lines(|| span("r1", trace).in_scope(|| tracing::info!("done")));
    let root = "1-5759e988-bd862e3fe1be46a994272793";
    let followed = format!("Root={root};Parent=53995c3f42cd8ad8;Sampled=1");
    assert_eq!(line(Some(&followed))[0]["trace"], root);
    let other = followed.replace("Sampled=1", "Sampled=0");
    for silent in [None, Some(""), Some(other.as_str()), Some("Sampled=1")] {
        let written = line(silent);
        assert!(written[0].get("trace").is_none(), "{written:?}");
        assert_eq!(written[0]["request"], "r1");
    }
}
