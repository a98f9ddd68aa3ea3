//! Purpose: the journal among processes: kill -9 in the middle of appends, and several processes on one file.
//!
//! The test starts itself again as a child that appends; the child does so only when its variables are set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use domain::kernel::StreamId;
use engine::audit;
use engine::ports::{Appended, Journal, Position};
use local::journal::SqliteJournal;
use testkit::conformance::{idle, record, stream};
use testkit::yielding::block_on;

const FILE: &str = "SLIPWAY_TEST_JOURNAL";
const NAME: &str = "SLIPWAY_TEST_NAME";
const COUNT: &str = "SLIPWAY_TEST_COUNT";

/// Not a test by itself: appends to `run/1/shared` until it has `COUNT` commits of its own there, and tells each try and
/// each acknowledgement.
#[test]
fn child() {
    let (Ok(file), Ok(name), Ok(count)) = (
        std::env::var(FILE),
        std::env::var(NAME),
        std::env::var(COUNT),
    ) else {
        return;
    };
    let journal = SqliteJournal::open(Path::new(&file)).unwrap();
    let mut out = std::io::stdout();
    writeln!(out).unwrap();
    append_many(&journal, &name, count.parse().unwrap(), |line| {
        writeln!(out, "{line}").unwrap();
        out.flush().unwrap();
    });
}

/// Appends this many commits, trying again after each conflict.
fn append_many(journal: &SqliteJournal, name: &str, count: usize, mut tell: impl FnMut(String)) {
    let id = stream("run/1/shared");
    for n in 0..count {
        let commit = format!("{name}-{n}");
        loop {
            let rows = block_on(journal.read(&id, 0)).unwrap();
            let position = Position::after(&rows);
            let next = record(&id, &position, &commit, 1, &"x".repeat(2_000));
            tell(format!("try {commit}"));
            match block_on(journal.append(&id, &position, &next, &idle())).unwrap() {
                Appended::Done => break tell(format!("ack {commit} {}", next.number)),
                Appended::Conflict => {}
            }
        }
    }
}

fn start(file: &Path, name: &str, count: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FILE, file)
        .env(NAME, name)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child has said: commit id -> number of each acknowledgement, and the last try.
#[derive(Default)]
struct Said {
    acknowledged: BTreeMap<String, u64>,
    tried: Vec<String>,
}

impl Said {
    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["try", id] => self.tried.push((*id).to_owned()),
            ["ack", id, number] => {
                let number = number.parse().unwrap();
                assert_eq!(self.acknowledged.insert((*id).to_owned(), number), None);
            }
            _ => {}
        }
    }
}

fn audited(journal: &dyn Journal) -> u64 {
    let audit = block_on(audit::verify_all(journal, "")).unwrap();
    assert_eq!(audit.findings, []);
    audit.total().commits
}

/// Id -> number of every commit of the shared stream.
fn stored(journal: &dyn Journal, id: &StreamId) -> BTreeMap<String, u64> {
    let rows = block_on(journal.read(id, 0)).unwrap();
    let by_id: BTreeMap<String, u64> = rows.iter().map(|r| (r.id.clone(), r.number)).collect();
    assert_eq!(by_id.len(), rows.len(), "a commit is stored twice");
    by_id
}

#[test]
fn kill_9_loses_nothing_that_was_acknowledged() {
    const ROUNDS: usize = 25;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let mut said = Said::default();
    let mut unacknowledged = 0;
    for round in 0..ROUNDS {
        let name = format!("round{round}");
        let mut child = start(&file, &name, usize::MAX);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let enough = said.tried.len() + 1 + round * 7 % 23;
        while said.tried.len() < enough {
            said.hear(&lines.next().unwrap().unwrap());
        }
        // Fall on different moments of the append that was just begun.
        for _ in 0..round * 20_000 {
            std::hint::black_box(round);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        lines.for_each(|line| said.hear(&line.unwrap()));

        let journal = SqliteJournal::open(&file).unwrap();
        let mut stored = stored(&journal, &stream("run/1/shared"));
        assert_eq!(audited(&journal), stored.len() as u64);
        for (id, number) in &said.acknowledged {
            assert_eq!(stored.remove(id), Some(*number), "{id} was acknowledged");
        }
        for id in stored.keys() {
            assert!(said.tried.contains(id), "nobody tried {id}");
        }
        assert!(
            stored.len() <= unacknowledged + 1,
            "round {round}: {stored:?}"
        );
        unacknowledged = stored.len();
        assert_eq!(block_on(journal.check_file()), Ok(vec![]));
    }
    assert!(said.acknowledged.len() >= ROUNDS);
}

#[test]
fn a_journal_after_kill_9_can_be_read_without_writing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let mut child = start(&file, "only", usize::MAX);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Said::default();
    while said.acknowledged.len() < 5 {
        said.hear(&lines.next().unwrap().unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let journal = SqliteJournal::open_read_only(&file).unwrap();
    assert!(audited(&journal) >= 5);
}

#[test]
fn processes_write_and_read_one_file_together() {
    const EACH: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let writer = SqliteJournal::open(&file).unwrap();
    let mut children: Vec<Child> = (0..2)
        .map(|n| start(&file, &format!("child{n}"), EACH))
        .collect();
    let reader = SqliteJournal::open_read_only(&file).unwrap();
    let (mut seen, mut reads) = (0, 0);
    std::thread::scope(|scope| {
        let own = scope.spawn(|| append_many(&writer, "parent", EACH, drop));
        loop {
            let children_ended = children
                .iter_mut()
                .all(|child| child.try_wait().unwrap().is_some());
            let all_ended = own.is_finished() && children_ended;
            let now = audited(&reader);
            assert!(now >= seen, "a reader never goes back in time");
            (seen, reads) = (now, reads + 1);
            if all_ended {
                break;
            }
        }
    });
    assert_eq!(seen, 3 * EACH as u64);
    let mut said = Said::default();
    for child in &mut children {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.for_each(|line| said.hear(&line.unwrap()));
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(said.acknowledged.len(), 2 * EACH);
    assert_eq!(stored(&writer, &stream("run/1/shared")).len(), 3 * EACH);
    assert!(reads > 1);
}
