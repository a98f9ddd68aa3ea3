//! Purpose: faults, crashes and threads on the in-memory stores.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Waker};

use engine::ports::{Accepted, Appended, Blobs, Inbox, Journal, Position};
use engine::{Fault, audit};
use testkit::conformance::{add, due_at, idle, inbox::delivery, record, stream};
use testkit::faults::{Faults, Injected};
use testkit::memory::{MemoryBlobs, MemoryJournal};
use testkit::yielding::block_on;

/// Injects the same into every call of one name, and remembers what was asked.
struct Always {
    name: &'static str,
    injected: Mutex<Injected>,
    asked: Mutex<Vec<&'static str>>,
}

impl Always {
    fn new(name: &'static str, injected: Injected) -> Arc<Self> {
        Arc::new(Self {
            name,
            injected: Mutex::new(injected),
            asked: Mutex::default(),
        })
    }
}

impl Faults for Always {
    fn at(&self, call: &'static str) -> Injected {
        self.asked.lock().unwrap().push(call);
        match call == self.name {
            true => *self.injected.lock().unwrap(),
            false => Injected::None,
        }
    }
}

#[test]
fn a_failed_append_has_not_happened() {
    let store = MemoryJournal::new(Always::new("journal.append", Injected::FailBefore));
    let id = stream("run/1/a");
    let start = Position::after(&[]);
    let first = record(&id, &start, "c1", 1, "{}");
    let answer = block_on(store.append(&id, &start, &first, &idle()));
    assert!(matches!(answer, Err(Fault::Unavailable(_))));
    assert!(store.all_records().is_empty());
    assert!(store.all_heads().is_empty());
}

#[test]
fn a_lost_reply_has_happened_and_the_retry_is_done() {
    let faults = Always::new("journal.append", Injected::LoseReply);
    let store = MemoryJournal::new(faults.clone());
    let id = stream("run/1/a");
    let start = Position::after(&[]);
    let first = record(&id, &start, "c1", 1, "{}");
    let answer = block_on(store.append(&id, &start, &first, &idle()));
    assert!(matches!(answer, Err(Fault::Unavailable(_))));
    let stored = &store.all_records()[&id];
    assert_eq!(stored, std::slice::from_ref(&first));
    *faults.injected.lock().unwrap() = Injected::None;
    let answer = block_on(store.append(&id, &start, &first, &idle()));
    assert_eq!(answer, Ok(Appended::Done));
    assert_eq!(store.all_records()[&id], [first]);
}

#[test]
fn every_call_can_fail_and_says_its_name() {
    let faults = Always::new("none", Injected::None);
    let store = MemoryJournal::new(faults.clone());
    let blobs = MemoryBlobs::new(faults.clone());
    block_on(async {
        let id = stream("run/1/a");
        add(&store, &id, "c1", 1, &due_at(1)).await;
        store.head(&id).await.unwrap();
        store.heads("", None, 1).await.unwrap();
        store.due(jiff::Timestamp::MAX, 1).await.unwrap();
        store.reschedule(&id, 1, None, 0).await.unwrap();
        store.quarantine(&id, None).await.unwrap();
        store.accept(&delivery("g")).await.unwrap();
        store.delivery("g").await.unwrap();
        let digest = blobs.put(b"x").await.unwrap();
        blobs.get(&digest).await.unwrap();
    });
    let asked = faults.asked.lock().unwrap().clone();
    let expected = [
        "journal.read",
        "journal.append",
        "journal.head",
        "journal.heads",
        "journal.due",
        "journal.reschedule",
        "journal.quarantine",
        "inbox.accept",
        "inbox.delivery",
        "blobs.put",
        "blobs.get",
    ];
    assert_eq!(asked, expected);
}

/// Polls this often, then drops the future: a crash at that await.
fn crash_after(polls: usize, future: impl Future) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
}

#[test]
fn a_crash_falls_before_or_after_the_effect() {
    for (polls, stored) in [(0, 0), (1, 0), (2, 1)] {
        let store = MemoryJournal::default();
        let id = stream("run/1/a");
        let start = Position::after(&[]);
        let first = record(&id, &start, "c1", 1, "{}");
        crash_after(polls, store.append(&id, &start, &first, &idle()));
        assert_eq!(store.all_records().len(), stored, "after {polls} polls");

        crash_after(polls, store.accept(&delivery("g")));
        let again = block_on(store.accept(&delivery("g")));
        let expected = [Accepted::New, Accepted::Duplicate][stored];
        assert_eq!(again, Ok(expected), "after {polls} polls");
    }
}

#[test]
fn tampering_is_seen_by_the_audit() {
    let store = MemoryJournal::default();
    let id = stream("run/1/a");
    block_on(async {
        add(&store, &id, "c1", 1, &idle()).await;
        add(&store, &id, "c2", 2, &idle()).await;
    });
    store.tamper(&id, |rows| rows[0].actor = "person:8".to_owned());
    let audit = block_on(audit::verify_all(&store, "")).unwrap();
    assert_eq!(audit.findings.len(), 1);
    assert_eq!(audit.findings[0].commit, 1);
}

#[test]
fn many_threads_have_one_winner_each_round() {
    let store = MemoryJournal::default();
    let id = stream("lane/1/production");
    const THREADS: usize = 16;
    const ROUNDS: usize = 50;
    let barrier = Barrier::new(THREADS);
    let wins = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, id, barrier, wins) = (store.clone(), id.clone(), &barrier, &wins);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let rows = block_on(store.read(&id, 0)).unwrap();
                    barrier.wait();
                    let position = Position::after(&rows);
                    let name = format!("t{thread}-{round}");
                    let next = record(&id, &position, &name, 1, "{}");
                    let answer = block_on(store.append(&id, &position, &next, &idle()));
                    wins.fetch_add(usize::from(answer == Ok(Appended::Done)), Ordering::SeqCst);
                    barrier.wait();
                }
            });
        }
    });
    assert_eq!(wins.load(Ordering::SeqCst), ROUNDS);
    assert_eq!(store.all_records()[&id].len(), ROUNDS);
}
