//! A machine with one repository at a GitHub over real HTTP, and the planner, so that runs are those of real deliveries.

use std::sync::{Arc, Mutex};

use domain::delivery::Answer;
use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::run::{Opening, Run};
use engine::ports::{
    Clock, Delivery, Doorbell, Doorbells, Function, Inbox as _, People, Person, Repositories,
    Repository,
};
use engine::{Fault, Invocation, load, queue};
use fake_github::{App, Bare, FakeGitHub, TEST_KEY};
use github_api::{GitHub, PemSigner};
use jiff::{SignedDuration, Timestamp};
use scheduler::heads::{self, Looked};
use scheduler::schedule;
use serde_json::{Value, json};
use testkit::memory::MemoryJournal;

pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
pub const SHOP: u64 = 42;
pub const MAIN: &str = "refs/heads/main";
const FILE: &str =
    "version: 1\non: { push: { branches: ['**'] } }\njobs: { unit: { run: make test } }\n";

/// The real time, so many seconds ago.
pub struct Ago(pub i64);

impl Clock for Ago {
    fn now(&self) -> Timestamp {
        Timestamp::now() - SignedDuration::from_secs(self.0)
    }
}

/// A time that stands still.
pub struct At(pub Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Which doorbells rang.
#[derive(Default)]
pub struct Bells(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Doorbells for Bells {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        let rung = format!("{} {}", function.name(), doorbell.stream);
        self.0.lock().unwrap().push(rung);
        Ok(())
    }
}

/// Nobody.
struct Strangers;

#[async_trait::async_trait]
impl People for Strangers {
    async fn person(&self, _: domain::ids::PersonId) -> Result<Option<Person>, Fault> {
        Ok(None)
    }
    async fn by_login(&self, _: &str) -> Result<Option<Person>, Fault> {
        Ok(None)
    }
    async fn by_address(&self, _: &str) -> Result<Option<Person>, Fault> {
        Ok(None)
    }
    async fn team(&self, _: &str) -> Result<Vec<Person>, Fault> {
        Ok(Vec::new())
    }
}

/// What is registered.
pub struct Registered(pub Vec<u64>);

#[async_trait::async_trait]
impl Repositories for Registered {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault> {
        let all = self.repositories().await?;
        Ok(all.into_iter().find(|one| one.id == id))
    }

    async fn repositories(&self) -> Result<Vec<Repository>, Fault> {
        let one = |id: &u64| Repository {
            id: RepositoryId(*id),
            name: format!("acme/{id}"),
        };
        Ok(self.0.iter().map(one).collect())
    }
}

pub struct World {
    pub fake: FakeGitHub,
    pub bare: Bare,
    pub github: GitHub,
    pub journal: MemoryJournal,
    pub registered: Registered,
    bells: Bells,
    _folder: tempfile::TempDir,
}

impl World {
    /// A repository that has had a push, and a run of it, two days ago; gives its head.
    pub async fn new() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let bare = Bare::init(folder.path().join("shop.git")).unwrap();
        let fake = FakeGitHub::start(&App::test()).unwrap();
        fake.add(SHOP, "acme/shop", bare.path());
        let signer = Arc::new(PemSigner::new(TEST_KEY).unwrap());
        let github = GitHub::new(fake.api(), App::test().id, signer, Arc::new(Ago(0)));
        let world = Self {
            github: github.await.unwrap(),
            fake,
            bare,
            journal: MemoryJournal::default(),
            registered: Registered(vec![SHOP]),
            bells: Bells::default(),
            _folder: folder,
        };
        let first = world.commit(MAIN);
        world.moved(MAIN, &zero(), &first, 2 * DAY);
        let planned = world.arrives("g0", MAIN, &first, 2 * DAY).await;
        assert!(matches!(planned, Answer::Planned { .. }), "{planned:?}");
        world.bells.0.lock().unwrap().clear();
        (world, first)
    }

    /// The same with these repositories registered, of which GitHub knows one.
    pub async fn with(registered: Vec<u64>) -> (Self, String) {
        let (mut world, first) = Self::new().await;
        world.registered = Registered(registered);
        (world, first)
    }

    /// A commit on top of a ref, with a pipeline file.
    pub fn commit(&self, reference: &str) -> String {
        let files = [(".slipway.yaml", Some(FILE))];
        self.bare.commit(reference, "next", &files).unwrap()
    }

    /// GitHub's history says so.
    pub fn moved(&self, reference: &str, before: &str, after: &str, ago: i64) {
        self.fake.moved(SHOP, reference, before, after, ago);
    }

    /// A push that GitHub makes no delivery of; gives the new head.
    pub fn lost(&self, reference: &str, before: &str, ago: i64) -> String {
        let commit = self.commit(reference);
        self.moved(reference, before, &commit, ago);
        commit
    }

    pub async fn accepted(&self, guid: &str, body: &Value, ago: i64) {
        let delivery = Delivery {
            guid: guid.to_owned(),
            event: "push".to_owned(),
            body: body.to_string(),
            at_ms: Ago(ago).now().as_millisecond(),
        };
        self.journal.accept(&delivery).await.unwrap();
    }

    /// A delivery comes in and is planned.
    pub async fn arrives(&self, guid: &str, reference: &str, commit: &str, ago: i64) -> Answer {
        self.accepted(guid, &push(reference, commit), ago).await;
        self.plan(guid, ago).await
    }

    pub async fn plan(&self, guid: &str, ago: i64) -> Answer {
        let stream = StreamId::delivery(guid);
        let deps = planner::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: &Ago(ago),
            doorbells: &self.bells,
            sources: &self.github,
            people: &Strangers,
            repositories: &self.registered,
            host: None,
            base_url: "https://ci.example.org",
        };
        let rung = [Doorbell {
            stream: stream.clone(),
        }];
        let said = planner::handle(&deps, queue::event(&rung).unwrap(), "call").await;
        assert_eq!(said.batch_item_failures.len(), 0, "{said:?}");
        let loaded = load::<domain::delivery::Delivery>(&self.journal, &stream).await;
        loaded.unwrap().state.answer.unwrap()
    }

    /// The run that an answer names.
    pub async fn opening(&self, answer: &Answer) -> Opening {
        let Answer::Planned { repository, run } = answer else {
            panic!("{answer:?}")
        };
        let stream = StreamId::run(*repository, run);
        let run = load::<Run>(&self.journal, &stream).await.unwrap().state;
        *run.opening.unwrap()
    }

    /// The App is taken from the repository, or is back.
    pub async fn removed(&self, removed: bool) {
        let id = format!("removed {removed}");
        let call = Invocation::new(&self.journal, &Ago(0), &self.bells, "function:test", id);
        let hosted = domain::repository::Command::Hosted {
            repository: RepositoryId(SHOP),
            name: (!removed).then(|| "acme/shop".to_owned()),
        };
        let stream = StreamId::repository(RepositoryId(SHOP));
        let done = call.submit::<domain::repository::Repository>(&stream, &hosted);
        done.await.unwrap();
    }

    pub async fn look(&self) -> Looked {
        self.look_at(&Ago(0)).await
    }

    pub async fn look_at(&self, clock: &dyn Clock) -> Looked {
        let deps = heads::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock,
            doorbells: &self.bells,
            sources: &self.github,
            repositories: &self.registered,
            moves: &self.github,
        };
        heads::look(&deps).await.unwrap()
    }

    /// What the schedule asks for, at this time.
    pub async fn on_schedule(&self, clock: &dyn Clock) -> Result<(), Fault> {
        let deps = scheduler::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock,
            doorbells: &self.bells,
            sources: &self.github,
            people: &Strangers,
            capacity: 1,
        };
        schedule::on_schedule(&schedule::Deps {
            scheduler: &deps,
            log: &self.github,
            repositories: &self.registered,
            moves: &self.github,
        })
        .await
    }

    /// The guids that the planner was rung for.
    pub fn rung(&self) -> Vec<String> {
        let rung = self.bells.0.lock().unwrap();
        let guid = |rung: &String| rung.strip_prefix("planner delivery/").map(str::to_owned);
        rung.iter().filter_map(guid).collect()
    }
}

/// All is well, and this many heads were handed in.
pub fn made(made: usize) -> Looked {
    Looked {
        repositories: 1,
        made,
        ..Looked::default()
    }
}

pub fn push(reference: &str, commit: &str) -> Value {
    json!({
        "ref": reference, "before": zero(), "after": commit,
        "repository": { "id": SHOP }, "sender": { "id": 7 },
    })
}

pub fn zero() -> String {
    "0".repeat(40)
}
