//! Purpose: runs for the tests of single calls, brought to where a test begins.

use domain::ids::BuildId;
use domain::run::{Attempt, Command, EndFacts, Opening};
use serde_json::{Value, json};

use super::world::{ANA, REPOSITORY, World};

/// One job, `lint`, that writes a SARIF report with a gate.
pub fn opening(run: &str, trigger: &Value, reference: &str) -> Value {
    let step = json!({"run": ["true"], "timeout_seconds": 600});
    json!({
        "repository": REPOSITORY, "run": run, "delivery": run, "trigger": trigger, "reference": reference,
        "commit": "c".repeat(40), "parties": {"initiator": ANA, "author": ANA},
        "plan": {
            "pipeline": "b".repeat(64), "concurrency": {"group": run, "on_new": "queue"}, "stages": [],
            "jobs": [{"id": "lint", "name": "lint", "needs": [], "step": step, "reports": [
                {"kind": "sarif", "path": "lint.sarif", "gate": {"max_new": 0}}]}],
        },
    })
}

pub fn push(run: &str) -> Value {
    opening(run, &json!({"push": {"branch": "main"}}), "refs/heads/main")
}

pub fn pull_request(run: &str) -> Value {
    let trigger = json!({"pull_request": {"number": 5, "base": "main", "head": "fix"}});
    opening(run, &trigger, "refs/heads/fix")
}

pub fn lint() -> Attempt {
    Attempt::parse("job/lint~1").unwrap()
}

impl World {
    pub fn open(&self, run: &str, opening: Value) {
        let opening: Opening = serde_json::from_value(opening).unwrap();
        self.submit(run, &Command::Open(Box::new(opening)));
    }

    /// The run's job has been asked for.
    pub fn request(&self, run: &str, opening: Value) {
        self.open(run, opening);
        self.submit(run, &Command::TakeTurn);
        self.submit(run, &Command::GrantSlots(vec![lint()]));
    }

    /// The run's job runs; the build's name.
    pub fn begin(&self, run: &str, opening: Value) -> BuildId {
        self.request(run, opening);
        let (attempt, build) = (lint(), BuildId::new(format!("b-{run}")));
        self.submit(
            run,
            &Command::BuildStarted {
                attempt: attempt.clone(),
                build: build.clone(),
            },
        );
        let claim = Command::Claim {
            attempt,
            build: build.clone(),
        };
        self.submit(run, &claim);
        build
    }

    /// The run's job has ended well, with this SARIF file as its report.
    pub fn finish(&self, run: &str, opening: Value, sarif: &str) {
        let build = self.begin(run, opening);
        let source = self.put(sarif.as_bytes());
        let end: EndFacts = serde_json::from_value(json!({
            "verdict": "succeeded", "started_ms": 1, "finished_ms": 2, "cpu_ms": 0, "max_rss_kib": 0,
            "reports": [{"kind": "sarif", "path": "lint.sarif", "source": source}],
        }))
        .unwrap();
        let (attempt, end) = (lint(), Box::new(end));
        self.submit(
            run,
            &Command::BuildEnded {
                attempt,
                build,
                end,
            },
        );
    }
}
