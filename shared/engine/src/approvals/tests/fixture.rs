//! Purpose: a run whose staging is done and whose production waits for a decision.

use async_trait::async_trait;
use domain::ids::{CommitSha, Digest, EnvironmentName, PersonId};
use domain::kernel::Machine as _;
use domain::lane::Deployed;
use domain::run::{Event, Run};
use jiff::Timestamp;
use serde_json::json;

use crate::Fault;
use crate::approvals::{ApprovalView, Changes, Facts};
use crate::ports::{Commit, Comparison, People, Person};

pub struct Known(pub Vec<Person>);

#[async_trait]
impl People for Known {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.0.iter().find(|person| person.id == id).cloned())
    }
    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.0.iter().find(|person| person.login == login).cloned())
    }
    async fn by_address(&self, _: &str) -> Result<Option<Person>, Fault> {
        Ok(None)
    }
    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault> {
        let member = |person: &&Person| person.teams.iter().any(|team| team == name);
        Ok(self.0.iter().filter(member).cloned().collect())
    }
}

pub fn now() -> Timestamp {
    "2026-03-01T09:30:00Z".parse().unwrap()
}

pub fn view(run: &Run, facts: &Facts) -> ApprovalView {
    ApprovalView::of(run, &EnvironmentName::from("production"), facts, now()).unwrap()
}

fn step() -> serde_json::Value {
    json!({"run": ["true"], "timeout_seconds": 60})
}

fn opening() -> serde_json::Value {
    json!({
        "repository": 12, "run": "a1b2c3d4e5f6", "delivery": "d-1", "trigger": {"push": {"branch": "main"}},
        "reference": "refs/heads/main", "commit": "c".repeat(40), "parties": {"initiator": 3, "author": 4},
        "plan": {
            "pipeline": "b".repeat(64), "concurrency": {"group": "main", "on_new": "queue"},
            "jobs": [{"id": "unit", "name": "unit", "needs": [], "step": step()}],
            "stages": [
                {"environment": "staging", "deploy": step(), "verify": step()},
                {"environment": "production", "after": "staging", "deploy": step(), "approval": {
                    "people": ["ana"], "teams": ["release"], "count": 2, "exclude": ["initiator", "author"],
                    "expires_seconds": 86_400}},
            ],
        },
    })
}

fn end(reports: &serde_json::Value, artifacts: &serde_json::Value) -> serde_json::Value {
    json!({
        "verdict": "succeeded", "reports": reports, "artifacts": artifacts, "started_ms": 1, "finished_ms": 2,
        "cpu_ms": 0, "max_rss_kib": 0
    })
}

pub fn run_at_approval() -> (Run, Facts) {
    let reports = json!([{
        "kind": "junit", "path": "unit.xml", "tests": {"passed": 120, "failed": 1, "skipped": 3, "millis": 900},
        "failures": [{"test": "cart::rounds", "file": "src/cart.rs", "line": 7, "message": "left: 1\nright: 2"}],
        "findings": {"errors": 0, "warnings": 4, "notes": 0, "new": 1},
        "details": [{"rule": "unused", "level": "warning", "message": "never read", "fingerprint": "f", "new": true},
                    {"rule": "old", "level": "warning", "message": "old", "fingerprint": "g", "new": false}],
    }]);
    let artifacts = json!([{"name": "server", "digest": "d".repeat(64), "files": [
        {"path": "server", "digest": "e".repeat(64), "len": 2_048, "executable": true}]}]);
    let at = "2026-03-01T09:00:00Z";
    let none = json!([]);
    let events = json!([
        {"RunOpened": {"opening": opening(), "at": at}},
        {"TurnTaken": {}},
        {"AttemptEnded": {"attempt": {"task": "job/unit", "number": 1}, "end": end(&reports, &artifacts)}},
        {"ReleaseSealed": {"release": "f".repeat(64)}},
        {"AttemptEnded": {"attempt": {"task": "verify/staging", "number": 1}, "end": end(&none, &none)}},
        {"StageEnded": {"environment": "staging", "outcome": "deployed"}},
        {"StageReached": {"environment": "production"}},
        {"ApprovalOpened": {
            "environment": "production", "release": "f".repeat(64), "approvers": [1, 2, 3, 4], "excluded": [3, 4],
            "count": 2, "expires_at": "2026-03-02T09:00:00Z"}},
        {"DecisionMade": {"environment": "production", "decision": {
            "person": 2, "approve": true, "reason": "looked at staging", "release": "f".repeat(64),
            "at": "2026-03-01T09:20:00Z", "signature": "s"}}},
    ]);
    let events: Vec<Event> = serde_json::from_value(events).unwrap();
    let person = |id: u64, name: &str| Person {
        id: PersonId(id),
        login: name.to_lowercase(),
        name: name.to_owned(),
        address: None,
        teams: Vec::new(),
    };
    let people = [person(1, "Ana"), person(2, "Bob"), person(3, "Carl")];
    let facts = Facts {
        repository_name: "acme/shop".to_owned(),
        head: Some(commit('c', "Round prices up")),
        changes: since(2, 2),
        doubt: None,
        people: people.map(|person| (person.id, person)).into(),
    };
    (Run::replay(&events), facts)
}

fn commit(letter: char, title: &str) -> Commit {
    Commit {
        sha: CommitSha::new(letter.to_string().repeat(40)),
        title: title.to_owned(),
        author_name: "Dora".to_owned(),
        author_address: "dora@example.org".to_owned(),
        committer_address: "dora@example.org".to_owned(),
        at_ms: 0,
    }
}

fn deployed() -> Deployed {
    Deployed {
        run: "000000000001".into(),
        commit: CommitSha::new("a".repeat(40)),
        release: Digest::of(b"old"),
        at: now(),
    }
}

fn since(total: u64, files_changed: u64) -> Changes {
    Changes::Since {
        deployed: deployed(),
        comparison: Comparison {
            commits: vec![commit('c', "Round prices up"), commit('9', "Add a test")],
            total,
            files_changed,
            insertions: 10,
            deletions: 4,
        },
    }
}

pub fn all_changes() -> Vec<Changes> {
    let (why, deployed) = ("git said\nno".to_owned(), deployed());
    vec![
        Changes::First,
        Changes::Same {
            deployed: deployed.clone(),
        },
        since(1, 1),
        since(7, 2),
        since(0, 3),
        Changes::Unknown { deployed, why },
    ]
}
