//! Purpose: a machine in memory whose runs wait for a decision, shared by the tests of the mail and of the approval page.
//!
//! Team `release` is Ana, Carl and Dora; Bob is named by his login. Carl pushed, Dora wrote. Eve has no part.

// It is a file of the approval's tests, too, so its place is said.
#[path = "world_ports.rs"]
mod ports;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::ids::{BuildId, CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Attempt, Command, EndFacts, Run, StageOutcome};
use domain::{lane, run};
use engine::ports::*;
use engine::{Fault, Invocation, load};
use jiff::Timestamp;
use serde_json::json;
use sha2::Digest as _;
use testkit::memory::MemoryJournal;
use testkit::yielding::block_on;

pub const REPOSITORY: RepositoryId = RepositoryId(12);
pub const RUN: &str = "a1b2c3d4e5f6";
pub const BASE: &str = "https://ci.example.org";
pub const ANA: PersonId = PersonId(1);
pub const BOB: PersonId = PersonId(2);
pub const CARL: PersonId = PersonId(3);
pub const DORA: PersonId = PersonId(4);
pub const EVE: PersonId = PersonId(5);

/// Every port that the two functions have.
pub struct World {
    pub journal: MemoryJournal,
    pub now: Mutex<Timestamp>,
    pub people: Mutex<Vec<Person>>,
    pub people_fail: AtomicBool,
    pub mails: Mutex<Vec<Mail>>,
    pub announcements: Mutex<Vec<Announcement>>,
    /// Whether the topic does not answer.
    pub topic_fails: AtomicBool,
    /// What the mail server answers instead of taking mails.
    pub mail_fault: Mutex<Option<Fault>>,
    /// Makes text of a stranger out of a plain word.
    pub say: fn(&str) -> String,
}

/// Text that tries everything.
pub fn hostile(word: &str) -> String {
    format!(
        "{word}<script>alert('{word}')</script>\" onload='x' http://evil.example \u{202e}\n{word}"
    )
}

pub fn production() -> EnvironmentName {
    "production".into()
}

pub fn stream(run: &str) -> StreamId {
    StreamId::run(REPOSITORY, &RunId::from(run))
}

impl World {
    /// A machine whose run [`RUN`] waits for two approvals of production; production runs an older commit.
    pub fn new(say: fn(&str) -> String) -> Self {
        let world = Self::empty(say);
        world.deploy_older();
        world.bring_to_approval(RUN, "2");
        world
    }

    pub fn plain() -> Self {
        Self::new(str::to_owned)
    }

    pub fn empty(say: fn(&str) -> String) -> Self {
        let person = |id: PersonId, login: &str, teams: &[&str]| Person {
            id,
            login: login.to_owned(),
            name: say(&format!("{}{}", login[..1].to_uppercase(), &login[1..])),
            address: Some(format!("{login}@example.org")),
            teams: teams.iter().map(|team| (*team).to_owned()).collect(),
        };
        Self {
            journal: MemoryJournal::default(),
            now: Mutex::new("2026-03-01T09:00:00Z".parse().unwrap()),
            people: Mutex::new(vec![
                person(ANA, "ana", &["release"]),
                person(BOB, "bob", &[]),
                person(CARL, "carl", &["release"]),
                person(DORA, "dora", &["release"]),
                person(EVE, "eve", &[]),
            ]),
            people_fail: AtomicBool::new(false),
            mails: Mutex::default(),
            announcements: Mutex::default(),
            topic_fails: AtomicBool::new(false),
            mail_fault: Mutex::default(),
            say,
        }
    }

    pub fn run(&self, run: &str) -> Run {
        block_on(load::<Run>(&self.journal, &stream(run)))
            .unwrap()
            .state
    }

    pub fn approval(&self, run: &str) -> run::Approval {
        self.run(run).stages[&production()]
            .approval
            .clone()
            .unwrap()
    }

    pub fn submit(&self, run: &str, command: &Command) {
        let id = format!("setup/{run}/{}", self.journal.commits());
        let call = Invocation::new(&self.journal, self, self, "function:setup", id);
        block_on(call.submit::<Run>(&stream(run), command)).unwrap();
    }

    fn deploy_older(&self) {
        let (lane, run) = (
            StreamId::lane(REPOSITORY, &production()),
            RunId::from("000000000001"),
        );
        let call = Invocation::new(&self.journal, self, self, "function:setup", "lane");
        let release = Some((CommitSha::new("1".repeat(40)), Digest::of(b"older")));
        let take = lane::Command::Take {
            repository: REPOSITORY,
            run: run.clone(),
        };
        let give = lane::Command::Return {
            run,
            outcome: StageOutcome::Deployed,
            release,
        };
        block_on(call.submit::<lane::Lane>(&lane, &take)).unwrap();
        block_on(call.submit::<lane::Lane>(&lane, &give)).unwrap();
    }

