use domain::run::{Event, Outcome};
use jiff::Timestamp;

use super::*;

#[test]
fn an_event_comes_back_as_it_was_stored() {
    let event = Event::RunFinished {
        outcome: Outcome::Failed,
        headline: "tests/cart.rs:4 \"quoted\" {braces}\": ü".to_owned(),
        at: Timestamp::UNIX_EPOCH,
    };
    let stored = encode(&event).unwrap();
    assert_eq!(stored.kind, "RunFinished");
    assert!(stored.body.starts_with("{\"outcome\":\"failed\""));
    assert_eq!(decode::<Event>(&stored).unwrap(), event);

    let empty = encode(&Event::TurnTaken {}).unwrap();
    assert_eq!(
        (empty.kind.as_str(), empty.body.as_str()),
        ("TurnTaken", "{}")
    );
    assert_eq!(decode::<Event>(&empty).unwrap(), Event::TurnTaken {});
}

#[test]
fn what_is_not_known_is_an_error() {
    let mut stored = encode(&Event::TurnTaken {}).unwrap();
    stored.kind = "TurnStolen".to_owned();
    assert!(
        decode::<Event>(&stored)
            .unwrap_err()
            .to_string()
            .contains("TurnStolen")
    );

    stored.kind = "TurnTaken".to_owned();
    stored.version = VERSION + 1;
    assert!(matches!(
        decode::<Event>(&stored),
        Err(CodecError::NewerVersion { .. })
    ));

    stored.version = VERSION;
    stored.body = "{} {}".to_owned();
    assert!(matches!(
        decode::<Event>(&stored),
        Err(CodecError::Unreadable { .. })
    ));
}
