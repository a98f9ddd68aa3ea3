//! One machine's data and one repository, with the planner between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use domain::checks::Checks;
use domain::delivery::Answer;
use domain::ids::{Digest, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::pull::Pull;
use domain::run::{Opening, Run};
use engine::ports::{
    Clock, Delivery, Doorbell, Doorbells, Function, Inbox as _, Login, PullRequest, PullRequests,
    Written,
};
use engine::{Fault, Invocation, load, queue};
use github::commands::Standing;
use jiff::Timestamp;
use local::git::GitSources;
use local::journal::SqliteJournal;
use local::people::FilePeople;
use local::registry::Registry;
use serde_json::{Value, json};

pub const SHOP: RepositoryId = RepositoryId(7);
pub const FILE: &str = "version: 1\njobs: { unit: { run: make test } }\n";

/// A time that stands still.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-03-02T12:00:00Z".parse().unwrap()
    }
}

/// Nobody else is at work.
struct Silence;

#[async_trait::async_trait]
impl Doorbells for Silence {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Ok(())
    }
}

pub struct World {
    dir: tempfile::TempDir,
    registry: Registry,
    pub journal: SqliteJournal,
    pub github: GitHub,
}

/// Pull request 5 as GitHub has it, and what people may do.
#[derive(Default)]
pub struct GitHub {
    pub pull: Mutex<Option<PullRequest>>,
    pub standings: Mutex<BTreeMap<PersonId, Standing>>,
    /// What the repository is called; `None` = the App is not installed there.
    pub name: Mutex<Option<String>>,
}

#[async_trait::async_trait]
impl PullRequests for GitHub {
    async fn pull_request(
        &self,
        _: RepositoryId,
        number: u64,
    ) -> Result<Option<PullRequest>, Fault> {
        let pull = self.pull.lock().unwrap().clone();
        Ok(pull.filter(|pull| pull.number == number))
    }

    async fn hosted(&self, _: RepositoryId) -> Result<Option<String>, Fault> {
        Ok(self.name.lock().unwrap().clone())
    }

    async fn standing(&self, _: RepositoryId, who: &Login) -> Result<Standing, Fault> {
        let standings = self.standings.lock().unwrap();
        Ok(standings
            .get(&who.id)
            .copied()
            .unwrap_or(Standing::Outsider))
    }

    /// The planner reads what the delivery says.
    async fn written(&self, _: RepositoryId, _: u64) -> Result<Option<Written>, Fault> {
        Ok(None)
    }
}

impl World {
    /// A repository that webhooks drive, without a commit yet.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let shop = dir.path().join("shop");
        std::fs::create_dir(&shop).unwrap();
        git(&shop, &["init", "-q", "-b", "main"]);
        let registry = Registry::new(&data);
        registry.add(&shop, "shop", Some(SHOP), None).unwrap();
        Self {
            journal: SqliteJournal::open(&data.join("journal.sqlite")).unwrap(),
            registry,
            dir,
            github: GitHub::default(),
        }
    }

    pub fn shop(&self) -> PathBuf {
        self.dir.path().join("shop")
    }

    pub fn git(&self, args: &[&str]) -> String {
        git(&self.shop(), args)
    }

    /// Commits the folder as it is; gives the commit.
    pub fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "one"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The file of this content, committed; gives the commit.
    pub fn commit_file(&self, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.shop().join(".slipway.yaml"), content).unwrap();
        self.commit()
    }

    /// Hands a delivery in and plans it.
    pub async fn plan(&self, event: &str, body: &Value) -> Answer {
        self.look(event, body).await.answer.unwrap()
    }

    /// The same; gives all that is known of the delivery.
    pub async fn look(&self, event: &str, body: &Value) -> domain::delivery::Delivery {
        let body = body.to_string();
        let guid = guid_of(&body);
        let delivery = Delivery {
            guid: guid.clone(),
            event: event.to_owned(),
            body,
            at_ms: 0,
        };
        self.journal.accept(&delivery).await.unwrap();
        let stream = StreamId::delivery(&guid);
        let sources = GitSources::new(std::sync::Arc::new(self.registry.clone()));
        let people = FilePeople::new(self.dir.path().join("data"));
        let deps = planner::Deps {
            journal: &self.journal,
            inbox: &self.journal,
            clock: &Noon,
            doorbells: &Silence,
            sources: &sources,
            people: &people,
            host: Some(&self.github),
            base_url: "https://ci.example.org",
            repositories: &self.registry,
        };
        let rung = [Doorbell {
            stream: stream.clone(),
        }];
        let said = planner::handle(&deps, queue::event(&rung).unwrap(), "call").await;
        assert_eq!(said.batch_item_failures.len(), 0, "{said:?}");
        let loaded = load::<domain::delivery::Delivery>(&self.journal, &stream).await;
        loaded.unwrap().state
    }

    /// A run as it stands.
    pub async fn run(&self, run: &RunId) -> Run {
        load(&self.journal, &StreamId::run(SHOP, run))
            .await
            .unwrap()
            .state
    }

    /// Pull request 5.
    pub async fn pull(&self) -> Pull {
        load(&self.journal, &StreamId::pull(SHOP, 5))
            .await
            .unwrap()
            .state
    }

    /// Opens a run, and does no more.
    pub async fn open(&self, opening: Opening) {
        let run = opening.run.clone();
        let open = domain::run::Command::Open(Box::new(opening));
        self.give(&run, &open).await;
    }

    /// Gives a run a command.
    pub async fn give(&self, run: &RunId, command: &domain::run::Command) {
        let call = Invocation::new(&self.journal, &Noon, &Silence, "function:test", "test");
        let stream = StreamId::run(SHOP, run);
        call.submit::<Run>(&stream, command).await.unwrap();
    }

    /// Tells the repository's stream something.
    pub async fn tell(&self, command: &domain::repository::Command) {
        let call = Invocation::new(&self.journal, &Noon, &Silence, "function:test", "told");
        let stream = StreamId::repository(SHOP);
        let done = call.submit::<domain::repository::Repository>(&stream, command);
        done.await.unwrap();
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The run that the answer names, as it was opened.
    pub async fn opening(&self, answer: &Answer) -> Opening {
        let Answer::Planned { repository, run } = answer else {
            panic!("{answer:?}")
        };
        let stream = StreamId::run(*repository, run);
        let run: Run = load(&self.journal, &stream).await.unwrap().state;
        *run.opening.unwrap()
    }

    /// What GitHub shows of the run.
    pub async fn checks(&self, opening: &Opening) -> Checks {
        let stream = StreamId::checks(opening.repository, &opening.run);
        load(&self.journal, &stream).await.unwrap().state
    }

    /// Says who is who on this machine.
    pub fn people(&self, text: &str) {
        std::fs::write(self.dir.path().join("data/machine.yaml"), text).unwrap();
    }
}

/// Deliveries of one body are one.
pub fn guid_of(body: &str) -> String {
    format!("guid-of-{}", Digest::of(body.as_bytes()).short())
}

/// A push of one commit to `main`, in GitHub's words.
pub fn push(commit: &str, sender: u64) -> Value {
    json!({
        "ref": "refs/heads/main", "before": "0".repeat(40), "after": commit,
        "repository": { "id": SHOP }, "sender": { "id": sender },
    })
}

fn git(dir: &Path, args: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=Ana", "-c", "user.email=ana@example.org"])
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "git {args:?}: {said}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}
