#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use engine::ports::Position;
use testkit::conformance::{record, stream};

use super::*;

fn with(lengths: &[usize]) -> Record {
    let mut made = record(&stream("run/1/a"), &Position::after(&[]), "c1", 1, "{}");
    let event = made.events.remove(0);
    let events = lengths.iter().map(|length| {
        let mut event = event.clone();
        event.body = "x".repeat(*length);
        event
    });
    made.events = events.collect();
    made
}

fn chosen(lengths: &[usize]) -> Vec<bool> {
    choose(&stream("run/1/a"), &with(lengths)).unwrap()
}

#[test]
fn a_payload_above_64_kb_goes_to_the_blob_store() {
    assert_eq!(chosen(&[0, 65_536, 65_537]), [false, false, true]);
}

#[test]
fn the_largest_go_while_the_item_is_too_large() {
    let sixty = 60_000;
    assert_eq!(chosen(&[sixty; 6]), [false; 6]);
    let mut lengths = [50_000; 9];
    lengths[4] = 50_001;
    let outside = chosen(&lengths);
    assert!(outside[4]);
    assert_eq!(outside.iter().filter(|outside| **outside).count(), 2);
}

#[test]
fn a_commit_that_fits_in_no_way_is_refused_in_words() {
    let many = with(&vec![90; 10_000]);
    let refused = choose(&stream("run/1/a"), &many).unwrap_err();
    assert!(matches!(refused, Fault::Malformed(_)));
    assert!(
        refused.to_string().contains("commit 1 of run/1/a needs"),
        "{refused}"
    );
    let mut wordy = with(&[10]);
    wordy.cause = "x".repeat(MAX_ITEM_BYTES);
    assert!(choose(&stream("run/1/a"), &wordy).is_err());
}
