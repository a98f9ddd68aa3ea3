#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use engine::ports::{Position, StoredEvent};
use jiff::Timestamp;

use super::*;

fn record(body: &str) -> Record {
    Record {
        number: 1,
        id: "c".repeat(32),
        previous: Position::after(&[]).hash().clone(),
        hash: Digest::new("0".repeat(64)),
        at_ms: 1_772_355_600_000,
        actor: "function:builder".to_owned(),
        cause: "call-1".to_owned(),
        events: vec![StoredEvent {
            kind: "Noted".to_owned(),
            version: 1,
            body: body.to_owned(),
        }],
    }
}

fn stream() -> StreamId {
    StreamId::parse("run/12/abc").unwrap()
}

#[test]
fn a_commit_is_as_long_as_its_names_and_values() {
    // p n c h x t a k e: names of one byte each, and what is in them.
    let names = 9;
    let values = 10 + 2 + 32 + 64 + 64 + 8 + 16 + 6;
    // The list, its element, the map with its three elements y, v and b.
    let events = 3 + 1 + 3 + 3 + (1 + 5) + (1 + 2) + (1 + 2);
    let bytes = of_commit(&stream(), &record("{}")).unwrap();
    assert_eq!(bytes, names + values + events);
    let longer = of_commit(&stream(), &record(&"x".repeat(102))).unwrap();
    assert_eq!(longer, bytes + 100);
}

#[test]
fn what_lies_elsewhere_is_not_in_the_item() {
    let bytes = of_commit(&stream(), &record(&"x".repeat(MAX_INLINE_BYTES + 1))).unwrap();
    assert!(bytes < 1_000, "{bytes}");
}

#[test]
fn a_head_keeps_the_body_of_its_delivery_and_loses_its_time() {
    let delivery = Delivery {
        guid: "g".to_owned(),
        event: "push".to_owned(),
        body: "b".repeat(7_000),
        at_ms: 1_772_355_600_000,
    };
    let stream = StreamId::delivery("g");
    let update = |due| HeadUpdate {
        due,
        ended: due.is_none(),
        summary: serde_json::json!({}),
        snapshot: None,
    };
    let record = record("{}");
    let accepted = of_accepted(&stream, &delivery);
    assert!(accepted > 7_000, "{accepted}");
    let due = of_head(
        &stream,
        &record,
        &update(Some(Timestamp::UNIX_EPOCH)),
        Some(&delivery),
    );
    let ended = of_head(&stream, &record, &update(None), Some(&delivery));
    // `w` and `d`, of one byte each, and `w#5` and one digit in them.
    assert_eq!(due - ended, 2 + 3 + 2);
    let alone = of_head(&stream, &record, &update(None), None);
    assert!(ended - alone > 7_000, "{ended} {alone}");
}
