//! One machine, one repository at GitHub, and time that passes when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::pull::Pull;
use domain::run::Run;
use engine::ports::{Clock, Doorbell, Function};
use engine::{load, queue};
use fake_github::{App, Bare, FakeGitHub, Role, TEST_KEY};
use github::Secrets;
use github_api::{GitHub, PemSigner};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Request, http};
use local::journal::SqliteJournal;
use local::people::FilePeople;
use local::registry::Registry;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ports::{Desk, Next};

pub const SHOP: RepositoryId = RepositoryId(42);
pub const MAIN: &str = "refs/heads/main";
/// The only pull request.
pub const NUMBER: u64 = 5;
/// May write.
pub const ANA: u64 = 1;
/// Nobody knows her.
pub const EVE: u64 = 9;
pub const FILE: &str = "version: 1\njobs: { unit: { run: make test } }\n";
const NOUGHTS: &str = "0000000000000000000000000000000000000000";
const BASE_URL: &str = "https://ci.example.org";
/// Calls of functions without which nothing takes so long to come to rest.
const MAX_CALLS: usize = 5_000;
/// Seconds that pass at a time.
const STEP: i64 = 15;

/// The real clock, some seconds ahead.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub struct World {
    pub github: FakeGitHub,
    pub bare: Bare,
    pub desk: Desk,
    pub journal: SqliteJournal,
    pub registry: Registry,
    client: GitHub,
    clock: Arc<Ahead>,
    people: FilePeople,
    secrets: Secrets,
    made: AtomicU64,
    folder: TempDir,
}

