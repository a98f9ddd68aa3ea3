//! Purpose: the world around the machine: its ports in memory, and the world's own record of what really happened, which
//! is what the laws are checked against.

mod builds;
mod checks;
mod conversations;
mod deliveries;
mod deployments;
mod journal;
mod ports;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::{BuildId, CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use engine::ports::{Doorbell, Function, Person};
use github::Secrets;
use jiff::Timestamp;

pub use builds::{Build, Stand, read_intent};
pub use checks::CheckRun;
pub use conversations::{FORK, Posted};
pub use deliveries::Attempt;
pub use deployments::Deployed;
pub use journal::{Ack, AckedJournal};

use super::agenda::Happening;
use super::faults::{Rates, SeededFaults};
use super::ledger::Ledger;
use super::people::cast;
use super::recipe::Recipe;
use crate::faults::Faults;
use crate::memory::{MemoryBlobs, MemoryJournal};

/// When every scenario begins: 2026-03-02 12:00 UTC.
const START_MS: i64 = 1_772_452_800_000;

/// The branch whose environments hold.
pub const DEFAULT_BRANCH: &str = "main";

/// What GitHub sends a delivery for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Push,
    /// The code of a fork, for this pull request.
    Fork {
        number: u64,
    },
    /// Somebody closes this pull request.
    Closed {
        number: u64,
    },
    /// Somebody opens it again, as it was.
    Reopened {
        number: u64,
    },
    /// The merge queue asks whether this commit is good.
    Group,
    /// It has merged the group, or given it up.
    GroupEnded,
    /// Words of the sender below this pull request, about the commit.
    Comment {
        number: u64,
        body: String,
    },
}

impl Sent {
    /// GitHub's name of the event.
    pub fn event(&self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Fork { .. } | Self::Closed { .. } | Self::Reopened { .. } => "pull_request",
            Self::Group | Self::GroupEnded => "merge_group",
            Self::Comment { .. } => "issue_comment",
        }
    }
}

