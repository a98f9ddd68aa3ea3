//! Purpose: what people ask for in comments and by buttons, and what they are answered.

use domain::delivery::{Answer, Delivery, Reaction};
use domain::ids::{CommitSha, PersonId, RunId};
use domain::kernel::StreamId;
use domain::repository::Repository;
use domain::run::{Command, Run};
use engine::load;
use serde_json::{Value, json};

use crate::forks::{Fork, MEMBER, STRANGER, WRITER, reason_of};
use crate::world::SHOP;

pub fn comment(sender: u64, body: &str) -> Value {
    json!({
        "action": "created",
        "issue": { "number": 5, "user": { "id": STRANGER }, "pull_request": {} },
        "comment": {
            "id": 77, "user": { "id": sender, "type": "User" }, "body": body,
            "created_at": "2026-03-02T12:00:00Z",
        },
        "repository": { "id": 7 },
        "sender": { "id": sender, "login": format!("u{sender}"), "type": "User" },
    })
}

pub async fn say(fork: &Fork, sender: u64, body: &str) -> Delivery {
    fork.world
        .look("issue_comment", &comment(sender, body))
        .await
}

/// The reaction, and what is written.
pub fn said(delivery: &Delivery) -> (Reaction, &str) {
    let reply = delivery
        .reply
        .as_ref()
        .unwrap_or_else(|| panic!("{delivery:?}"));
    assert_eq!(
        (reply.repository, reply.thread, reply.comment),
        (SHOP, 5, Some(77))
    );
    (reply.reaction, reply.body.as_deref().unwrap_or_default())
}

/// A fork whose head waits.
pub async fn waiting() -> (Fork, String, RunId) {
    let fork = Fork::new();
    let head = fork.commit(STRANGER);
    let run = fork.pushed(&head, STRANGER).await;
    (fork, head, run)
}

/// The run at its end, as far as people see it.
async fn cancelled(fork: &Fork, run: &RunId) {
    let cancel = Command::Cancel {
        by: None,
        reason: "for the test".to_owned(),
    };
    fork.world.give(run, &cancel).await;
}

async fn latest(fork: &Fork) -> Run {
    let latest = fork.world.pull().await.latest().unwrap().run.clone();
    fork.world.run(&latest).await
}

#[tokio::test]
async fn sec_03_who_releases_a_commit_and_which() {
    let (fork, head, run) = waiting().await;
    let line = format!("/ok-to-test {head}");
    for who in [STRANGER, MEMBER] {
        let told = say(&fork, who, &line).await;
        let (reaction, body) = said(&told);
        assert_eq!(reaction, Reaction::Confused);
        assert!(
            body.contains("a member with write permission can"),
            "{body}"
        );
    }
    let told = say(&fork, WRITER, &format!("/ok-to-test {}", "b".repeat(40))).await;
    assert!(
        said(&told)
            .1
            .starts_with("The head of this pull request is"),
        "{told:?}"
    );
    assert!(fork.world.run(&run).await.waits_for_trust());

    let told = say(&fork, WRITER, &line).await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    assert_eq!(fork.world.run(&run).await.trusted, Some(PersonId(WRITER)));
}

#[tokio::test]
async fn sec_26_what_runs_again_keeps_its_commit_and_its_trust() {
    let (fork, head, run) = waiting().await;
    let told = say(&fork, STRANGER, "/test").await;
    assert!(said(&told).1.contains("has not been released"), "{told:?}");
    say(&fork, WRITER, &format!("/ok-to-test {head}")).await;
    cancelled(&fork, &run).await;
    let told = say(&fork, STRANGER, "/test\n").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    let again = latest(&fork).await;
    let opening = again.opening.as_ref().unwrap();
    assert!(opening.run != run && !again.waits_for_trust());
    assert_eq!(opening.commit.as_str(), head);
    // Planned once more, it is the same run.
    say(&fork, STRANGER, "/test\n").await;
    assert_eq!(fork.world.pull().await.runs.len(), 2);

    // A base of another name takes the trust away.
    cancelled(&fork, &opening.run).await;
    fork.change(|pull| pull.base_branch = "next".to_owned());
    let told = say(&fork, STRANGER, "/test ").await;
    assert!(said(&told).1.contains("has not been released"), "{told:?}");
}

#[tokio::test]
async fn one_job_again_runs_with_it_what_has_not_passed() {
    let fork = Fork::new();
    let head = fork.commit(MEMBER);
    let run = fork.pushed(&head, MEMBER).await;
    let told = say(&fork, MEMBER, "/test build").await;
    assert_eq!(
        said(&told),
        (
            Reaction::Confused,
            "There is no job `build`; there are `unit`."
        )
    );
    let told = say(&fork, MEMBER, "/retest").await;
    assert!(said(&told).1.contains("has not ended yet"), "{told:?}");
    cancelled(&fork, &run).await;
    let told = say(&fork, MEMBER, "/retest ").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    let again = latest(&fork).await.opening.unwrap();
    assert_eq!(again.plan.jobs[0].skip, None);
}

