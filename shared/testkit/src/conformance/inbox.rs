//! Purpose: checks of the inbox.

use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Accepted, Appended, Delivery, Head, Inbox, Journal, Position};
use futures::future::join_all;

use super::{add, due_at, idle, record, time};

/// A push that came in at 1,000 ms.
pub fn delivery(guid: &str) -> Delivery {
    Delivery {
        guid: guid.to_owned(),
        event: "push".to_owned(),
        body: "{\"ref\":\"refs/heads/main\"}".to_owned(),
        at_ms: 1_000,
    }
}

pub async fn accepts_once_and_is_due_at_once(journal: &dyn Journal, inbox: &dyn Inbox) {
    let sent = delivery("guid-1");
    assert_eq!(inbox.accept(&sent).await, Ok(Accepted::New));
    assert_eq!(inbox.accept(&sent).await, Ok(Accepted::Duplicate));
    let id = StreamId::delivery("guid-1");
    let head = Head {
        stream: id.clone(),
        number: 0,
        hash: Digest::new("0".repeat(64)),
        due: Some(time(1_000)),
        ended: false,
        summary: serde_json::Value::Null,
        failures: 0,
        quarantine: None,
        created_ms: 1_000,
        updated_ms: 1_000,
    };
    assert_eq!(journal.head(&id).await, Ok(Some(head.clone())));
    assert_eq!(journal.due(time(999), 10).await, Ok(vec![]));
    assert_eq!(journal.due(time(1_000), 10).await, Ok(vec![head]));
    assert_eq!(inbox.delivery("guid-1").await, Ok(Some(sent)));
}

pub async fn duplicate_changes_nothing(journal: &dyn Journal, inbox: &dyn Inbox) {
    let sent = delivery("guid-1");
    assert_eq!(inbox.accept(&sent).await, Ok(Accepted::New));
    let id = StreamId::delivery("guid-1");
    journal.reschedule(&id, 0, None, 2).await.unwrap();
    let head = journal.head(&id).await;
    let again = Delivery {
        event: "ping".to_owned(),
        body: "other".to_owned(),
        at_ms: 9_000,
        ..sent.clone()
    };
    assert_eq!(inbox.accept(&again).await, Ok(Accepted::Duplicate));
    assert_eq!(journal.head(&id).await, head);
    assert_eq!(inbox.delivery("guid-1").await, Ok(Some(sent)));
}

pub async fn racing_deliveries_are_accepted_once(journal: &dyn Journal, inbox: &dyn Inbox) {
    let sent = delivery("guid-1");
    let answers = join_all((0..24).map(|_| inbox.accept(&sent))).await;
    let new = answers.iter().filter(|a| **a == Ok(Accepted::New)).count();
    let duplicate = answers
        .iter()
        .filter(|a| **a == Ok(Accepted::Duplicate))
        .count();
    assert_eq!((new, duplicate), (1, 23));
    assert_eq!(journal.heads("delivery/", None, 10).await.unwrap().len(), 1);
}

pub async fn planning_starts_at_commit_one(journal: &dyn Journal, inbox: &dyn Inbox) {
    let sent = delivery("guid-1");
    inbox.accept(&sent).await.unwrap();
    let id = StreamId::delivery("guid-1");
    let beginning = Position::after(&journal.read(&id, 0).await.unwrap());
    assert_eq!(beginning.number(), 0);
    let planned = record(&id, &beginning, "c1", 2_000, "{}");
    for _ in 0..2 {
        let appended = journal.append(&id, &beginning, &planned, &idle()).await;
        assert_eq!(appended, Ok(Appended::Done));
    }
    let rival = record(&id, &beginning, "c2", 2_000, "{}");
    let appended = journal.append(&id, &beginning, &rival, &due_at(5)).await;
    assert_eq!(appended, Ok(Appended::Conflict));

    let head = journal.head(&id).await.unwrap().unwrap();
    assert_eq!((head.number, head.due), (1, None));
    assert_eq!((head.created_ms, head.updated_ms), (1_000, 2_000));
    assert_eq!(inbox.accept(&sent).await, Ok(Accepted::Duplicate));
    assert_eq!(inbox.delivery("guid-1").await, Ok(Some(sent)));
    add(journal, &id, "c3", 3_000, &idle()).await;
    assert_eq!(journal.read(&id, 0).await.unwrap().len(), 2);
}

pub async fn unknown_delivery_is_none(_: &dyn Journal, inbox: &dyn Inbox) {
    assert_eq!(inbox.delivery("guid-1").await, Ok(None));
}

pub async fn empty_guid_is_refused(journal: &dyn Journal, inbox: &dyn Inbox) {
    let refused = inbox.accept(&delivery("")).await;
    assert!(matches!(refused, Err(Fault::Malformed(_))), "{refused:?}");
    assert_eq!(journal.heads("", None, 10).await, Ok(vec![]));
}

pub async fn body_is_kept_to_the_byte(_: &dyn Journal, inbox: &dyn Inbox) {
    let mut sent = delivery("guid-ü'\"");
    sent.body = format!(
        "  {{ \"a\" : 1,\r\n\t\"ü\": \"🚀\\u0000\" }} {}\n",
        "x".repeat(1 << 20)
    );
    assert_eq!(inbox.accept(&sent).await, Ok(Accepted::New));
    let kept = inbox.delivery(&sent.guid).await.unwrap().unwrap();
    assert!(kept == sent, "the delivery differs from what was sent");
}