/// A commit of a scripted repository, with the push that made it; or what was said about one.
#[derive(Clone, Debug)]
pub struct Push {
    pub sent: Sent,
    pub repository: RepositoryId,
    pub branch: &'static str,
    pub commit: CommitSha,
    pub before: CommitSha,
    pub recipe: Recipe,
    pub author: PersonId,
    pub sender: PersonId,
    pub guid: String,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub struct Message {
    pub function: Function,
    pub doorbell: Doorbell,
    /// Milliseconds of real time before which it is not delivered.
    pub ready_ms: i64,
    /// How often it was handed out.
    pub receives: u32,
}

/// What a person truly asked the approval function to record.
#[derive(Clone, Debug)]
pub struct TrueWish {
    pub run: RunId,
    pub environment: EnvironmentName,
    pub release: Digest,
    pub person: PersonId,
    pub approve: bool,
}

/// What the world saw during a step, for the checkers.
#[derive(Clone, Debug)]
pub enum Seen {
    /// The host of builds was asked to start something.
    StartCalled {
        intent: String,
        /// Commits that there were when the call began that asks.
        call_began: usize,
    },
    /// A build was told that it may run code of the repository, and does so from now on.
    Passed(BuildId),
    /// An HTTP answer to a delivery.
    Answered {
        guid: String,
        status: u16,
        forged: bool,
    },
}

/// Everything that changes in the world.
pub struct State {
    pub rng: fastrand::Rng,
    pub rates: Rates,
    /// Milliseconds since the epoch, never backwards: when things really happen.
    pub real_ms: i64,
    /// How wrong the machine's clock is.
    pub skew_ms: i64,
    pub queue: Vec<Message>,
    pub agenda: BTreeMap<(i64, u64), Happening>,
    happenings: u64,
    pub builds: BTreeMap<BuildId, Build>,
    pub pushes: Vec<Push>,
    /// What GitHub lists of its deliveries, oldest first.
    pub attempts: Vec<Attempt>,
    /// Whether one did not arrive since the machine compared.
    pub gap: bool,
    pub heads: BTreeMap<(RepositoryId, &'static str), CommitSha>,
    /// Where branches have stood, and since when (real milliseconds), oldest first.
    pub moves: Vec<(RepositoryId, &'static str, i64, CommitSha)>,
    pub people: Vec<Person>,
    /// Who was removed, and when.
    pub removed: BTreeMap<PersonId, i64>,
    pub wishes: Vec<TrueWish>,
    /// Commits that there were when the call began that goes on now.
    pub call_began: usize,
    pub seen: Vec<Seen>,
    pub duplicates: u64,
    pub lost_messages: u64,
    pub refused: u64,
    pub mails: u64,
    pub check_runs: Vec<CheckRun>,
    /// Where pull requests stand: the push that is their head.
    pub pulls: BTreeMap<(RepositoryId, u64), usize>,
    /// Pull requests that are closed now.
    pub closed: BTreeSet<(RepositoryId, u64)>,
    /// Those that were opened again, by the number of commits from which on everybody knows.
    pub reopened: BTreeMap<(RepositoryId, u64), usize>,
    /// Where they have stood, and since when (real milliseconds), oldest first.
    pub pull_heads: Vec<(StreamId, i64, CommitSha)>,
    /// What people have said so far, by its place among the pushes, and when (real milliseconds).
    pub said: BTreeMap<usize, i64>,
    pub comments: Vec<Posted>,
    /// The comments of people that have a reaction of ours.
    pub reactions: BTreeSet<u64>,
    pub deployments: Vec<Deployed>,
    /// The App may show check runs and no deployments.
    pub refuses_deployments: bool,
}

/// The ports, all of them.
pub struct World {
    pub journal: AckedJournal,
    pub blobs: MemoryBlobs,
    pub faults: Arc<SeededFaults>,
    pub ledger: Arc<Ledger>,
    calls: Arc<dyn Faults>,
    pub secrets: Secrets,
    pub pool: usize,
    state: Mutex<State>,
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(seed: u64, rates: Rates, pool: usize, secrets: Secrets) -> Arc<Self> {
        let ledger = Arc::new(Ledger::default());
        let faults = Arc::new(SeededFaults::new(seed ^ 0x5eed, rates, ledger.clone()));
        let calls: Arc<dyn Faults> = faults.clone();
        Arc::new(Self {
            journal: AckedJournal::new(MemoryJournal::new(calls.clone()), ledger.clone()),
            ledger,
            blobs: MemoryBlobs::new(calls.clone()),
            faults,
            calls,
            secrets,
            pool,
            state: Mutex::new(State {
                rng: fastrand::Rng::with_seed(seed.wrapping_add(1)),
                rates,
                real_ms: START_MS,
                skew_ms: 0,
                queue: Vec::new(),
                agenda: BTreeMap::new(),
                happenings: 0,
                builds: BTreeMap::new(),
                pushes: Vec::new(),
                attempts: Vec::new(),
                gap: false,
                heads: BTreeMap::new(),
                moves: Vec::new(),
                people: cast(),
                removed: BTreeMap::new(),
                wishes: Vec::new(),
                call_began: 0,
                seen: Vec::new(),
                duplicates: 0,
                lost_messages: 0,
                refused: 0,
                mails: 0,
                check_runs: Vec::new(),
                pulls: BTreeMap::new(),
                closed: BTreeSet::new(),
                reopened: BTreeMap::new(),
                pull_heads: Vec::new(),
                said: BTreeMap::new(),
                comments: Vec::new(),
                reactions: BTreeSet::new(),
                deployments: Vec::new(),
                refuses_deployments: seed % 8 == 5,
            }),
        })
    }

    /// A world apart at the same time, in which nothing goes wrong.
    pub fn calm(of: &Self) -> Arc<Self> {
        let world = Self::new(0, Rates::CALM, of.pool, of.secrets.clone());
        world.state().real_ms = of.state().real_ms;
        world
    }

    /// What changes; never held across an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What the machine's clock shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.real_ms + self.skew_ms).unwrap_or(Timestamp::MAX)
    }

    /// Something will happen after so many milliseconds.
    pub fn after(&mut self, ms: i64, happening: Happening) {
        self.happenings += 1;
        let key = (self.real_ms + ms.max(0), self.happenings);
        self.agenda.insert(key, happening);
    }

    /// The next thing that happens, if its time has come.
    pub fn due(&mut self) -> Option<Happening> {
        let (key, _) = self.agenda.first_key_value()?;
        if key.0 > self.real_ms {
            return None;
        }
        self.agenda.pop_first().map(|(_, happening)| happening)
    }

    /// Whether this happens, with a chance in 10,000, while the world is unruly.
    pub fn mishap(&mut self, chance: u32) -> bool {
        self.rates.unruly && self.rng.u32(0..10_000) < chance
    }

    /// Puts a message into a queue, with what can go wrong on the way.
    pub fn send(&mut self, function: Function, stream: &StreamId) {
        let copies = match self.rng.u32(0..10_000) {
            drawn if drawn < self.rates.lose_message => {
                self.lost_messages += 1;
                0
            }
            drawn if drawn < self.rates.lose_message + self.rates.double_message => {
                self.duplicates += 1;
                2
            }
            _ => 1,
        };
        for _ in 0..copies {
            let late = self.rng.u32(0..10_000) < self.rates.late_message;
            let delay = if late {
                self.rng.i64(1_000..180_000)
            } else {
                0
            };
            self.queue.push(Message {
                function,
                doorbell: Doorbell {
                    stream: stream.clone(),
                },
                ready_ms: self.real_ms + delay,
                receives: 0,
            });
        }
    }

    /// A branch moves to a commit.
    pub fn move_branch(&mut self, push: &Push) {
        let (repository, branch) = (push.repository, push.branch);
        let commit = push.commit.clone();
        self.heads.insert((repository, branch), commit.clone());
        self.moves.push((repository, branch, self.real_ms, commit));
    }

    /// The commits at which the default branch has stood since this commit was pushed.
    pub fn defaults_since(&self, commit: &CommitSha) -> Vec<&Push> {
        let pushed = self.moves.iter().find(|(.., to)| to == commit);
        let Some((repository, _, since, _)) = pushed else {
            return Vec::new();
        };
        let of_default =
            |(of, branch, ..): &&(_, &str, _, _)| of == repository && *branch == DEFAULT_BRANCH;
        let moves: Vec<_> = self.moves.iter().filter(of_default).collect();
        let last_before = moves.iter().rposition(|(_, _, at, _)| at < since);
        let stood = moves.iter().skip(last_before.unwrap_or(0));
        stood
            .filter_map(|(.., commit)| self.push_of(commit))
            .collect()
    }

    /// The push behind a commit.
    pub fn push_of(&self, commit: &CommitSha) -> Option<&Push> {
        let of = |push: &&Push| {
            let made = matches!(push.sent, Sent::Push | Sent::Fork { .. } | Sent::Group);
            made && push.commit == *commit
        };
        self.pushes.iter().find(of)
    }
}
