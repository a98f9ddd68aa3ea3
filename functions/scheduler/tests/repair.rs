//! Deliveries that did not arrive, found in GitHub's own list: the real client over HTTP against a GitHub that counts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::sync::{Arc, Mutex};

use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Clock, Delivery, Doorbell, Doorbells, Function, Inbox as _};
use fake_github::{App, FakeGitHub, Route, TEST_KEY, Trouble};
use github_api::{GitHub, PemSigner};
use jiff::Timestamp;
use scheduler::repair::{Deps, MAX_PAGES, Repaired, repair};
use serde_json::{Value, json};
use testkit::memory::MemoryJournal;

struct RealTime;

impl Clock for RealTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Which doorbells rang.
#[derive(Default)]
struct Bells(Mutex<Vec<(Function, StreamId)>>);

#[async_trait::async_trait]
impl Doorbells for Bells {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        let rung = (function, doorbell.stream.clone());
        self.0.lock().unwrap().push(rung);
        Ok(())
    }
}

struct World {
    fake: FakeGitHub,
    github: GitHub,
    journal: MemoryJournal,
    bells: Bells,
}

impl World {
    async fn new() -> Self {
        let fake = FakeGitHub::start(&App::test()).unwrap();
        let signer = Arc::new(PemSigner::new(TEST_KEY).unwrap());
        let github = GitHub::new(fake.api(), App::test().id, signer, Arc::new(RealTime));
        Self {
            github: github.await.unwrap(),
            fake,
            journal: MemoryJournal::default(),
            bells: Bells::default(),
        }
    }

