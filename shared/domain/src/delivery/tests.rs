//! Purpose: stories of a delivery.

use super::*;

#[test]
fn a_delivery_is_answered_once() {
    let at = Timestamp::UNIX_EPOCH;
    let delivery = Delivery::default();
    assert_eq!(delivery.outstanding(at), [Effect::Plan]);
    assert!(!delivery.is_ended());

    let planned = Answer::Planned {
        repository: RepositoryId(7),
        run: RunId::new("r1"),
    };
    let events = delivery
        .decide(at, &Command::Answer(planned.clone()))
        .unwrap();
    let delivery = events.iter().fold(delivery, Delivery::evolve);
    assert_eq!(delivery.answer, Some(planned));
    assert!(delivery.is_ended() && delivery.outstanding(at).is_empty());

    let other = Command::Answer(Answer::Ignored {
        reason: "too late".to_owned(),
    });
    assert_eq!(delivery.decide(at, &other), Ok(vec![]));
}
