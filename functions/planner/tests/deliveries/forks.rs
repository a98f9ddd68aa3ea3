//! Purpose: the code of a fork: who is trusted, what waits, and what ends a wait.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::delivery::Answer;
use domain::ids::{CommitSha, PersonId, RepositoryId, RunId};
use domain::run::Command;
use engine::ports::{Login, PullRequest};
use github::commands::Standing;
use serde_json::{Value, json};

use crate::world::{FILE, World};

pub const MEMBER: u64 = 1;
pub const WRITER: u64 = 2;
pub const STRANGER: u64 = 9;

/// A world with pull request 5 of a fork at this commit, by the stranger.
pub struct Fork {
    pub world: World,
    pub base: String,
    commits: AtomicU32,
}

impl Fork {
    pub fn new() -> Self {
        let world = World::new();
        let base = world.commit_file(FILE);
        let commits = AtomicU32::new(0);
        let fork = Self {
            world,
            base,
            commits,
        };
        fork.stands(MEMBER, Standing::Member);
        fork.stands(WRITER, Standing::Writer);
        fork
    }

    /// What somebody may do from now on.
    fn stands(&self, person: u64, standing: Standing) {
        let mut standings = self.world.github.standings.lock().unwrap();
        standings.insert(PersonId(person), standing);
    }

    /// The pull request is changed at GitHub.
    pub fn change(&self, change: impl FnOnce(&mut PullRequest)) {
        change(self.world.github.pull.lock().unwrap().as_mut().unwrap());
    }

    /// The fork has a new commit, and GitHub knows.
    pub fn commit(&self, author: u64) -> String {
        self.world.git(&["checkout", "-q", "-B", "fix", "main"]);
        let number = self.commits.fetch_add(1, Ordering::Relaxed);
        std::fs::write(self.world.shop().join("change"), number.to_string()).unwrap();
        let head = self.world.commit();
        self.world.git(&["checkout", "-q", "main"]);
        *self.world.github.pull.lock().unwrap() = Some(PullRequest {
            number: 5,
            author: Some(Login {
                id: PersonId(author),
                name: format!("u{author}"),
            }),
            head_branch: "main".to_owned(),
            head: CommitSha::new(&*head),
            head_repository: Some(RepositoryId(999)),
            base_branch: "main".to_owned(),
            base: CommitSha::new(&*self.base),
            is_open: true,
        });
        head
    }

    /// The delivery that GitHub sends of it.
    pub fn delivery(&self, head: &str, sender: u64) -> Value {
        json!({
            "action": "synchronize", "number": 5, "repository": { "id": 7 },
            "sender": { "id": sender, "login": format!("u{sender}") },
            "pull_request": {
                "head": { "ref": "main", "sha": head, "repo": { "id": 999 } },
                "base": { "ref": "main", "sha": self.base, "repo": { "id": 7 } },
            },
        })
    }

    pub async fn pushed(&self, head: &str, sender: u64) -> RunId {
        let answer = self
            .world
            .plan("pull_request", &self.delivery(head, sender))
            .await;
        run_of(&answer)
    }
}

pub fn run_of(answer: &Answer) -> RunId {
    match answer {
        Answer::Planned { run, .. } => run.clone(),
        other => panic!("{other:?}"),
    }
}

