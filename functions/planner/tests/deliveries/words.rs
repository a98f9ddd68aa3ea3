//! Purpose: what people say about a pull request: who may, what it is bound to, and that the latest word holds.

use domain::delivery::{Delivery, Reaction};
use domain::ids::{BuildId, CommitSha, PersonId, RunId};
use domain::run::{Attempt, Command, EndFacts, Outcome, Verdict};
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
async fn an_author_from_outside_ends_no_hold_of_a_member() {
    let (fork, ..) = waiting().await;
    say(&fork, MEMBER, "/hold").await;
    let told = say(&fork, STRANGER, "/unhold").await;
    assert_eq!(
        said(&told),
        (
            Reaction::Confused,
            "Somebody else holds it; a member can end that."
        )
    );
    assert!(fork.world.pull().await.words.held().is_some());
    say(&fork, MEMBER, "/unhold ").await;
    say(&fork, STRANGER, "/hold ").await;
    let told = say(&fork, STRANGER, "/unhold  ").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    assert_eq!(fork.world.pull().await.words.held(), None);
}

#[tokio::test]
async fn a_closed_pull_request_is_not_held_and_a_hold_of_it_can_be_ended() {
    let (fork, ..) = waiting().await;
    say(&fork, WRITER, "/hold ").await;
    fork.change(|pull| pull.is_open = false);
    let told = say(&fork, WRITER, "/hold").await;
    assert_eq!(
        said(&told),
        (Reaction::Confused, "This pull request is closed.")
    );
    let told = say(&fork, WRITER, "/unhold").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    assert_eq!(fork.world.pull().await.words.hold, None);
}

/// After the run was opened.
const LATER: &str = "12:01:00";

/// A pull request of a member, whose run has its turn.
async fn running() -> (Fork, RunId) {
    let fork = Fork::new();
    let head = fork.commit(MEMBER);
    let run = fork.pushed(&head, MEMBER).await;
    fork.world.give(&run, &Command::TakeTurn).await;
    (fork, run)
}

/// The same, with its job failed.
async fn failed() -> (Fork, RunId) {
    let (fork, run) = running().await;
    let attempt = Attempt::parse("job/unit~1").unwrap();
    let build = BuildId::new("b1");
    let why = "it exited with 1".to_owned();
    let end = EndFacts::without_build(Verdict::Failed { why }, jiff::Timestamp::UNIX_EPOCH);
    for command in [
        Command::GrantSlots(vec![attempt.clone()]),
        Command::BuildStarted {
            attempt: attempt.clone(),
            build: build.clone(),
        },
        Command::Claim {
            attempt: attempt.clone(),
            build: build.clone(),
        },
        Command::BuildEnded {
            attempt,
            build,
            end: Box::new(end),
        },
    ] {
        fork.world.give(&run, &command).await;
    }
    (fork, run)
}

#[tokio::test]
async fn sec_03_what_was_not_shown_yet_looks_good_to_nobody() {
    let (fork, _) = running().await;
    let looks = async || fork.world.pull().await.words.looks.len();
    // Its run was opened at noon, and nobody knows whose clock is right to the second.
    for at in ["11:59:59", "12:00:00", "12:00:04"] {
        let told = say_at(&fork, WRITER, "/lgtm", at).await;
        assert!(said(&told).1.starts_with("No run of "), "{told:?}");
    }
    // The head has moved on, and its run is not known.
    fork.commit(MEMBER);
    let told = say_at(&fork, WRITER, "/lgtm ", LATER).await;
    assert!(said(&told).1.starts_with("No run of "), "{told:?}");
    assert_eq!(looks().await, 0);
}