impl World {
    /// A repository whose default branch has this pipeline file; gives its commit, too.
    pub async fn new(file: &str) -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let bare = Bare::init(folder.path().join("shop.git")).unwrap();
        let head = bare.commit(MAIN, "Begin", &[(".slipway.yaml", Some(file))]);
        let github = FakeGitHub::start(&App::test()).unwrap();
        github.add(SHOP.0, "acme/shop", bare.path());
        for (id, login) in [(ANA, "ana"), (EVE, "eve")] {
            github.user(id, login);
        }
        github.admit(SHOP.0, ANA, Some(Role::Write));
        let clock = Arc::new(Ahead::default());
        let signer = Arc::new(PemSigner::new(TEST_KEY).unwrap());
        let client = GitHub::new(github.api(), App::test().id, signer, clock.clone());
        let registry = Registry::new(&data);
        let entry = registry.add(bare.path(), "acme/shop", Some(SHOP), None);
        assert_eq!(entry.unwrap().id, SHOP);
        let world = Self {
            client: client.await.unwrap(),
            secrets: Secrets::new(vec![b"the secret of a story, long enough".to_vec()]).unwrap(),
            journal: SqliteJournal::open(&data.join("journal.sqlite")).unwrap(),
            people: FilePeople::new(&data),
            desk: Desk::default(),
            made: AtomicU64::new(0),
            registry,
            clock,
            github,
            bare,
            folder,
        };
        (world, head.unwrap())
    }

    fn call(&self) -> String {
        format!("call-{}", self.made.fetch_add(1, Ordering::SeqCst))
    }

    /// GitHub delivers this; what the machine answered.
    pub async fn deliver(&self, event: &str, payload: &Value) -> u16 {
        let guid = format!("delivery-{}", self.made.fetch_add(1, Ordering::SeqCst));
        let body = payload.to_string();
        let request = http::Request::builder()
            .method("POST")
            .uri("/webhook")
            .header("content-type", "application/json")
            .header("x-github-event", event)
            .header("x-github-delivery", &guid)
            .header("x-hub-signature-256", self.secrets.sign(body.as_bytes()))
            .body(Body::Text(body));
        let deps = webhook::Deps {
            inbox: &self.journal,
            doorbells: &self.desk,
            clock: &*self.clock,
            secrets: &self.secrets,
        };
        let answer = webhook::handle(&deps, request.unwrap(), &self.call()).await;
        let status = answer.status().as_u16();
        self.github
            .deliver(&guid, event, payload.clone(), status, 0);
        status
    }

    /// Delivers it, and lets everything come to rest.
    pub async fn told(&self, event: &str, payload: &Value) {
        let status = self.deliver(event, payload).await;
        assert_eq!(status, 202, "{event}: {payload}");
        self.settle().await;
    }

    /// A push of the default branch, as GitHub delivers it.
    pub fn pushed(&self, before: &str, after: &str) -> Value {
        self.github.push_payload(SHOP.0, MAIN, (before, after), ANA)
    }

    /// The same for a branch that is new.
    pub fn first(&self, after: &str) -> Value {
        self.pushed(NOUGHTS, after)
    }

    /// Everything that is owed now is done.
    pub async fn settle(&self) {
        for _ in 0..MAX_CALLS {
            if let Some((function, stream)) = self.desk.bell() {
                self.answer(function, &stream).await;
                continue;
            }
            if self.builds_go_on().await {
                continue;
            }
            if scheduler::sweep(&self.scheduler(), &self.call())
                .await
                .unwrap()
                == 0
            {
                return;
            }
        }
        panic!("the machine does not come to rest");
    }

    /// Time passes, and the machine does what is due meanwhile.
    pub async fn pass(&self, seconds: i64) {
        for _ in 0..seconds / STEP {
            self.github.advance(STEP);
            self.clock.0.fetch_add(STEP, Ordering::SeqCst);
            self.settle().await;
        }
    }

    async fn builds_go_on(&self) -> bool {
        match self.desk.next() {
            None => return false,
            Some(Next::Ended(observer, stream)) => self.answer(observer, &stream).await,
            Some(Next::Claim(claim)) => {
                let build = claim.build.clone();
                let claim = serde_json::to_string(&claim).unwrap();
                let request: Request = http::Request::builder()
                    .method("POST")
                    .uri("/claims")
                    .body(Body::Text(claim))
                    .unwrap();
                builder::claim(&self.builder(), request, &self.call()).await;
                self.desk.claimed(&build);
            }
        }
        true
    }

    /// A function that fails is called again when its stream is due.
    async fn answer(&self, function: Function, stream: &StreamId) {
        let rung = queue::event(&[Doorbell {
            stream: stream.clone(),
        }]);
        let (event, call) = (rung.unwrap(), self.call());
        match function {
            Function::Planner => planner::handle(&self.planner(), event, &call).await,
            Function::Scheduler => scheduler::handle(&self.scheduler(), event, &call).await,
            Function::Builder => builder::handle(&self.builder(), event, &call).await,
            Function::Notifier => notifier::handle(&self.notifier(), event, &call).await,
            Function::Deployer => deployer::handle(&self.deployer(), event, &call).await,
            Function::Approval => approval::doorbells(&self.approval(), event, &call).await,
        };
    }

    fn planner(&self) -> planner::Deps<'_> {
        planner::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: &*self.clock,
            doorbells: &self.desk,
            sources: &self.client,
            people: &self.people,
            repositories: &self.registry,
            host: Some(&self.client),
            base_url: BASE_URL,
        }
    }

    fn scheduler(&self) -> scheduler::Deps<'_> {
        scheduler::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: &*self.clock,
            doorbells: &self.desk,
            sources: &self.client,
            people: &self.people,
            capacity: 2,
        }
    }

    fn builder(&self) -> builder::Deps<'_> {
        builder::Deps {
            journal: &self.journal,
            clock: &*self.clock,
            doorbells: &self.desk,
            builds: &self.desk,
            blobs: &self.desk,
            keys: &self.desk,
        }
    }

    fn deployer(&self) -> deployer::Deps<'_> {
        deployer::Deps {
            journal: &self.journal,
            clock: &*self.clock,
            doorbells: &self.desk,
            builds: &self.desk,
            blobs: &self.desk,
            keys: &self.desk,
            people: &self.people,
        }
    }

    fn approval(&self) -> approval::Deps<'_> {
        approval::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: &*self.clock,
            doorbells: &self.desk,
            sources: &self.client,
            people: &self.people,
            repositories: &self.registry,
            keys: &self.desk,
            host: Some(&self.client),
            base_url: BASE_URL,
        }
    }

    fn notifier(&self) -> notifier::Deps<'_> {
        notifier::Deps {
            journal: &self.journal,
            clock: &*self.clock,
            doorbells: &self.desk,
            sources: &self.client,
            people: &self.people,
            repositories: &self.registry,
            keys: &self.desk,
            mailer: &self.desk,
            announcer: None,
            checks: Some(&self.client),
            comments: Some(&self.client),
            base_url: BASE_URL,
        }
    }
}

