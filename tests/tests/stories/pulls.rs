//! Pushes and groups of a merge queue, in the order in which they happen and in others.

use serde_json::{Value, json};

use crate::world::{ANA, FILE, MAIN, NUMBER, SHOP, World};

#[tokio::test]
async fn of_two_pushes_that_arrive_the_other_way_round_the_later_commit_counts() {
    let (world, first) = World::new(FILE).await;
    let second = world
        .bare
        .commit(MAIN, "More", &[("news", Some("1\n"))])
        .unwrap();
    world.told("push", &world.pushed(&first, &second)).await;
    world.told("push", &world.first(&first)).await;
    world.pass(60).await;
    assert_eq!(world.check(&second, "slipway"), "SUCCESS");
    // The branch had moved on before anybody heard of the first: nothing of it was built.
    assert_eq!(world.desk.built(), [second].into());
    assert_eq!(world.check(&first, "slipway"), "CANCELLED");
}

const QUEUE: &str = "refs/heads/gh-readonly-queue/main/pr-5-b";

fn group(world: &World, action: &str, (base, head): (&str, &str)) -> Value {
    let mut event = world.repository_event(action);
    event["merge_group"] = json!({
        "head_sha": head, "head_ref": QUEUE, "base_sha": base, "base_ref": MAIN,
    });
    event
}

/// A merge queue has made a commit of its own; the branch's commit and that one.
async fn queued() -> (World, String, String) {
    let (world, base) = World::new(FILE).await;
    let files = [("news", Some("1\n"))];
    let head = world
        .bare
        .commit_on(Some(&base), QUEUE, "Merge", &files)
        .unwrap();
    (world, base, head)
}

#[tokio::test]
async fn a_merge_queue_gets_its_check_at_the_commit_of_the_group() {
    let (world, base, head) = queued().await;
    // GitHub tells of the queue's branch as of any other, too.
    let push = world.github.push_payload(42, QUEUE, (&base, &head), ANA);
    world.told("push", &push).await;
    world
        .told(
            "merge_group",
            &group(&world, "checks_requested", (&base, &head)),
        )
        .await;
    world.pass(60).await;
    assert_eq!(world.check(&head, "slipway"), "SUCCESS");
    assert_eq!(world.check(&head, "slipway / unit"), "SUCCESS");
    assert_eq!(world.desk.jobs(), ["unit"]);
}

#[tokio::test]
async fn a_group_that_the_queue_gives_up_is_stopped() {
    let (world, base, head) = queued().await;
    world.desk.hold(true);
    world
        .told(
            "merge_group",
            &group(&world, "checks_requested", (&base, &head)),
        )
        .await;
    world.pass(30).await;
    assert_eq!(world.check(&head, "slipway"), "IN_PROGRESS");
    world.bare.git(&["update-ref", "-d", QUEUE]).unwrap();
    world
        .told("merge_group", &group(&world, "destroyed", (&base, &head)))
        .await;
    world.pass(120).await;
    assert_eq!(world.check(&head, "slipway"), "CANCELLED");
}

const DEPLOYED: &str = "version: 1
jobs: { unit: { run: make test } }
environments: { staging: { branches: [main], deploy: { run: make deploy } } }
";

#[tokio::test]
async fn a_deploy_that_waits_for_the_end_of_a_freeze_begins_when_somebody_ends_it() {
    let (world, base) = World::new(DEPLOYED).await;
    world.github.issue(SHOP.0, NUMBER, ANA);
    world
        .told("issue_comment", &world.comment(ANA, "/freeze Moving."))
        .await;
    world.told("push", &world.first(&base)).await;
    world.pass(300).await;
    assert_eq!(world.desk.jobs(), ["unit"]);
    // No time passes: it is rung.
    world
        .told("issue_comment", &world.comment(ANA, "/unfreeze"))
        .await;
    assert_eq!(world.desk.jobs(), ["staging", "unit"]);
    world.pass(60).await;
    assert_eq!(world.check(&base, "slipway"), "SUCCESS");
}