pub fn reason_of(answer: &Answer) -> &str {
    match answer {
        Answer::Ignored { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn sec_03_a_stranger_waits_and_so_does_a_member_who_pushes_to_a_strangers_fork() {
    for (author, sender, waits) in [
        (STRANGER, STRANGER, true),
        (STRANGER, WRITER, true),
        (MEMBER, STRANGER, true),
        (MEMBER, MEMBER, false),
        (WRITER, MEMBER, false),
    ] {
        let fork = Fork::new();
        let head = fork.commit(author);
        let run = fork.pushed(&head, sender).await;
        let run = fork.world.run(&run).await;
        assert_eq!(run.waits_for_trust(), waits, "{author} {sender}");
        let opening = run.opening.unwrap();
        // A branch of the fork that is called `main` is not ours.
        assert_eq!(opening.reference, "refs/pull/5/head");
        assert_eq!(opening.plan.stages, []);
    }
}

#[tokio::test]
async fn sec_02_nobody_is_trusted_while_github_does_not_say_who_they_are() {
    let fork = Fork::new();
    let head = fork.commit(MEMBER);
    fork.stands(MEMBER, Standing::Unknown);
    let run = fork.pushed(&head, MEMBER).await;
    assert!(fork.world.run(&run).await.waits_for_trust());
}

#[tokio::test]
async fn sec_03_a_push_ends_what_waits_and_a_late_delivery_begins_nothing() {
    let fork = Fork::new();
    let first = fork.commit(STRANGER);
    let waiting = fork.pushed(&first, STRANGER).await;
    let second = fork.commit(STRANGER);
    let late = fork
        .world
        .plan("pull_request", &fork.delivery(&first, MEMBER))
        .await;
    let why = "pull request #5 has moved on to";
    assert!(reason_of(&late).starts_with(why), "{late:?}");
    fork.pushed(&second, STRANGER).await;
    let ended = fork.world.run(&waiting).await.finished.unwrap();
    assert!(ended.headline.contains("has moved on"), "{ended:?}");
}

#[tokio::test]
async fn sec_03_what_is_released_is_one_commit() {
    let fork = Fork::new();
    let head = fork.commit(STRANGER);
    let run = fork.pushed(&head, STRANGER).await;
    let trust = |commit: &str| Command::Trust {
        commit: CommitSha::new(commit),
        by: PersonId(WRITER),
    };
    use domain::kernel::Machine as _;
    let state = fork.world.run(&run).await;
    let at = "2026-03-02T12:00:00Z".parse().unwrap();
    let refused = state.decide(at, &trust(&"a".repeat(40))).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("the run is about another commit, {head}")
    );
    // Nothing of it is owed before, and its turn is after.
    assert_eq!(state.outstanding(at), []);
    fork.world.give(&run, &trust(&head)).await;
    let state = fork.world.run(&run).await;
    assert!(!state.waits_for_trust());
    assert_eq!(state.outstanding(at), [domain::run::Effect::TakeTurn]);
}

#[tokio::test]
async fn a_pull_request_that_is_closed_or_gone_has_no_run() {
    let fork = Fork::new();
    let head = fork.commit(STRANGER);
    fork.change(|pull| pull.is_open = false);
    let answer = fork
        .world
        .plan("pull_request", &fork.delivery(&head, STRANGER))
        .await;
    assert_eq!(reason_of(&answer), "pull request #5 is closed");
    *fork.world.github.pull.lock().unwrap() = None;
    let answer = fork
        .world
        .plan("pull_request", &fork.delivery(&head, MEMBER))
        .await;
    assert_eq!(reason_of(&answer), "there is no pull request #5");
}

#[tokio::test]
async fn a_run_that_was_opened_by_a_call_that_died_is_gone_on_with_whatever_has_happened_since() {
    let fork = Fork::new();
    let head = fork.commit(STRANGER);
    let body = fork.delivery(&head, STRANGER);
    // As far as the call got: the run is there, and nobody else knows of it.
    let run = fork.pushed(&head, STRANGER).await;
    let opening = fork.world.run(&run).await.opening.unwrap();
    let again = Fork::new();
    again.commit(STRANGER);
    assert_ne!(again.commit(STRANGER), head);
    let known = domain::run::Opening {
        delivery: opening.delivery.clone(),
        ..*opening
    };
    again.world.open(known).await;
    let answer = again.world.plan("pull_request", &body).await;
    assert_eq!(run_of(&answer), run);
    let shown = again.world.run(&run).await.opening.unwrap();
    assert!(again.world.checks(&shown).await.opening.is_some());
    assert_eq!(again.world.pull().await.runs.len(), 1);
    // The head is another one: it waits no more.
    assert!(again.world.run(&run).await.is_over());
}
