//! Long streams are read from their snapshot, and from their events wherever that cannot be trusted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::{Digest, EnvironmentName, RepositoryId, RunId};
use domain::kernel::{Machine as _, StreamId};
use domain::lane::{Command, Lane};
use domain::run::StageOutcome;
use engine::ports::Snapshot;
use engine::snapshot::{EVERY, TAIL};
use engine::{Fault, Invocation, audit, load};
use jiff::Timestamp;
use testkit::faults::{Faults, Injected};
use testkit::memory::MemoryJournal;
use testkit::yielding::block_on;

struct Still;

impl engine::ports::Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

#[async_trait::async_trait]
impl engine::ports::Doorbells for Still {
    async fn ring(
        &self,
        _: engine::ports::Function,
        _: &engine::ports::Doorbell,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

/// Which calls were made.
#[derive(Default)]
struct Calls(Mutex<Vec<&'static str>>);

impl Calls {
    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Faults for Calls {
    fn at(&self, call: &'static str) -> Injected {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
        Injected::None
    }
}

struct World {
    journal: MemoryJournal,
    calls: Arc<Calls>,
}

const REPOSITORY: RepositoryId = RepositoryId(1);

fn stream() -> StreamId {
    StreamId::lane(REPOSITORY, &EnvironmentName::new("production"))
}

impl World {
    /// A lane with so many commits, as the worker writes them.
    fn with_commits(commits: u64) -> Self {
        let calls = Arc::new(Calls::default());
        let journal = MemoryJournal::new(calls.clone());
        let world = Self { journal, calls };
        for number in 1..=commits {
            let run = RunId::new(format!("run-{}", number.div_ceil(2)));
            let command = match number % 2 {
                1 => Command::Take {
                    repository: REPOSITORY,
                    run,
                },
                _ => Command::Return {
                    run,
                    outcome: StageOutcome::Failed {
                        why: "it was red".to_owned(),
                    },
                    release: None,
                },
            };
            world.submit(number, &command);
        }
        world.calls.take();
        world
    }

    fn submit(&self, number: u64, command: &Command) {
        let call = Invocation::new(&self.journal, &Still, &Still, "test", number.to_string());
        let done = block_on(call.submit::<Lane>(&stream(), command)).unwrap();
        assert!(done.changed, "commit {number}");
    }

    fn load(&self) -> (Lane, u64, Vec<&'static str>) {
        let loaded = block_on(load::<Lane>(&self.journal, &stream())).unwrap();
        (loaded.state, loaded.position.number(), self.calls.take())
    }

    /// By every event, whatever was kept.
    fn whole(&self) -> Lane {
        let records = block_on(engine::load::history(&self.journal, &stream())).unwrap();
        let events = engine::load::events::<Lane>(&stream(), &records).unwrap();
        self.calls.take();
        Lane::replay(&events)
    }

    fn findings(&self) -> Vec<String> {
        let audit = block_on(audit::verify_all(&self.journal, "")).unwrap();
        audit.findings.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn a_short_stream_is_read_in_one_call() {
    for commits in [0, 1, EVERY, TAIL as u64 - 1] {
        let world = World::with_commits(commits);
        let (state, number, calls) = world.load();
        assert_eq!((number, calls), (commits, vec!["journal.tail"]));
        assert_eq!(state, world.whole());
    }
}

#[test]
fn a_long_stream_is_read_from_its_snapshot_at_every_length() {
    for commits in TAIL as u64..TAIL as u64 + 3 * EVERY {
        let world = World::with_commits(commits);
        let (state, number, calls) = world.load();
        let expected: &[&str] = match commits == TAIL as u64 {
            true => &["journal.tail"],
            false => &["journal.tail", "journal.snapshot"],
        };
        assert_eq!((number, &calls[..]), (commits, expected));
        assert_eq!(state, world.whole());
        assert_eq!(world.findings(), [""; 0]);
    }
}

#[test]
fn what_is_appended_after_a_snapshot_chains_on() {
    let world = World::with_commits(200);
    assert_eq!(world.findings(), [""; 0]);
    assert_eq!(world.whole().fence, 100);
}

/// Every way in which a snapshot can be wrong without its state being wrong: it is not used, and nobody notices.
#[test]
fn a_snapshot_that_does_not_fit_is_not_used() {
    let edits: [fn(&mut Option<Snapshot>); 6] = [
        |kept| *kept = None,
        |kept| kept.as_mut().unwrap().hash = Digest::of(b"another"),
        |kept| kept.as_mut().unwrap().number -= 1,
        |kept| kept.as_mut().unwrap().number = 3,
        |kept| kept.as_mut().unwrap().folded.version += 1,
        |kept| kept.as_mut().unwrap().folded.state = "{\"holder\":7}".to_owned(),
    ];
    for edit in edits {
        let world = World::with_commits(70);
        let expected = world.whole();
        world.journal.tamper_snapshot(&stream(), edit);
        let (state, number, calls) = world.load();
        assert_eq!((state, number), (expected, 70));
        assert_eq!(calls, ["journal.tail", "journal.snapshot", "journal.read"]);
    }
}

/// A state that somebody changed is believed by whoever reads it, and found by the audit.
#[test]
fn the_audit_finds_a_snapshot_that_was_changed() {
    let world = World::with_commits(70);
    world.journal.tamper_snapshot(&stream(), |kept| {
        let folded = &mut kept.as_mut().unwrap().folded;
        folded.state = folded.state.replace("\"fence\":32", "\"fence\":31");
    });
    assert_eq!(
        world.findings(),
        ["lane/1/production #64: the snapshot is not the state that the events make"]
    );
}

#[test]
fn a_removed_past_is_noticed_though_there_is_a_snapshot() {
    let world = World::with_commits(40);
    world
        .journal
        .tamper(&stream(), |rows| drop(rows.drain(..30)));
    let loaded = block_on(load::<Lane>(&world.journal, &stream()));
    assert!(
        matches!(loaded, Err(Fault::Corrupt { commit: 31, .. })),
        "{loaded:?}"
    );
}
