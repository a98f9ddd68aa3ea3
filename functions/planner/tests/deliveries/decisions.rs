//! Purpose: of which run a decision in a comment speaks, as the planner leaves it to the approval function.

use domain::delivery::Delivery;
use domain::ids::{BuildId, Digest, EnvironmentName, PersonId, RunId};
use domain::run::{Attempt, Command, EndFacts, Opening};
use serde_json::{Value, json};

use crate::forks::{Fork, STRANGER};
use crate::world::{SHOP, World};

const PEOPLE: &str = "people:\n  - { id: 3, login: bob, email: bob@example.org }\n";
const BOB: u64 = 3;

fn opening(run: &str, commit: &str) -> Opening {
    let step = json!({"run": ["true"], "timeout_seconds": 60});
    let opening = json!({
        "repository": SHOP, "run": run, "delivery": run, "trigger": {"push": {"branch": "main"}},
        "reference": "refs/heads/main", "commit": commit.repeat(40),
        "parties": {"initiator": 8, "author": 8},
        "plan": {
            "pipeline": "b".repeat(64), "concurrency": {"group": run, "on_new": "queue"},
            "jobs": [{"id": "unit", "name": "unit", "needs": [], "step": step}],
            "stages": [{"environment": "production", "deploy": step, "approval": {
                "people": ["bob"], "teams": [], "count": 1, "exclude": ["initiator", "author"],
                "expires_seconds": 86_400}}],
        },
    });
    serde_json::from_value(opening).unwrap()
}

/// A run of the commit made of this digit that waits for an approval of production; its release.
async fn asks(world: &World, run: &str, commit: &str) -> Digest {
    world.open(opening(run, commit)).await;
    let run = RunId::from(run);
    let attempt = Attempt::parse("job/unit~1").unwrap();
    let build = BuildId::new(format!("{run}/{attempt}"));
    let end = json!({
        "verdict": "succeeded", "reports": [], "artifacts": [], "started_ms": 1, "finished_ms": 2, "cpu_ms": 0,
        "max_rss_kib": 0
    });
    let end: Box<EndFacts> = serde_json::from_value(end).unwrap();
    let (a, b) = (attempt.clone(), build.clone());
    let steps = [
        Command::TakeTurn,
        Command::GrantSlots(vec![attempt.clone()]),
        Command::BuildStarted {
            attempt: a.clone(),
            build: b.clone(),
        },
        Command::Claim {
            attempt: a,
            build: b,
        },
        Command::BuildEnded {
            attempt,
            build,
            end,
        },
        Command::OpenApproval {
            environment: "production".into(),
            approvers: vec![PersonId(BOB)],
            excluded: vec![],
        },
    ];
    for step in &steps {
        world.give(&run, step).await;
    }
    let state = world.run(&run).await;
    let stage = &state.stages[&EnvironmentName::new("production")];
    stage.approval.as_ref().unwrap().release.clone()
}

fn comment((sender, login): (u64, &str), body: &str, created: &str) -> Value {
    json!({
        "action": "created",
        "issue": { "number": 6, "user": { "id": STRANGER } },
        "comment": {
            "id": 78, "user": { "id": sender, "type": "User" }, "body": body, "created_at": created,
        },
        "repository": { "id": SHOP },
        "sender": { "id": sender, "login": login, "type": "User" },
    })
}

const NOON: &str = "2026-03-02T12:00:00Z";

async fn bob_says(world: &World, body: &str) -> Delivery {
    let body = comment((BOB, "bob"), body, NOON);
    world.look("issue_comment", &body).await
}

/// The run of line 1, if it was left.
fn left(delivery: &Delivery) -> Option<&str> {
    let passed = delivery.passed.as_ref()?;
    passed.decisions.get(&1).map(RunId::as_str)
}