#[tokio::test]
async fn what_is_not_running_is_not_cancelled() {
    let (fork, _, run) = waiting().await;
    let told = say(&fork, STRANGER, "/cancel").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    let headline = fork.world.run(&run).await.finished.unwrap().headline;
    assert_eq!(headline, "cancelled: asked for below pull request #5");
    let told = say(&fork, STRANGER, "/cancel ").await;
    assert_eq!(
        said(&told),
        (
            Reaction::Confused,
            "Nothing of this pull request is running."
        )
    );
}

#[tokio::test]
async fn several_lines_are_answered_each() {
    let (fork, ..) = waiting().await;
    let told = say(&fork, STRANGER, "Hello\n/tset\n/promote\n/why").await;
    let (reaction, body) = said(&told);
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.starts_with("Line 2: There is no command `/tset`. Did you mean `/test [job]`?"),
        "{body}"
    );
    assert!(body.contains("`/promote` in line 3: "), "{body}");
    assert!(body.contains("`/why` in line 4: [Run "), "{body}");
}

#[tokio::test]
async fn help_is_answered_everywhere_and_talk_nowhere() {
    let (fork, ..) = waiting().await;
    let mut issue = comment(STRANGER, "/help");
    issue["issue"] = json!({ "number": 5, "user": { "id": STRANGER } });
    let told = fork.world.look("issue_comment", &issue).await;
    assert!(said(&told).1.contains("| `/retest` |"), "{told:?}");
    let told = say(&fork, STRANGER, "see /etc/passwd").await;
    assert_eq!(
        reason_of(told.answer.as_ref().unwrap()),
        "there is no command in it"
    );
    assert_eq!(told.reply, None);
}

#[tokio::test]
async fn sec_28_a_bot_is_not_answered() {
    let (fork, ..) = waiting().await;
    let mut bot = comment(WRITER, "/test");
    bot["comment"]["user"]["type"] = "Bot".into();
    let told = fork.world.look("issue_comment", &bot).await;
    assert!(told.reply.is_none() && matches!(told.answer, Some(Answer::Ignored { .. })));
}

fn button(sender: u64, external: &str, head: &str, action: Option<&str>) -> Value {
    let mut body = json!({
        "action": "rerequested",
        "check_run": { "id": 3, "head_sha": head, "external_id": external, "app": { "id": 1 } },
        "repository": { "id": 7 },
        "sender": { "id": sender, "login": format!("u{sender}"), "type": "User" },
    });
    if let Some(action) = action {
        body["action"] = "requested_action".into();
        body["requested_action"] = json!({ "identifier": action });
    }
    body
}

#[tokio::test]
async fn sec_26_a_button_asks_of_people_what_the_command_asks() {
    let (fork, head, run) = waiting().await;
    let press = async |sender, external: &str, head: &str, action: Option<&str>| {
        let body = button(sender, external, head, action);
        fork.world.look("check_run", &body).await
    };
    let release = Some(github::checks::OK_TO_TEST);
    let told = press(MEMBER, run.as_str(), &head, release).await;
    let reply = told.reply.unwrap();
    assert_eq!((reply.thread, reply.comment), (5, None));
    assert!(
        reply.body.unwrap().contains("You may not use"),
        "{:?}",
        told.answer
    );
    for (external, head) in [
        ("0123456789ab", &*head),
        ("x", &head),
        (run.as_str(), &"c".repeat(40)),
    ] {
        let told = press(WRITER, external, head, release).await;
        assert_eq!(
            reason_of(&told.answer.unwrap()),
            "the check is none of ours"
        );
    }
    let told = press(WRITER, run.as_str(), &head, Some("other")).await;
    assert_eq!(
        reason_of(&told.answer.unwrap()),
        "no check of ours has this button"
    );
    assert!(fork.world.run(&run).await.waits_for_trust());
    let told = press(WRITER, run.as_str(), &head, release).await;
    assert_eq!(
        told.answer,
        Some(Answer::Answered {
            text: "done".to_owned()
        })
    );
    assert_eq!(fork.world.run(&run).await.trusted, Some(PersonId(WRITER)));

    // Run again: what has not passed, by whoever may.
    cancelled(&fork, &run).await;
    press(MEMBER, &format!("{run}/job/unit"), &head, None).await;
    assert_ne!(latest(&fork).await.opening.unwrap().run, run);
    // Its commit is not the head any more.
    let newer = fork.commit(STRANGER);
    let told = press(MEMBER, run.as_str(), &head, None).await;
    let body = told.reply.unwrap().body.unwrap();
    let newer = CommitSha::new(newer);
    assert!(body.contains(&format!("; {} is", newer.short())), "{body}");
}