#[tokio::test]
async fn a_change_looks_good_to_a_writer_who_is_not_its_author_and_may_take_that_back() {
    let (fork, _) = running().await;
    let looks = async || fork.world.pull().await.words.looks;
    let told = say_at(&fork, MEMBER, "/lgtm", LATER).await;
    assert!(said(&told).1.contains("a change of their own"), "{told:?}");
    let told = say_at(&fork, STRANGER, "/lgtm", LATER).await;
    assert!(said(&told).1.starts_with("You may not use"), "{told:?}");
    let told = say_at(&fork, WRITER, "/lgtm", LATER).await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    let [look] = &looks().await[..] else {
        panic!("{:?}", looks().await)
    };
    assert_eq!(look.by, PersonId(WRITER));
    let told = say_at(&fork, WRITER, "/lgtm cancel", "12:02:00").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    assert_eq!(looks().await, []);
    let told = say_at(&fork, WRITER, "/lgtm of course", LATER).await;
    assert!(said(&told).1.contains("Write `/lgtm [cancel]`"), "{told:?}");
}

#[tokio::test]
async fn a_check_that_failed_is_overridden_at_the_head_by_either_name() {
    let (fork, run) = failed().await;
    let overrides = async || fork.world.pull().await.words.overrides;
    let line = "/override \"slipway / unit\" the mirror is down";
    // It is the author's own change.
    let told = say_at(&fork, MEMBER, line, LATER).await;
    assert!(
        said(&told).1.starts_with("Nobody says `/override`"),
        "{told:?}"
    );
    for (line, answer) in [
        ("/override unit", "`<reason>` is missing"),
        ("/override uint it is flaky", "Did you mean `unit`?"),
        ("/override slipway it is flaky", "There is no job `slipway`"),
        (
            "/override \"slipway / → staging\" no",
            "only checks of jobs",
        ),
    ] {
        let told = say_at(&fork, WRITER, line, LATER).await;
        let (reaction, body) = said(&told);
        assert_eq!(reaction, Reaction::Confused);
        assert!(body.contains(answer), "{body}");
    }
    assert!(overrides().await.is_empty());
    for line in [line, "/override unit it is not ours"] {
        let told = say_at(&fork, WRITER, line, LATER).await;
        assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    }
    let all = overrides().await;
    assert_eq!(all[&"unit".into()].reason, "it is not ours");
    // The run ended as it ended.
    let finish = fork.world.run(&run).await.finished.unwrap();
    assert_eq!(finish.outcome, Outcome::Failed);
    // It holds at no other commit.
    let head = CommitSha::new(fork.commit(MEMBER));
    fork.pushed(head.as_str(), MEMBER).await;
    let pull = fork.world.pull().await;
    assert_eq!(pull.words.overrides_at(&head).count(), 0);
}

#[tokio::test]
async fn a_check_that_has_not_failed_is_not_overridden() {
    let (fork, _) = running().await;
    let told = say_at(&fork, WRITER, "/override unit it is slow", LATER).await;
    assert!(
        said(&told).1.starts_with("`unit` has not failed at "),
        "{told:?}"
    );
    assert!(fork.world.pull().await.words.overrides.is_empty());
}

#[tokio::test]
async fn what_has_not_begun_is_skipped_once_and_has_not_passed() {
    let (fork, run) = running().await;
    let told = say_at(&fork, MEMBER, "/skip", LATER).await;
    assert!(said(&told).1.starts_with("You may not use"), "{told:?}");
    let told = say_at(&fork, WRITER, "/skip", "12:00:00").await;
    assert!(said(&told).1.starts_with("No run of this"), "{told:?}");
    for _ in 0..2 {
        let told = say_at(&fork, WRITER, "/skip", LATER).await;
        assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    }
    let finish = fork.world.run(&run).await.finished.unwrap();
    assert_eq!(finish.outcome, Outcome::Cancelled);
    assert_eq!(finish.headline, "skipped by /skip: unit");
    let told = say_at(&fork, WRITER, "/skip", "12:02:00").await;
    assert_eq!(
        said(&told).1,
        "Nothing is skipped: the run has ended (cancelled)."
    );
}
