//! What goes wrong outside of Slipway: each time a clear sentence, and nothing that was acknowledged is lost.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod disk;
mod journal;
mod pages;
mod typed;
mod webhook;

use blackbox::Home;
use serde_json::Value;

/// Two jobs, staging by itself, production after bob's approval.
const PIPELINE: &str = r#"
version: 1
on: { push: { branches: ["**"] } }
jobs:
  build: { run: echo built }
  unit: { needs: [build], run: sh test.sh }
environments:
  staging: { branches: ["**"], deploy: { run: echo staging } }
  production:
    branches: ["**"]
    after: staging
    approval: { people: [bob] }
    deploy: { run: echo production }
"#;

const PEOPLE: &str = "
people:
  - { id: 1, login: ana, email: ana@example.org }
  - { id: 2, login: bob, email: bob@example.org }
";

/// The run of this commit.
fn run_of(home: &Home, commit: &str) -> Option<Value> {
    home.runs().into_iter().find(|run| run["commit"] == commit)
}

/// Whether the run of this commit has this status.
fn is(home: &Home, commit: &str, status: &str) -> bool {
    run_of(home, commit).is_some_and(|run| run["status"] == status)
}
