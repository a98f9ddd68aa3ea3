//! Purpose: an update is made by one call, and tried again with growing pauses.

use super::*;

const CALL: &str = "first";

fn at(seconds: u32) -> Timestamp {
    later("2026-03-02T12:00:00Z".parse().unwrap(), seconds)
}

fn intended() -> Updates {
    let mut updates = Updates::default();
    updates.intended(1, CALL, at(0));
    updates
}

#[test]
fn only_the_call_that_intended_it_makes_it_and_only_soon() {
    let updates = intended();
    assert!(updates.is_made_by(1, CALL, at(0)));
    assert!(!updates.is_made_by(1, "second", at(0)));
    assert!(!updates.is_made_by(2, CALL, at(0)));
    assert!(!updates.is_made_by(1, CALL, at(BEGIN_SECONDS)));
}

#[test]
fn another_call_takes_over_when_the_first_is_over_for_sure_and_looks_first() {
    let mut updates = intended();
    assert!(!updates.may_intend(at(INTENT_SECONDS - 1)));
    assert!(updates.may_intend(at(INTENT_SECONDS)));
    assert!(updates.may_create());
    updates.intended(2, "second", at(INTENT_SECONDS));
    assert!(!updates.may_create());
    updates.made();
    assert_eq!(
        updates,
        Updates {
            number: 2,
            ..Updates::default()
        }
    );
}

#[test]
fn pauses_grow_to_their_limit_and_refusals_end_it() {
    let mut updates = Updates::default();
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let setback = updates.setback(at(0), Failure::Unknown);
        assert!(setback.unsure && !setback.refused && !setback.given_up);
        pauses.push(setback.until.duration_since(at(0)).as_secs());
        updates.failed(setback.until, setback.refused, setback.unsure);
    }
    assert_eq!(
        pauses,
        [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]
    );
    let mut given_up = Vec::new();
    for _ in 0..MAX_REFUSALS {
        let setback = updates.setback(at(0), Failure::Refused);
        given_up.push(setback.given_up);
        updates.failed(setback.until, setback.refused, setback.unsure);
    }
    assert_eq!(given_up, [false, false, false, false, true]);
}

#[test]
fn a_rate_limit_is_waited_out_and_leaves_nothing_behind() {
    let mut updates = intended();
    let until = at(900);
    let setback = updates.setback(at(0), Failure::Limited { until });
    assert_eq!((setback.until, setback.unsure), (until, false));
    updates.failed(setback.until, setback.refused, setback.unsure);
    assert!(updates.stand(at(899)) == Stand::Paused && updates.may_intend(until));
    assert!(updates.may_create());
}