    fn deps(&self) -> Deps<'_> {
        Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: &RealTime,
            doorbells: &self.bells,
            log: &self.github,
        }
    }

    async fn repair(&self) -> Result<Repaired, Fault> {
        repair(&self.deps()).await
    }

    /// Whether the delivery is ours.
    async fn delivery(&self, guid: &str) -> Option<Delivery> {
        self.journal.delivery(guid).await.unwrap()
    }

    fn rung(&self) -> Vec<String> {
        let rung = self.bells.0.lock().unwrap();
        let shown = rung
            .iter()
            .map(|(function, stream)| format!("{} {stream}", function.name()));
        shown.collect()
    }

    /// Calls of the list, and of single deliveries.
    fn calls(&self) -> (u64, u64) {
        (
            self.fake.calls(Route::Deliveries),
            self.fake.calls(Route::Delivery),
        )
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

fn push(n: u64) -> Value {
    json!({
        "ref": "refs/heads/main", "before": "0".repeat(40), "after": format!("{n:040x}"),
        "repository": { "id": 42 }, "sender": { "id": 7 },
    })
}

fn done(looked_at: usize, fetched: usize) -> Repaired {
    Repaired {
        looked_at,
        fetched,
        ..Repaired::default()
    }
}

#[tokio::test]
async fn where_nothing_is_missing_one_call_says_so() {
    let world = World::new().await;
    assert_eq!(world.repair().await, Ok(done(0, 0)));
    world.fake.deliver("g1", "push", push(1), 202, MINUTE);
    assert_eq!(world.repair().await, Ok(done(1, 0)));
    assert_eq!(world.calls(), (2, 0));
    assert!(world.rung().is_empty());
}

#[tokio::test]
async fn sec_42_a_delivery_that_did_not_arrive_is_fetched_once() {
    for status in [0, 413, 429, 500, 502, 504] {
        let world = World::new().await;
        world.fake.deliver("g1", "push", push(1), status, MINUTE);
        assert_eq!(world.repair().await, Ok(done(1, 1)), "{status}");
        let delivery = world.delivery("g1").await.unwrap();
        let body: Value = serde_json::from_str(&delivery.body).unwrap();
        assert_eq!((delivery.event.as_str(), body), ("push", push(1)));
        assert_eq!(world.rung(), ["planner delivery/g1"]);
        assert_eq!(world.repair().await, Ok(done(1, 0)));
        assert_eq!(world.calls(), (2, 1));
    }
}

/// The answer was lost and not the delivery.
#[tokio::test]
async fn what_is_here_already_is_not_fetched() {
    let world = World::new().await;
    world.fake.deliver("g1", "push", push(1), 504, MINUTE);
    let here = Delivery {
        guid: "g1".to_owned(),
        event: "push".to_owned(),
        body: push(1).to_string(),
        at_ms: 1,
    };
    world.journal.accept(&here).await.unwrap();
    assert_eq!(world.repair().await, Ok(done(1, 0)));
    assert_eq!(world.calls(), (1, 0));
}

#[tokio::test]
async fn another_attempt_that_arrived_settles_a_delivery() {
    let world = World::new().await;
    world.fake.deliver("g1", "push", push(1), 502, 3 * MINUTE);
    world.fake.deliver("g1", "push", push(1), 202, 2 * MINUTE);
    world.fake.deliver("g2", "push", push(2), 202, 2 * MINUTE);
    world.fake.deliver("g2", "push", push(2), 502, MINUTE);
    assert_eq!(world.repair().await, Ok(done(4, 0)));
    // Two attempts that failed are one delivery.
    world.fake.deliver("g3", "push", push(3), 502, MINUTE);
    world.fake.deliver("g3", "push", push(3), 502, MINUTE);
    assert_eq!(world.repair().await, Ok(done(6, 1)));
    assert_eq!(world.calls(), (2, 1));
}

#[tokio::test]
async fn events_that_nothing_follows_from_are_left_alone() {
    let world = World::new().await;
    world.fake.deliver("g1", "star", json!({}), 502, MINUTE);
    assert_eq!(world.repair().await, Ok(done(1, 0)));
    assert_eq!(world.delivery("g1").await, None);
    assert_eq!(world.calls(), (1, 0));
}

#[tokio::test]
async fn a_delivery_without_a_body_is_asked_for_once_more() {
    let world = World::new().await;
    world.fake.deliver("g1", "push", Value::Null, 413, MINUTE);
    let expected = Repaired {
        looked_at: 1,
        redelivered: 1,
        ..Repaired::default()
    };
    assert_eq!(world.repair().await, Ok(expected));
    assert_eq!(world.fake.redelivered(), ["g1"]);
    assert_eq!(world.delivery("g1").await, None);
}

#[tokio::test]
async fn a_body_that_is_not_understood_is_told_and_stops_nothing() {
    let world = World::new().await;
    world.fake.deliver("g1", "push", push(1), 502, 2 * MINUTE);
    world
        .fake
        .deliver("g2", "push", json!({"ref": 1}), 400, MINUTE);
    let expected = Repaired {
        looked_at: 2,
        fetched: 1,
        unreadable: 1,
        ..Repaired::default()
    };
    assert_eq!(world.repair().await, Ok(expected));
    assert_eq!(world.delivery("g2").await, None);
}

/// Everything was refused for an hour; before that, days of peace.
#[tokio::test]
async fn sec_42_a_long_outage_is_repaired_to_its_beginning_and_no_further() {
    let world = World::new().await;
    for n in 0..300 {
        world
            .fake
            .deliver(&format!("old{n}"), "push", push(n), 202, 8 * HOUR);
    }
    for n in 0..250 {
        world
            .fake
            .deliver(&format!("out{n}"), "push", push(n), 503, HOUR);
    }
    assert_eq!(world.repair().await, Ok(done(400, 250)));
    assert_eq!(world.calls(), (4, 250));
    // All of it is here: one page would do, but what is younger than six hours is read.
    assert_eq!(world.repair().await, Ok(done(300, 0)));
    assert_eq!(world.calls(), (7, 250));
}

/// It ended seven hours ago, and nobody looked since.
#[tokio::test]
async fn an_outage_is_followed_back_beyond_the_usual_look() {
    let world = World::new().await;
    for n in 0..150 {
        world
            .fake
            .deliver(&format!("out{n}"), "push", push(n), 503, 7 * HOUR);
    }
    assert_eq!(world.repair().await, Ok(done(150, 150)));
}

#[tokio::test]
async fn a_look_is_bounded() {
    let world = World::new().await;
    for n in 0..(MAX_PAGES as u64 + 1) * 100 {
        world
            .fake
            .deliver(&format!("g{n}"), "star", json!({}), 202, MINUTE);
    }
    assert_eq!(world.repair().await, Ok(done(MAX_PAGES * 100, 0)));
}

/// GitHub goes away in the middle: what was fetched stays, and the next look goes on.
#[tokio::test]
async fn a_look_that_breaks_off_is_gone_on_with() {
    let world = World::new().await;
    for n in 0..20 {
        world
            .fake
            .deliver(&format!("g{n}"), "push", push(n), 503, MINUTE);
    }
    world
        .fake
        .trouble(Route::Deliveries, [Trouble::Status(502)]);
    let away = world.repair().await;
    assert!(matches!(away, Err(Fault::Unavailable(_))), "{away:?}");
    for _ in 0..4 {
        world.fake.trouble(Route::Delivery, [Trouble::Status(502)]);
        let away = world.repair().await;
        assert!(matches!(away, Err(Fault::Unavailable(_))), "{away:?}");
    }
    assert_eq!(world.repair().await, Ok(done(20, 20)));
    assert_eq!(world.rung().len(), 20);
}
