//! GitHub does not answer, does not know our token any more, takes only so much at a time.

use std::collections::BTreeSet;

use fake_github::{Route, Trouble};
use serde_json::json;

use crate::world::{FILE, World};

#[tokio::test]
async fn github_may_be_down_for_an_hour_and_shows_everything_afterwards_once() {
    let (world, head) = World::new(FILE).await;
    // Its last word before.
    world.deliver("push", &world.first(&head)).await;
    world.github.break_down(true);
    world.settle().await;
    world.pass(3_600).await;
    assert_eq!(world.desk.jobs(), [""; 0]);
    world.github.break_down(false);
    world.pass(900).await;
    assert_eq!(world.desk.jobs(), ["unit"]);
    assert_eq!(
        (world.check(&head, "slipway"), world.checks(&head)),
        ("SUCCESS".to_owned(), 2)
    );
}

#[tokio::test]
async fn a_run_goes_on_while_github_is_down_and_is_shown_afterwards_once() {
    let (world, head) = World::new(FILE).await;
    world.desk.hold(true);
    world.told("push", &world.first(&head)).await;
    world.pass(30).await;
    world.github.break_down(true);
    world.desk.hold(false);
    world.settle().await;
    world.pass(3_600).await;
    assert_eq!(world.check(&head, "slipway"), "IN_PROGRESS");
    world.github.break_down(false);
    world.pass(900).await;
    assert_eq!(
        (world.check(&head, "slipway"), world.checks(&head)),
        ("SUCCESS".to_owned(), 2)
    );
}

#[tokio::test]
async fn a_token_that_was_revoked_is_made_anew() {
    let (world, head) = World::new(FILE).await;
    world.desk.hold(true);
    world.told("push", &world.first(&head)).await;
    world.pass(30).await;
    let made = world.github.calls(Route::AccessToken);
    world.github.revoke_tokens();
    world.desk.hold(false);
    world.settle().await;
    world.pass(300).await;
    assert_eq!(
        (world.check(&head, "slipway"), world.checks(&head)),
        ("SUCCESS".to_owned(), 2)
    );
    assert!(world.github.calls(Route::AccessToken) > made);
}

/// A hundred findings, each in a line of its own.
fn sarif(first: usize) -> String {
    let results: Vec<_> = (first..first + 100)
        .map(|line| {
            json!({
                "ruleId": "unused", "level": "error",
                "message": { "text": format!("finding {line}") },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": "src/lib.rs" }, "region": { "startLine": line },
                } }],
            })
        })
        .collect();
    let tool = json!({ "driver": { "name": "lint", "rules": [{ "id": "unused" }] } });
    json!({ "version": "2.1.0", "runs": [{ "tool": tool, "results": results }] }).to_string()
}

const LINTED: &str = "version: 1
jobs:
  lint:
    run: make lint
    reports: [{ kind: sarif, path: 0.sarif }, { kind: sarif, path: 1.sarif }, { kind: sarif, path: 2.sarif }]
";

#[tokio::test]
async fn of_three_hundred_annotations_a_hundred_come_in_portions_each_line_once() {
    let (world, head) = World::new(LINTED).await;
    world.desk.fails("lint", [1, 101, 201].map(sarif).into());
    // The answer to the first portion is lost.
    world.github.trouble(Route::Graphql, [Trouble::LostReply]);
    world.told("push", &world.first(&head)).await;
    world.pass(600).await;
    assert_eq!(world.check(&head, "slipway / lint"), "FAILURE");
    let runs = world.github.check_runs(&head);
    assert_eq!(runs.len(), 2);
    let lint = runs
        .iter()
        .find(|run| run.shown["name"] == "slipway / lint")
        .unwrap();
    let lines = lint.annotations.iter().map(|one| one.to_string());
    let lines: BTreeSet<String> = lines.collect();
    assert_eq!((lint.annotations.len(), lines.len()), (100, 100));
}