fn refused(delivery: &Delivery) -> &str {
    assert!(delivery.passed.is_none(), "{delivery:?}");
    let reply = delivery.reply.as_ref().unwrap();
    reply.body.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn the_release_says_which_run_is_meant() {
    let fork = Fork::new();
    let world = &fork.world;
    world.people(PEOPLE);
    let one = asks(world, "aaaaaaaaaaaa", "1").await;
    let two = asks(world, "bbbbbbbbbbbb", "2").await;
    assert_ne!(one.short(), two.short());

    let told = bob_says(world, &format!("/approve production {}", one.short())).await;
    assert_eq!(left(&told), Some("aaaaaaaaaaaa"));
    assert!(told.answer.is_none() && told.reply.is_none());
    let told = bob_says(world, &format!("/reject production {} no", two.short())).await;
    assert_eq!(left(&told), Some("bbbbbbbbbbbb"));

    // Without it, only one may wait.
    let told = bob_says(world, "/reject production no").await;
    assert!(
        refused(&told).starts_with("2 runs wait for an approval of `production`. Say which: "),
        "{told:?}"
    );
    let cancel = Command::Cancel {
        by: None,
        reason: "for the test".to_owned(),
    };
    world.give(&RunId::from("aaaaaaaaaaaa"), &cancel).await;
    let told = bob_says(world, "/reject production not now").await;
    assert_eq!(left(&told), Some("bbbbbbbbbbbb"));
    // What has ended can still be spoken of: its own rules say what became of it.
    let told = bob_says(world, &format!("/approve production {} ", one.as_str())).await;
    assert_eq!(left(&told), Some("aaaaaaaaaaaa"));
}

#[tokio::test]
async fn nobody_decides_about_what_they_cannot_have_seen() {
    let fork = Fork::new();
    let world = &fork.world;
    world.people(PEOPLE);
    let release = asks(world, "aaaaaaaaaaaa", "1").await;
    let approve = format!("/approve production {}", release.short());
    for (line, said) in [
        (&*approve, "2026-03-02T11:58:59Z"),
        ("/reject production no", "2026-03-02T11:59:59Z"),
    ] {
        let body = comment((BOB, "bob"), line, said);
        let told = world.look("issue_comment", &body).await;
        assert!(!refused(&told).is_empty(), "{line}");
    }
    // Whoever names the release has seen it: GitHub's clock is behind ours.
    let body = comment((BOB, "bob"), &approve, "2026-03-02T11:59:30Z");
    let told = world.look("issue_comment", &body).await;
    assert_eq!(left(&told), Some("aaaaaaaaaaaa"));
    // Long ago it may have been another one that waited.
    let body = comment(
        (BOB, "bob"),
        "/reject production no",
        "2026-03-02T11:00:00Z",
    );
    let told = world.look("issue_comment", &body).await;
    assert!(refused(&told).starts_with("This came late"), "{told:?}");
}

#[tokio::test]
async fn strangers_learn_nothing_of_what_waits() {
    let fork = Fork::new();
    let world = &fork.world;
    world.people(PEOPLE);
    let release = asks(world, "aaaaaaaaaaaa", "1").await;
    for who in [(STRANGER, "eve"), (BOB, "mojombo"), (STRANGER, "bob")] {
        for line in [
            format!("/approve production {}", release.short()),
            "/approve nowhere 000000000000".to_owned(),
        ] {
            let told = world
                .look("issue_comment", &comment(who, &line, NOON))
                .await;
            assert_eq!(
                refused(&told),
                "You may not use `/approve` here; an approver of the environment can.",
                "{who:?} {line}"
            );
        }
    }
}

#[tokio::test]
async fn what_else_a_comment_asks_for_is_done_at_once() {
    let fork = Fork::new();
    let world = &fork.world;
    world.people(PEOPLE);
    let release = asks(world, "aaaaaaaaaaaa", "1").await;
    let body = format!("/approve production {}\n/help\n/nonsense", release.short());
    let told = bob_says(world, &body).await;
    assert_eq!(left(&told), Some("aaaaaaaaaaaa"));
    let passed = told.passed.unwrap();
    assert_eq!(passed.said.keys().collect::<Vec<_>>(), [&2]);
    assert!(passed.said[&2].done);
}
