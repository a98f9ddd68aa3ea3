//! The payloads that GitHub's users have collected, <https://github.com/octokit/webhooks>: each is signed, checked and read.
//!
//! `corpus.txt` says what each comes to; `UPDATE_EXPECT=1 cargo test -p github --test corpus` writes it anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::expect_file;
use github::{Notice, PayloadError, Secrets, SignatureError, notice};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

const SECRET: &[u8] = b"the secret of a test, long enough";
/// What version 7.6.1 has.
const EVENTS: usize = 58;
const PAYLOADS: usize = 329;

#[derive(Deserialize)]
struct Event {
    name: String,
    examples: Vec<serde_json::Value>,
}

#[allow(
    clippy::disallowed_methods,
    reason = "this test's input is a file outside the tree"
)]
fn corpus() -> Option<Vec<Event>> {
    let file = testbed::or_skip(testbed::webhook_examples())?;
    let text = std::fs::read_to_string(file).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// Signed without the code under test.
fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A delivery as it comes in: the bytes are believed first, then read.
fn received(event: &str, body: &[u8]) -> Result<Notice, PayloadError> {
    let secrets = Secrets::new(vec![SECRET.to_vec()]).unwrap();
    assert_eq!(secrets.verify(body, Some(&signature(body))), Ok(()));
    let mut forged = body.to_vec();
    forged.push(b' ');
    let verdict = secrets.verify(&forged, Some(&signature(body)));
    assert_eq!(verdict, Err(SignatureError::Wrong));
    notice(event, std::str::from_utf8(body).unwrap())
}

#[test]
fn every_payload_that_github_sends_is_read() {
    let Some(events) = corpus() else { return };
    assert_eq!(events.len(), EVENTS);
    let payloads: usize = events.iter().map(|event| event.examples.len()).sum();
    assert_eq!(payloads, PAYLOADS);
    // Event and action, then what it comes to, and how often.
    let mut table: BTreeMap<(String, String), BTreeMap<String, usize>> = BTreeMap::new();
    for event in &events {
        for example in &event.examples {
            let body = serde_json::to_vec(example).unwrap();
            let said = match received(&event.name, &body) {
                Ok(Notice::Ignored { reason }) => format!("ignored: {reason}"),
                Ok(notice) => format!("{notice:?}"),
                Err(error) => panic!("{}: {error}\n{example}", event.name),
            };
            let action = example["action"].as_str().unwrap_or("-").to_owned();
            let row = table.entry((event.name.clone(), action)).or_default();
            *row.entry(said).or_default() += 1;
        }
    }
    let mut text = String::new();
    for ((event, action), row) in &table {
        writeln!(text, "{event} {action}").unwrap();
        for (said, count) in row {
            writeln!(text, "    {count} x {said}").unwrap();
        }
    }
    expect_file!["corpus.txt"].assert_eq(&text);
}

/// A header is not signed: whoever replays a body under another event's name gets no panic, and no notice of a kind that the
/// body is not.
#[test]
fn sec_21_a_payload_under_another_name_is_no_panic() {
    let Some(events) = corpus() else { return };
    let handled = [
        "push",
        "pull_request",
        "issue_comment",
        "check_run",
        "check_suite",
        "merge_group",
    ];
    let mut read = 0;
    for event in &events {
        for example in &event.examples {
            let body = serde_json::to_string(example).unwrap();
            for name in handled.into_iter().filter(|name| *name != event.name) {
                let outcome = notice(name, &body);
                let believed =
                    matches!(&outcome, Ok(said) if !matches!(said, Notice::Ignored { .. }));
                assert!(!believed, "{} under {name}: {outcome:?}", event.name);
                read += 1;
            }
        }
    }
    assert!(read > PAYLOADS * 5, "{read}");
}