#[tokio::test]
async fn sec_26_a_branch_runs_again_for_members_alone_and_as_a_whole() {
    let fork = Fork::new();
    let pushed = crate::world::push(&fork.base, WRITER);
    let answer = fork.world.plan("push", &pushed).await;
    let run = crate::forks::run_of(&answer);
    let body = |sender| button(sender, run.as_str(), &fork.base, None);
    let told = fork.world.look("check_run", &body(WRITER)).await;
    assert_eq!(
        told.answer,
        Some(Answer::Answered {
            text: format!("Run {run} has not ended yet.")
        })
    );
    cancelled(&fork, &run).await;
    let told = fork.world.look("check_run", &body(STRANGER)).await;
    assert!(
        matches!(&told.answer, Some(Answer::Answered { text }) if text.contains("You may not")),
        "{told:?}"
    );
    let told = fork.world.look("check_run", &body(MEMBER)).await;
    assert_eq!(
        told.answer,
        Some(Answer::Answered {
            text: "done".to_owned()
        })
    );
    let suite = json!({
        "action": "rerequested",
        "check_suite": { "id": 3, "head_sha": fork.base, "app": { "id": 1 } },
        "repository": { "id": 7 },
        "sender": { "id": WRITER, "login": "u2", "type": "User" },
    });
    let told = fork.world.look("check_suite", &suite).await;
    let text = match told.answer {
        Some(Answer::Answered { text }) => text,
        other => panic!("{other:?}"),
    };
    assert!(text.contains("has not ended yet"), "{text}");
}

#[tokio::test]
async fn a_pull_request_whose_author_is_gone_takes_commands_of_members() {
    let (fork, ..) = waiting().await;
    fork.change(|pull| pull.author = None);
    let told = say(&fork, MEMBER, "/cancel").await;
    assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    let told = say(&fork, STRANGER, "/cancel ").await;
    assert!(said(&told).1.starts_with("You may not use"), "{told:?}");
}

#[tokio::test]
async fn deploys_are_frozen_and_unfrozen_by_those_who_may() {
    let (fork, _, _) = waiting().await;
    let frozen = async || -> Repository {
        let stream = StreamId::repository(SHOP);
        load(&fork.world.journal, &stream).await.unwrap().state
    };
    let told = say(&fork, MEMBER, "/freeze").await;
    assert!(said(&told).1.contains("a member with write permission can"));
    assert_eq!(frozen().await.freeze, None);

    let line = "/freeze the database is being moved";
    for _ in 0..2 {
        let told = say(&fork, WRITER, line).await;
        assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    }
    let freeze = frozen().await.freeze.unwrap();
    assert_eq!(freeze.by, Some(PersonId(WRITER)));
    assert_eq!(
        freeze.reason.as_deref(),
        Some("the database is being moved")
    );

    for _ in 0..2 {
        let told = say(&fork, WRITER, "/unfreeze").await;
        assert_eq!(said(&told), (Reaction::ThumbsUp, ""));
    }
    assert_eq!(frozen().await.freeze, None);
}

#[tokio::test]
async fn a_decision_about_nothing_is_answered_here() {
    let (fork, ..) = waiting().await;
    fork.world
        .people("people: [{ id: 2, login: u2, email: u2@example.org }]\n");
    let told = say(&fork, WRITER, "/approve production 0a1b2c3d4e5f").await;
    assert_eq!(
        said(&told),
        (
            Reaction::Confused,
            "No release that begins with `0a1b2c3d4e5f` has asked for an approval of `production`."
        )
    );
    let told = say(&fork, WRITER, "/reject production too early").await;
    assert_eq!(
        said(&told),
        (
            Reaction::Confused,
            "Nothing waits for an approval of `production`."
        )
    );
    assert!(told.passed.is_none());
}

#[tokio::test]
async fn the_button_of_a_run_ends_that_run_for_whoever_may() {
    let fork = Fork::new();
    let head = fork.commit(MEMBER);
    let run = fork.pushed(&head, MEMBER).await;
    let press = async |sender| {
        let body = button(sender, run.as_str(), &head, Some(github::checks::CANCEL));
        fork.world.look("check_run", &body).await
    };
    let told = press(STRANGER + 100).await.reply.unwrap();
    assert!(told.body.unwrap().contains("You may not use `/cancel`"));
    assert!(!fork.world.run(&run).await.is_over());
    let told = press(MEMBER).await;
    let done = Answer::Answered {
        text: "done".to_owned(),
    };
    assert_eq!(told.answer, Some(done));
    let headline = fork.world.run(&run).await.finished.unwrap().headline;
    assert_eq!(headline, "cancelled: asked for by the button of its check");
}
