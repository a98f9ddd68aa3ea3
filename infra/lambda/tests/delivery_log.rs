//! What an accepted delivery costs in the log, counted in bytes: performance row 10.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::Fault;
use engine::ports::{Doorbell, Doorbells, Function};
use lambda::SystemClock;
use lambda::lines::{Lines, targets};
use lambda_http::{Body, Request};
use serde_json::{Value, json};
use testkit::memory::MemoryJournal;
use testkit::yielding::block_on;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

/// The bound, with the longest names that Lambda gives out.
const MAX_BYTES: usize = 400;
const REQUEST: &str = "8c2f6d1e-1b7a-4a53-9d1e-0f6a5b4c3d2e";
const GUID: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

struct Silent;

#[async_trait]
impl Doorbells for Silent {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

fn request(secrets: &github::Secrets, good: bool) -> Request {
    let zero = "0".repeat(40);
    let body = json!({
        "ref": "refs/heads/main", "before": zero, "after": "1".repeat(40), "created": false, "deleted": false, "forced": false,
        "repository": {"id": 12, "full_name": "acme/shop", "default_branch": "main"}, "sender": {"id": 1, "login": "ana"},
        "pusher": {"name": "ana"}, "head_commit": null, "commits": [], "x": "y".repeat(4096),
    })
    .to_string();
    let signature = if good {
        secrets.sign(body.as_bytes())
    } else {
        "sha256=00".to_owned()
    };
    lambda_http::http::Request::builder()
        .method("POST")
        .uri("/webhook")
        .header("content-type", "application/json")
        .header("x-github-event", "push")
        .header("x-github-delivery", GUID)
        .header("x-hub-signature-256", signature)
        .body(Body::Text(body))
        .unwrap()
}

/// Status and lines of one delivery.
fn deliver(journal: &MemoryJournal, good: bool) -> (u16, Vec<String>) {
    let secrets = github::Secrets::new(vec![b"0123456789abcdef".to_vec()]).unwrap();
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = written.clone();
    let lines = Lines::new("slipway-production-webhook", move |line: &str| {
        sink.lock().unwrap().push(line.to_owned());
    });
    let subscriber =
        tracing_subscriber::registry().with(lines.with_filter(targets(LevelFilter::INFO)));
    let status = tracing::subscriber::with_default(subscriber, || {
        let deps = webhook::Deps {
            inbox: journal,
            doorbells: &Silent,
            clock: &SystemClock,
            secrets: &secrets,
        };
        let span = tracing::info_span!(target: "lambda", "call", request = REQUEST);
        let _span = span.enter();
        block_on(webhook::handle(&deps, request(&secrets, good), REQUEST))
            .status()
            .as_u16()
    });
    let lines = written.lock().unwrap().clone();
    (status, lines)
}

#[test]
fn an_accepted_delivery_is_one_line_of_400_bytes_at_most() {
    let journal = MemoryJournal::default();
    let (status, lines) = deliver(&journal, true);
    assert_eq!((status, lines.len()), (202, 1), "{lines:?}");
    assert!(
        lines[0].len() <= MAX_BYTES,
        "{} bytes: {}",
        lines[0].len(),
        lines[0]
    );
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        (&line["request"], &line["delivery"]),
        (&json!(REQUEST), &json!(GUID))
    );
    assert_eq!(line["DeliveriesAccepted"], 1);
}

#[test]
fn duplicates_and_refusals_are_counted_apart() {
    let journal = MemoryJournal::default();
    deliver(&journal, true);
    let (status, lines) = deliver(&journal, true);
    assert_eq!((status, lines.len()), (202, 1));
    assert!(lines[0].contains(r#""DeliveriesDuplicate":1"#), "{lines:?}");
    let (status, lines) = deliver(&journal, false);
    assert_eq!((status, lines.len()), (401, 1));
    assert!(lines[0].contains(r#""DeliveriesRefused":1"#), "{lines:?}");
}
