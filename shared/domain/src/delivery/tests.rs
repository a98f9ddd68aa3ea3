//! Purpose: stories of a delivery.

use std::collections::BTreeMap;

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

fn wanted() -> Delivery {
    let command = Command::Reply {
        answer: Answer::Answered {
            text: "done".to_owned(),
        },
        reply: Reply {
            repository: RepositoryId(7),
            thread: 5,
            comment: Some(77),
            reaction: Reaction::ThumbsUp,
            body: None,
        },
    };
    given(Delivery::default(), Timestamp::UNIX_EPOCH, &command)
}

fn given(delivery: Delivery, at: Timestamp, command: &Command) -> Delivery {
    let events = delivery.decide(at, command).unwrap();
    events.iter().fold(delivery, Delivery::evolve)
}

#[test]
fn whoever_asked_is_answered_once_by_the_call_that_said_so() {
    let at = Timestamp::UNIX_EPOCH;
    let delivery = wanted();
    assert!(!delivery.is_ended());
    assert_eq!(delivery.outstanding(at), [Effect::IntendReply]);
    let intend = |call: &str| Command::IntendReply {
        call: call.to_owned(),
    };
    let delivery = given(delivery, at, &intend("a"));
    assert_eq!(delivery.outstanding(at), [Effect::Reply(1)]);
    assert_eq!(delivery.decide(at, &intend("b")), Ok(vec![]));
    let late = delivery.decide(at, &Command::Replied { number: 2 });
    assert_eq!(late, Err(Rejection::Overtaken(Overtaken(2))));
    let delivery = given(delivery, at, &Command::Replied { number: 1 });
    assert!(delivery.is_ended() && delivery.outstanding(at).is_empty());
    assert_eq!(delivery.reply_end, Some(ReplyEnd::Given));
}

#[test]
fn nobody_is_answered_a_day_later() {
    let delivery = wanted();
    let day = later(Timestamp::UNIX_EPOCH, REPLY_SECONDS);
    assert_eq!(delivery.wake_at(Timestamp::UNIX_EPOCH), Some(day));
    let events = delivery.advance(day);
    assert_eq!(events.len(), 1);
    let delivery = events.iter().fold(delivery, Delivery::evolve);
    assert!(delivery.is_ended() && delivery.wake_at(day).is_none());
}

#[test]
fn what_decides_is_left_to_the_approval_function_once() {
    let at = Timestamp::UNIX_EPOCH;
    let pass = |run: &str| {
        Command::PassOn(Passed {
            said: BTreeMap::from([(1, Said::done())]),
            decisions: BTreeMap::from([(2, RunId::new(run))]),
        })
    };
    let delivery = given(Delivery::default(), at, &pass("r1"));
    assert_eq!(delivery.outstanding(at), [Effect::Decide]);
    assert!(!delivery.is_ended());
    // Whoever planned it as well comes too late: the run that is meant stays the one that was looked up first.
    assert_eq!(delivery.decide(at, &pass("r2")), Ok(vec![]));

    let reply = wanted().reply.unwrap();
    let answer = Answer::Answered {
        text: "done".to_owned(),
    };
    let delivery = given(delivery, at, &Command::Reply { answer, reply });
    assert_eq!(delivery.outstanding(at), [Effect::IntendReply]);
    assert_eq!(delivery.decide(at, &pass("r1")), Ok(vec![]));
}
