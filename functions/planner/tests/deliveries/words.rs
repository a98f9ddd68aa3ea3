//! Purpose: what people say about a pull request: who may, what it is bound to, and that the latest word holds.

use domain::delivery::{Delivery, Reaction};
use domain::ids::PersonId;
use serde_json::{Value, json};

use crate::forks::{Fork, MEMBER, STRANGER, WRITER};
use crate::wishes::{comment, said, say, waiting};

/// The same, said at this time.
fn said_at(sender: u64, body: &str, at: &str) -> Value {
    let mut comment = comment(sender, body);
    comment["comment"]["created_at"] = json!(format!("2026-03-02T{at}Z"));
    comment
}

async fn say_at(fork: &Fork, sender: u64, body: &str, at: &str) -> Delivery {
    let comment = said_at(sender, body, at);
    fork.world.look("issue_comment", &comment).await
}

#[tokio::test]
async fn a_pull_request_is_held_by_its_author_or_a_member_and_freed_by_either() {
    let (fork, ..) = waiting().await;
    let held = async || fork.world.pull().await.words.hold;
    let told = say(&fork, 77, "/hold").await;
    assert!(said(&told).1.starts_with("You may not use"), "{told:?}");
    assert_eq!(held().await, None);
    // Carried out twice, it is one hold.
    for _ in 0..2 {
        let told = say(&fork, STRANGER, "/hold the `database` moves").await;
        assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    }
    let hold = held().await.unwrap();
    assert_eq!(hold.by, PersonId(STRANGER));
    assert_eq!(hold.reason.as_deref(), Some("the `database` moves"));
    assert_eq!(fork.world.pull().await.words.number, 1);
    let told = say(&fork, MEMBER, "/why").await;
    let line = "the pull request: The pull request is held by person 9 since";
    assert!(said(&told).1.contains(line), "{told:?}");
    let told = say(&fork, MEMBER, "/unhold").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    assert_eq!(held().await, None);
}

#[tokio::test]
async fn a_hold_survives_pushes_and_needs_no_run() {
    let fork = Fork::new();
    fork.commit(STRANGER);
    let told = say(&fork, MEMBER, "/hold").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    let told = say(&fork, MEMBER, "/why").await;
    assert_eq!(
        said(&told).1,
        "Nothing has run here yet. It is held; `/unhold` lets it be merged."
    );
    for _ in 0..2 {
        let head = fork.commit(STRANGER);
        fork.pushed(&head, STRANGER).await;
    }
    let pull = fork.world.pull().await;
    assert!(pull.words.held().is_some());
    assert_eq!((pull.runs.len(), pull.untold.len()), (2, 2));
}

#[tokio::test]
async fn a_hold_that_comes_after_the_end_that_somebody_called_for_is_none() {
    let (fork, ..) = waiting().await;
    say_at(&fork, WRITER, "/unhold", "11:30:00").await;
    let told = say_at(&fork, MEMBER, "/hold", "11:29:59").await;
    assert_eq!(
        said(&told),
        (
            Reaction::Confused,
            "This came late: somebody has said something else since."
        )
    );
    assert_eq!(fork.world.pull().await.words.held(), None);
}

#[tokio::test]
async fn a_closed_pull_request_is_not_held() {
    let (fork, ..) = waiting().await;
    fork.change(|pull| pull.is_open = false);
    let told = say(&fork, WRITER, "/hold").await;
    assert_eq!(
        said(&told),
        (Reaction::Confused, "This pull request is closed.")
    );
    assert_eq!(fork.world.pull().await.words.hold, None);
}
