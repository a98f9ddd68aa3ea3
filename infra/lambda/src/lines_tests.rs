#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use tracing::field::Empty;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

/// The lines that this work writes, parsed.
fn lines(work: impl FnOnce()) -> Vec<Value> {
    let written = Arc::new(Mutex::new(String::new()));
    let sink = written.clone();
    let layer = Lines::new("slipway-webhook", move |line: &str| {
        sink.lock().unwrap().push_str(line);
    });
    let subscriber =
        tracing_subscriber::registry().with(layer.with_filter(targets(LevelFilter::INFO)));
    tracing::subscriber::with_default(subscriber, work);
    let text = written.lock().unwrap().clone();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_line_names_the_request_the_stream_and_the_commit_once_it_is_known() {
    let lines = lines(|| {
        let call = tracing::info_span!("call", request = "r-1");
        let _call = call.enter();
        let span = tracing::info_span!("doorbell", stream = %"run/12/abc", commit = Empty);
        let _span = span.enter();
        tracing::info!("before");
        tracing::Span::current().record("commit", 3u64);
        tracing::warn!(why = ?Some(1), "after");
    });
    assert_eq!(
        lines,
        [
            json!({"level": "INFO", "message": "before", "request": "r-1", "stream": "run/12/abc"}),
            json!({"level": "WARN", "message": "after", "request": "r-1", "stream": "run/12/abc", "commit": 3, "why": "Some(1)"}),
        ]
    );
}

#[test]
fn what_is_counted_is_a_metric_on_the_same_line() {
    let mut lines = lines(|| {
        tracing::error!(metric.Quarantined = 1u64, "quarantined");
        tracing::warn!(
            metric.OldestDoorbellMilliseconds = 61_000i64,
            "a doorbell waited long"
        );
    });
    for (line, (name, unit, value)) in lines.iter_mut().zip([
        ("Quarantined", "Count", 1),
        ("OldestDoorbellMilliseconds", "Milliseconds", 61_000),
    ]) {
        assert!(line["_aws"]["Timestamp"].take().as_i64().unwrap() > 0);
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"],
            json!([{"Namespace": "Slipway", "Dimensions": [["Function"]], "Metrics": [{"Name": name, "Unit": unit}]}])
        );
        assert_eq!(
            (&line[name], &line["Function"]),
            (&json!(value), &json!("slipway-webhook"))
        );
        assert!(!line.to_string().contains(METRIC), "{line}");
    }
    assert_eq!(lines.len(), 2);
}

#[test]
fn text_of_strangers_stays_in_its_line_and_has_an_end() {
    let lines = lines(|| {
        let long = "x".repeat(5 * MAX_TEXT);
        tracing::info!(title = "a\nb {\"level\":\"ERROR\"}", long, "told");
    });
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["title"], "a\nb {\"level\":\"ERROR\"}");
    assert_eq!(lines[0]["long"].as_str().unwrap().len(), MAX_TEXT);
}

#[test]
fn of_others_only_warnings_are_kept() {
    let lines = lines(|| {
        tracing::info!(target: "hyper::client", "connected");
        tracing::warn!(target: "hyper::client", "broken");
        tracing::info!(target: "engine::turn", "ours");
        tracing::debug!(target: "engine::turn", "too much");
    });
    let messages: Vec<&str> = lines
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["broken", "ours"]);
}

#[test]
fn without_a_level_what_is_counted_is_kept() {
    for (name, expected) in [
        ("", LevelFilter::INFO),
        ("INFO", LevelFilter::INFO),
        ("DEBUG", LevelFilter::DEBUG),
        ("WARN", LevelFilter::WARN),
        ("FATAL", LevelFilter::ERROR),
        ("loud", LevelFilter::INFO),
    ] {
        assert_eq!(level(name), expected, "{name}");
    }
}
