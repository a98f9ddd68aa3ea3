//! Code of strangers, and people who may not decide about it.

use serde_json::json;

use crate::world::{ANA, EVE, FILE, MAIN, NUMBER, SHOP, World};

/// A repository that this GitHub does not serve.
const FORK: u64 = 999;
const HEAD: &str = "refs/pull/5/head";
const CHANGED: &str = "version: 1\njobs: { miner: { run: make rich } }\n";

/// Eve has proposed something on top of the default branch's commit.
async fn proposed(file: &str) -> (World, String, String) {
    let (world, base) = World::new(FILE).await;
    let head = commit(&world, &base, file);
    world.propose(EVE, FORK, (&base, &head));
    world
        .told("pull_request", &world.pull_event("opened", EVE))
        .await;
    world.pass(30).await;
    (world, base, head)
}

fn commit(world: &World, base: &str, file: &str) -> String {
    let files = [(".slipway.yaml", Some(file)), ("news", Some("1\n"))];
    world
        .bare
        .commit_on(Some(base), HEAD, "Propose", &files)
        .unwrap()
}

#[tokio::test]
async fn a_fork_that_changes_the_pipeline_file_waits_and_then_runs_that_of_its_base() {
    let (world, _, head) = proposed(CHANGED).await;
    assert_eq!(world.check(&head, "slipway"), "ACTION_REQUIRED");
    assert_eq!(world.desk.jobs(), [""; 0]);
    // What it would make of the file is shown and decides nothing.
    let runs = world.github.check_runs(&head);
    let whole = runs
        .iter()
        .find(|run| run.shown["name"] == "slipway")
        .unwrap();
    let summary = whole.shown["output"]["summary"].as_str().unwrap();
    assert!(summary.contains("miner"), "{summary}");

    let release = world.comment(ANA, &format!("/ok-to-test {head}"));
    world.told("issue_comment", &release).await;
    world.pass(60).await;
    assert_eq!(world.reactions(&release), ["+1"]);
    assert_eq!(world.desk.jobs(), ["unit"]);
    assert_eq!(world.check(&head, "slipway"), "SUCCESS");
    assert_eq!(world.check(&head, "slipway / unit"), "SUCCESS");
}

#[tokio::test]
async fn a_force_push_between_a_comment_and_its_command_releases_nothing() {
    let (world, base, first) = proposed(FILE).await;
    // Ana has read the first commit; before her words arrive, there is another one.
    let release = world.comment(ANA, &format!("/ok-to-test {first}"));
    let second = commit(&world, &base, CHANGED);
    world.propose(EVE, FORK, (&base, &second));
    world.told("issue_comment", &release).await;
    world
        .told("pull_request", &world.pull_event("synchronize", EVE))
        .await;
    world.pass(60).await;
    assert_eq!(world.reactions(&release), ["confused"]);
    assert_eq!(world.desk.jobs(), [""; 0]);
    assert_eq!(world.check(&first, "slipway"), "CANCELLED");
    assert_eq!(world.check(&second, "slipway"), "ACTION_REQUIRED");
    assert!(
        world
            .answers()
            .iter()
            .any(|text| text.contains("The head of this pull request is"))
    );
}

#[tokio::test]
async fn a_comment_by_a_removed_member_does_nothing() {
    let (world, _, head) = proposed(FILE).await;
    let release = world.comment(ANA, &format!("/ok-to-test {head}"));
    world.github.admit(SHOP.0, ANA, None);
    world.told("issue_comment", &release).await;
    world.pass(60).await;
    assert_eq!(world.reactions(&release), ["confused"]);
    assert_eq!(world.desk.jobs(), [""; 0]);
    assert_eq!(world.check(&head, "slipway"), "ACTION_REQUIRED");
}

#[tokio::test]
async fn a_check_that_a_stranger_runs_again_does_not_run() {
    let (world, base) = World::new(FILE).await;
    world.told("push", &world.first(&base)).await;
    world.pass(60).await;
    assert_eq!(world.desk.jobs().len(), 1);
    let before = world.checks(&base);
    let run = &world.github.check_runs(&base)[0];
    let pressed = |who: u64, login: &str| {
        json!({
            "action": "rerequested",
            "check_run": {
                "id": run.id, "head_sha": base, "external_id": run.shown["externalId"],
                "app": { "id": 7 }, "pull_requests": [],
            },
            "repository": { "id": SHOP.0 },
            "sender": { "id": who, "login": login, "type": "User" },
        })
    };
    world.told("check_run", &pressed(EVE, "eve")).await;
    // A name of a member does not help: the number is who it is.
    world.told("check_run", &pressed(EVE, "ana")).await;
    world.pass(60).await;
    assert_eq!((world.desk.jobs().len(), world.checks(&base)), (1, before));
    world.told("check_run", &pressed(ANA, "ana")).await;
    world.pass(60).await;
    assert_eq!(world.desk.jobs().len(), 2);
    assert_eq!(world.check(&base, "slipway"), "SUCCESS");
}

#[tokio::test]
async fn a_pull_request_that_is_closed_waits_no_longer_and_one_that_is_opened_again_waits_anew() {
    let (world, base, head) = proposed(FILE).await;
    let close = |open: bool| {
        world.propose(EVE, FORK, (&base, &head));
        let mut pull = world.github.reader().pull(SHOP.0, NUMBER).unwrap();
        pull.open = open;
        world.github.pull(pull);
    };
    close(false);
    world
        .told("pull_request", &world.pull_event("closed", EVE))
        .await;
    world.pass(30).await;
    assert_eq!(world.check(&head, "slipway"), "CANCELLED");
    close(true);
    world
        .told("pull_request", &world.pull_event("reopened", EVE))
        .await;
    world.pass(30).await;
    assert_eq!(world.check(&head, "slipway"), "ACTION_REQUIRED");
    // GitHub tells of the closing once more, late.
    world
        .told("pull_request", &world.pull_event("closed", EVE))
        .await;
    world.pass(30).await;
    let over: Vec<bool> = world.runs().await.iter().map(|run| run.is_over()).collect();
    assert_eq!(over, [true, false]);
    assert_eq!(world.desk.jobs(), [""; 0]);
    let main = world.bare.git(&["rev-parse", MAIN]).unwrap();
    assert_eq!(main, base);
}
