//! Purpose: a pull request that is closed, opened again, or both in another order than it happened.

use domain::delivery::Answer;
use domain::run::Command;
use serde_json::{Value, json};

use crate::forks::{Fork, MEMBER, STRANGER, WRITER, reason_of};

fn acted(fork: &Fork, head: &str, action: &str) -> Value {
    let mut body = fork.delivery(head, STRANGER);
    body["action"] = json!(action);
    body
}

async fn said(fork: &Fork, head: &str, action: &str) -> Answer {
    let body = acted(fork, head, action);
    fork.world.plan("pull_request", &body).await
}

fn answer_of(answer: &Answer) -> &str {
    match answer {
        Answer::Answered { text } => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_waits_for_a_closed_pull_request_is_cancelled_once() {
    // For trust, and for a turn.
    for author in [STRANGER, MEMBER] {
        let fork = Fork::new();
        let head = fork.commit(author);
        let run = fork.pushed(&head, author).await;
        fork.change(|pull| pull.is_open = false);
        let told = said(&fork, &head, "closed").await;
        let text = "pull request #5 was closed; a run that waited was cancelled";
        assert_eq!(answer_of(&told), text);
        let ended = fork.world.run(&run).await.finished.unwrap();
        assert_eq!(ended.headline, "cancelled: pull request #5 was closed");
        let mut again = acted(&fork, &head, "closed");
        again["sender"]["id"] = json!(WRITER);
        let told = fork.world.plan("pull_request", &again).await;
        let text = "pull request #5 was closed; nothing waited for it";
        assert_eq!(answer_of(&told), text);
    }
}

#[tokio::test]
async fn a_notice_of_closing_that_comes_late_ends_nothing() {
    let fork = Fork::new();
    let head = fork.commit(STRANGER);
    let first = fork.pushed(&head, STRANGER).await;
    // It was closed and opened again, and GitHub tells of the latter first.
    let reopened = said(&fork, &head, "reopened").await;
    let second = fork.world.opening(&reopened).await.run;
    let late = said(&fork, &head, "closed").await;
    let reason = "pull request #5 is not closed any more";
    assert_eq!(reason_of(&late), reason);
    let run = fork.world.run(&second).await;
    assert!(run.waits_for_trust() && !run.is_over());
    // Of two runs that wait at one commit, one could never be released.
    let ended = fork.world.run(&first).await.finished.unwrap();
    let headline = format!("cancelled: run {second} of the same commit takes its place");
    assert_eq!(ended.headline, headline);
}

#[tokio::test]
async fn a_run_that_becomes_known_after_its_pull_request_was_closed_does_not_wait() {
    let fork = Fork::new();
    let head = fork.commit(STRANGER);
    let run = fork.pushed(&head, STRANGER).await;
    let opening = *fork.world.run(&run).await.opening.unwrap();
    // The call that opened the run died before anybody else knew of it; then the pull request was closed.
    let again = Fork::new();
    again.commit(STRANGER);
    again.world.open(opening).await;
    again.change(|pull| pull.is_open = false);
    assert_eq!(
        reason_of(&said(&again, &head, "closed").await),
        "pull request #5 has had no run"
    );
    let body = fork.delivery(&head, STRANGER);
    again.world.plan("pull_request", &body).await;
    let ended = again.world.run(&run).await.finished.unwrap();
    assert_eq!(ended.headline, "cancelled: pull request #5 was closed");
}

#[tokio::test]
async fn what_is_at_work_goes_on_to_its_end() {
    let fork = Fork::new();
    let head = fork.commit(MEMBER);
    let run = fork.pushed(&head, MEMBER).await;
    let attempt = || domain::run::Attempt::parse("job/unit~1").unwrap();
    let build = || domain::ids::BuildId::new("b1");
    for command in [
        Command::TakeTurn,
        Command::GrantSlots(vec![attempt()]),
        Command::BuildStarted {
            attempt: attempt(),
            build: build(),
        },
    ] {
        fork.world.give(&run, &command).await;
    }
    fork.change(|pull| pull.is_open = false);
    let told = said(&fork, &head, "closed").await;
    let text = "pull request #5 was closed; nothing waited for it";
    assert_eq!(answer_of(&told), text);
    assert!(!fork.world.run(&run).await.is_over());
}
