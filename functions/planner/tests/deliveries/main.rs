//! What becomes of a delivery, with a real git and a real journal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod closed;
mod decisions;
mod forks;
mod groups;
mod proposals;
mod repositories;
mod wishes;
mod words;
mod world;

use domain::delivery::Answer;
use domain::ids::PersonId;
use world::{FILE, World, push};

#[tokio::test]
async fn a_push_becomes_a_run() {
    let world = World::new();
    let commit = world.commit_file(FILE);
    let answer = world.plan("push", &push(&commit, 1)).await;
    let opening = world.opening(&answer).await;
    assert_eq!(opening.commit.as_str(), commit);
    assert_eq!(opening.problem, None);
    assert_eq!(opening.plan.jobs.len(), 1);
    // From here on GitHub shows it.
    assert!(opening.has_checks);
    let shown = world.checks(&opening).await.opening.unwrap();
    assert_eq!((shown.run, shown.commit), (opening.run, opening.commit));
}

#[tokio::test]
async fn sec_04_environments_are_those_of_the_default_branch_as_it_is_now() {
    let world = World::new();
    let guarded = |by: &str| {
        format!(
            "{FILE}environments:\n  production: {{ branches: [\"*\"], deploy: {{ run: ship }}, \
             approval: {{ people: [{by}] }} }}\n"
        )
    };
    let first = world.commit_file(guarded("bob"));
    world.git(&["checkout", "-q", "-b", "feature"]);
    let open = guarded("bob").replace(", approval: { people: [bob] }", "");
    let sly = world.commit_file(&open);
    world.git(&["checkout", "-q", "main"]);
    let mut pushed = push(&sly, 1);
    pushed["ref"] = "refs/heads/feature".into();

    let approvers = async |body: &serde_json::Value| {
        let answer = world.plan("push", body).await;
        let plan = world.opening(&answer).await.plan;
        let stage = &plan.stages[0];
        (stage.approval.clone().unwrap().people, plan.environments)
    };
    let (people, source) = approvers(&pushed).await;
    assert_eq!(people, ["bob"]);
    assert_eq!(source.unwrap().commit.unwrap().as_str(), first);
    // The head of the default branch speaks for itself; an older commit of it does not.
    let second = world.commit_file(guarded("cho"));
    assert_eq!(
        approvers(&push(&second, 1)).await,
        (vec!["cho".to_owned()], None)
    );
    let (people, source) = approvers(&push(&first, 1)).await;
    assert_eq!(people, ["cho"]);
    assert_eq!(source.unwrap().commit.unwrap().as_str(), second);
    // A pull request is deployed nowhere.
    let body = serde_json::json!({
        "action": "opened", "number": 5, "repository": { "id": 7 }, "sender": { "id": 1 },
        "pull_request": {
            "head": { "ref": "feature", "sha": sly, "repo": { "id": 7 } },
            "base": { "ref": "main", "sha": second, "repo": { "id": 7 } },
        },
    });
    let answer = world.plan("pull_request", &body).await;
    assert_eq!(world.opening(&answer).await.plan.stages, []);
}

#[tokio::test]
async fn a_file_that_nobody_can_read_is_a_run_that_says_so() {
    let world = World::new();
    let large = world.commit_file("#".repeat(300 << 10));
    let strange = world.commit_file([b'#', 0xff, b'\n']);
    let file = world.shop().join(".slipway.yaml");
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("other.yaml", &file).unwrap();
    let link = world.commit();
    for (commit, problem) in [
        (large, "has 307200 bytes at"),
        (strange, "is not UTF-8 at"),
        (link, "is a symbolic link at"),
    ] {
        let answer = world.plan("push", &push(&commit, 1)).await;
        let opening = world.opening(&answer).await;
        let said = opening.problem.unwrap();
        assert!(said.contains(problem), "{said}");
        assert_eq!(opening.commit.as_str(), commit);
    }
}

#[tokio::test]
async fn a_commit_that_is_gone_for_good_leads_to_nothing_and_says_why() {
    let world = World::new();
    world.commit_file(FILE);
    let gone = "d".repeat(40);
    let said = |answer: Answer| match answer {
        Answer::Ignored { reason } => reason,
        other => panic!("{other:?}"),
    };
    let reason = "commit ddddddd is not in shop any more";
    // The folder has no `origin`.
    let answer = said(world.plan("push", &push(&gone, 1)).await);
    assert!(answer.starts_with(reason), "{answer}");
    // It has one, which does not know the commit either.
    world.git(&["clone", "-q", "--bare", ".", "../origin.git"]);
    world.git(&["remote", "add", "origin", "../origin.git"]);
    let answer = said(world.plan("push", &push(&gone, 2)).await);
    assert!(answer.starts_with(reason), "{answer}");
}

#[tokio::test]
async fn sec_11_whoever_the_machine_does_not_know_is_nobody() {
    let world = World::new();
    let commit = world.commit_file(FILE);
    world.people("people: [{ id: 3, login: ana, email: ana@example.org }]\n");
    for (sender, initiator) in [(3, Some(PersonId(3))), (44, None)] {
        let answer = world.plan("push", &push(&commit, sender)).await;
        let parties = world.opening(&answer).await.parties;
        assert_eq!(parties.initiator, initiator);
        assert_eq!(parties.author, Some(PersonId(3)));
    }
}
