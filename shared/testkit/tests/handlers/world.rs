//! Purpose: a machine whose ports answer from plain maps.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::ids::{BuildId, CommitSha, Digest, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Command, Run};
use engine::ports::*;
use engine::{Fault, Invocation, load};
use jiff::{SignedDuration, Timestamp};
use testkit::memory::MemoryJournal;
use testkit::yielding::block_on;

pub const REPOSITORY: RepositoryId = RepositoryId(7);
pub const ANA: PersonId = PersonId(1);
pub const BOB: PersonId = PersonId(2);

/// Every port, and what it answers.
pub struct World {
    pub journal: MemoryJournal,
    pub now: Mutex<Timestamp>,
    pub people: Mutex<Vec<Person>>,
    /// By the full name of the ref.
    pub heads: BTreeMap<String, CommitSha>,
    pub blobs: Mutex<BTreeMap<Digest, Result<Vec<u8>, Fault>>>,
    pub builds: BTreeMap<BuildId, BuildEnd>,
    /// Places in the pool of jobs.
    pub capacity: usize,
}

impl Default for World {
    fn default() -> Self {
        let person = |id: PersonId, login: &str| Person {
            id,
            login: login.to_owned(),
            name: login.to_owned(),
            address: Some(format!("{login}@example.org")),
            teams: Vec::new(),
        };
        Self {
            journal: MemoryJournal::default(),
            now: Mutex::new("2026-03-02T12:00:00Z".parse().unwrap()),
            people: Mutex::new(vec![person(ANA, "ana"), person(BOB, "bob")]),
            heads: BTreeMap::new(),
            blobs: Mutex::default(),
            builds: BTreeMap::new(),
            capacity: 1,
        }
    }
}

pub fn stream(run: &str) -> StreamId {
    StreamId::run(REPOSITORY, &RunId::from(run))
}

impl World {
    pub fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub fn call(&self, actor: &str) -> Invocation<'_> {
        // Unique: no two calls begin at the same number of commits and at the same time.
        self.pass(1);
        let id = format!("{actor}/{}/{}", self.journal.commits(), self.now());
        Invocation::new(&self.journal, self, self, actor, id)
    }

    pub fn run(&self, run: &str) -> Run {
        block_on(load::<Run>(&self.journal, &stream(run)))
            .unwrap()
            .state
    }

    pub fn submit(&self, run: &str, command: &Command) {
        let call = self.call("function:setup");
        block_on(call.submit::<Run>(&stream(run), command)).unwrap();
    }

    pub fn head(&self, stream: &StreamId) -> Head {
        self.journal.peek_head(stream).unwrap()
    }

    /// The scheduler is rung for these streams.
    pub fn schedule(&self, streams: &[StreamId]) {
        let doorbells: Vec<Doorbell> = streams
            .iter()
            .map(|stream| Doorbell {
                stream: stream.clone(),
            })
            .collect();
        let deps = scheduler::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: self,
            doorbells: self,
            sources: self,
            people: self,
            capacity: self.capacity,
        };
        let id = self.call("function:scheduler").id;
        let event = engine::queue::event(&doorbells).unwrap();
        let answer = block_on(scheduler::handle(&deps, event, &id));
        assert_eq!(answer.batch_item_failures.len(), 0);
    }

    pub fn put(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        let mut blobs = self.blobs.lock().unwrap();
        blobs.insert(digest.clone(), Ok(bytes.to_vec()));
        digest
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

#[async_trait]
impl Doorbells for World {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

#[async_trait]
impl Sources for World {
    async fn head(&self, _: RepositoryId, reference: &str) -> Result<Option<CommitSha>, Fault> {
        Ok(self.heads.get(reference).cloned())
    }
    async fn default_branch(&self, _: RepositoryId) -> Result<Option<String>, Fault> {
        Ok(None)
    }
    async fn file(&self, _: RepositoryId, _: &CommitSha, _: &str) -> Result<Option<String>, Fault> {
        Ok(None)
    }
    async fn commit(&self, _: RepositoryId, _: &CommitSha) -> Result<Option<Commit>, Fault> {
        Ok(None)
    }
    async fn changed_paths(
        &self,
        _: RepositoryId,
        _: Option<&CommitSha>,
        _: &CommitSha,
    ) -> Result<Option<Vec<String>>, Fault> {
        Ok(None)
    }
    async fn compare(
        &self,
        _: RepositoryId,
        _: &CommitSha,
        _: &CommitSha,
    ) -> Result<Option<Comparison>, Fault> {
        Ok(None)
    }
}

impl World {
    fn find(&self, wanted: impl Fn(&Person) -> bool) -> Vec<Person> {
        let people = self.people.lock().unwrap();
        people.iter().filter(|p| wanted(p)).cloned().collect()
    }
}

#[async_trait]
impl People for World {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.find(|person| person.id == id).pop())
    }
    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.find(|person| person.login == login).pop())
    }
    async fn by_address(&self, address: &str) -> Result<Option<Person>, Fault> {
        Ok(self
            .find(|person| person.address.as_deref() == Some(address))
            .pop())
    }
    async fn team(&self, _: &str) -> Result<Vec<Person>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Blobs for World {
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        Ok(World::put(self, bytes))
    }
    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        let blobs = self.blobs.lock().unwrap();
        blobs.get(digest).cloned().transpose()
    }
}

#[async_trait]
impl Builds for World {
    async fn start(&self, request: &BuildRequest) -> Result<Started, Fault> {
        Ok(Started::Started(BuildId::new(&*request.intent)))
    }
    async fn describe(&self, build: &BuildId) -> Result<BuildStatus, Fault> {
        Ok(match self.builds.get(build) {
            Some(end) => BuildStatus::Ended(Box::new(end.clone())),
            None => BuildStatus::Running,
        })
    }
    async fn stop(&self, _: &BuildId) -> Result<(), Fault> {
        Ok(())
    }
    async fn is_settled(&self, _: &BuildId) -> Result<bool, Fault> {
        Ok(true)
    }
}

#[async_trait]
impl Keys for World {
    async fn mac(&self, _: &str, _: &[u8]) -> Result<[u8; 32], Fault> {
        Ok([7; 32])
    }
    async fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        Ok(Digest::of(message).to_string())
    }
    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault> {
        Ok(self.sign(message).await? == signature)
    }
}