/// What people see, and do.
impl World {
    /// A pull request of a fork, or of a branch of the repository, at this commit.
    pub fn propose(&self, author: u64, of: u64, (base, head): (&str, &str)) {
        self.github.pull(fake_github::Pull {
            repository: SHOP.0,
            number: NUMBER,
            author: Some(author),
            head_branch: "fix".to_owned(),
            head: head.to_owned(),
            head_repository: Some(of),
            base_branch: "main".to_owned(),
            base: base.to_owned(),
            open: true,
        });
    }

    /// What a webhook gets of the pull request.
    pub fn pull_event(&self, action: &str, sender: u64) -> Value {
        self.github.pull_payload(SHOP.0, NUMBER, action, sender)
    }

    /// Says who is who on this machine.
    pub fn people(&self, text: &str) {
        std::fs::write(self.folder.path().join("data/machine.yaml"), text).unwrap();
    }

    /// Somebody comments; what a webhook gets of it.
    pub fn comment(&self, author: u64, body: &str) -> Value {
        self.github.comment(SHOP.0, NUMBER, author, body)
    }

    /// What is said of the check of this name at the commit, `slipway` for the whole: its conclusion, or its status until then.
    pub fn check(&self, commit: &str, name: &str) -> String {
        let runs = self.github.check_runs(commit);
        let named: Vec<_> = runs
            .iter()
            .filter(|run| run.shown["name"] == name)
            .collect();
        let last = named
            .last()
            .unwrap_or_else(|| panic!("{commit} has no check {name}"));
        let said = ["conclusion", "status"].map(|key| last.shown[key].as_str());
        said.into_iter()
            .flatten()
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// How many checks the commit has.
    pub fn checks(&self, commit: &str) -> usize {
        self.github.check_runs(commit).len()
    }

    /// What the machine has written below the pull request, oldest first.
    pub fn answers(&self) -> Vec<String> {
        let all = self.github.comments(SHOP.0, NUMBER);
        let ours = all.into_iter().filter(|one| one.app.is_some());
        ours.map(|one| one.body).collect()
    }

    /// The reactions at what somebody wrote.
    pub fn reactions(&self, comment: &Value) -> Vec<String> {
        let id = comment["comment"]["id"].as_u64();
        let all = self.github.comments(SHOP.0, NUMBER);
        let one = all.into_iter().find(|one| Some(one.id) == id).unwrap();
        one.reactions.into_iter().map(|one| one.content).collect()
    }

    /// An event about the repository alone.
    pub fn repository_event(&self, action: &str) -> Value {
        let mut event = self.first(NOUGHTS);
        event["action"] = json!(action);
        event
    }

    /// The runs of the pull request, oldest first.
    pub async fn runs(&self) -> Vec<Run> {
        let stream = StreamId::pull(SHOP, NUMBER);
        let pull: Pull = load(&self.journal, &stream).await.unwrap().state;
        let mut runs = Vec::new();
        for planned in pull.runs {
            let stream = StreamId::run(SHOP, &planned.run);
            runs.push(load(&self.journal, &stream).await.unwrap().state);
        }
        runs
    }
}