    /// Carries a run of the commit made of this digit through its jobs and staging.
    pub fn bring_to_approval(&self, run: &str, commit: &str) {
        let opening = serde_json::from_value(self.opening(run, commit)).unwrap();
        self.submit(run, &Command::Open(Box::new(opening)));
        self.submit(run, &Command::TakeTurn);
        self.submit(
            run,
            &Command::GrantSlots(vec![Attempt::parse("job/unit~1").unwrap()]),
        );
        self.build(run, "job/unit~1", self.job_end());
        let staging = EnvironmentName::from("staging");
        self.submit(
            run,
            &Command::GrantLane {
                environment: staging.clone(),
                fence: 1,
                previous: None,
            },
        );
        self.build(run, "deploy/staging~1", Self::end(&json!([]), &json!([])));
        self.build(run, "verify/staging~1", Self::end(&json!([]), &json!([])));
        self.submit(
            run,
            &Command::Settled {
                environment: staging.clone(),
            },
        );
        self.submit(
            run,
            &Command::LaneReturned {
                environment: staging,
            },
        );
        self.submit(
            run,
            &Command::OpenApproval {
                environment: production(),
                approvers: vec![ANA, BOB, CARL, DORA],
                excluded: vec![CARL, DORA],
            },
        );
    }

    fn build(&self, run: &str, attempt: &str, end: serde_json::Value) {
        let attempt = Attempt::parse(attempt).unwrap();
        let build = BuildId::new(format!("{run}/{attempt}"));
        let end: Box<EndFacts> = Box::new(serde_json::from_value(end).unwrap());
        let (a, b) = (attempt.clone(), build.clone());
        self.submit(
            run,
            &Command::BuildStarted {
                attempt: a.clone(),
                build: b.clone(),
            },
        );
        self.submit(
            run,
            &Command::Claim {
                attempt: a,
                build: b,
            },
        );
        self.submit(
            run,
            &Command::BuildEnded {
                attempt,
                build,
                end,
            },
        );
    }

    fn opening(&self, run: &str, commit: &str) -> serde_json::Value {
        let step = json!({"run": ["true"], "timeout_seconds": 60});
        json!({
            "repository": REPOSITORY, "run": run, "delivery": run, "trigger": {"push": {"branch": "main"}},
            "reference": format!("refs/heads/{}", (self.say)("main")), "commit": commit.repeat(40),
            "parties": {"initiator": CARL, "author": DORA},
            "plan": {
                "pipeline": "b".repeat(64), "concurrency": {"group": run, "on_new": "queue"},
                "jobs": [{"id": "unit", "name": "unit", "needs": [], "step": step}],
                "stages": [
                    {"environment": "staging", "deploy": step, "verify": step},
                    {"environment": "production", "after": "staging", "deploy": step, "approval": {
                        "people": ["bob"], "teams": ["release"], "count": 2, "exclude": ["initiator", "author"],
                        "expires_seconds": 86_400}},
                ],
            },
        })
    }

    fn job_end(&self) -> serde_json::Value {
        let say = self.say;
        let reports = json!([{
            "kind": "junit", "path": "unit.xml", "tests": {"passed": 120, "failed": 1, "skipped": 3, "millis": 900},
            "failures": [{"test": say("cart::rounds"), "file": say("src/cart.rs"), "line": 7, "message": say("left")}],
            "findings": {"errors": 0, "warnings": 4, "notes": 0, "new": 1},
            "details": [{"rule": say("unused"), "level": "warning", "message": say("never read"), "fingerprint": "f",
                "new": true}],
        }]);
        let artifacts = json!([{"name": say("server"), "digest": "d".repeat(64), "files": [
            {"path": "server", "digest": "e".repeat(64), "len": 2_048, "executable": true}]}]);
        Self::end(&reports, &artifacts)
    }

    fn end(reports: &serde_json::Value, artifacts: &serde_json::Value) -> serde_json::Value {
        json!({
            "verdict": "succeeded", "reports": reports, "artifacts": artifacts, "started_ms": 1, "finished_ms": 2,
            "cpu_ms": 0, "max_rss_kib": 0
        })
    }

    fn commit_of(&self, sha: &CommitSha, title: &str) -> Commit {
        Commit {
            sha: sha.clone(),
            title: (self.say)(title),
            author_name: (self.say)("Dora"),
            author_address: "dora@example.org".to_owned(),
            committer_address: "dora@example.org".to_owned(),
            at_ms: 0,
        }
    }

    fn find(&self, wanted: impl Fn(&Person) -> bool) -> Result<Vec<Person>, Fault> {
        if self.people_fail.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable("people did not answer".to_owned()));
        }
        let people = self.people.lock().unwrap();
        Ok(people
            .iter()
            .filter(|person| wanted(person))
            .cloned()
            .collect())
    }
}
