//! Purpose: a pull request that changes the pipeline file is planned by its base's, and its own is kept beside it.

use domain::run::{Opening, Proposal};
use serde_json::json;

use crate::world::{FILE, World, push};

/// A world whose `main` has the file, and the commit of it.
fn world() -> (World, String) {
    let world = World::new();
    let base = world.commit_file(FILE);
    world.git(&["checkout", "-q", "-b", "fix"]);
    (world, base)
}

async fn opened(world: &World, base: &str, head: &str) -> Opening {
    let body = json!({
        "action": "synchronize", "number": 5, "repository": { "id": 7 }, "sender": { "id": 1 },
        "pull_request": {
            "head": { "ref": "fix", "sha": head, "repo": { "id": 7 } },
            "base": { "ref": "main", "sha": base, "repo": { "id": 7 } },
        },
    });
    let answer = world.plan("pull_request", &body).await;
    world.opening(&answer).await
}

async fn proposed(world: &World, base: &str, head: &str) -> Proposal {
    let opening = opened(world, base, head).await;
    // What runs is what the base says.
    let step = &opening.plan.jobs[0].step;
    assert_eq!(
        (step.run.join("; "), opening.problem),
        ("make test".to_owned(), None)
    );
    let proposal = opening.proposal.unwrap();
    assert_eq!(proposal.rules.as_str(), base);
    proposal
}

#[tokio::test]
async fn sec_04_a_changed_file_is_kept_as_a_difference_and_decides_nothing() {
    let (world, base) = world();
    let head = world.commit_file(FILE.replace("make test", "make all"));
    let proposal = proposed(&world, &base, &head).await;
    assert_eq!(proposal.mistakes, [""; 0]);
    let lines = "-jobs: { unit: { run: make test } }\n+jobs: { unit: { run: make all } }\n";
    assert!(proposal.diff.contains(lines), "{}", proposal.diff);
}

#[tokio::test]
async fn mistakes_of_the_changed_file_are_told_and_do_not_fail_the_run() {
    let (world, base) = world();
    let head = world.commit_file(FILE.replace("run:", "steps:"));
    let proposal = proposed(&world, &base, &head).await;
    assert!(proposal.mistakes[0].starts_with("line 2: "), "{proposal:?}");
    std::fs::remove_file(world.shop().join(".slipway.yaml")).unwrap();
    let removed = proposed(&world, &base, &world.commit()).await;
    assert_eq!(removed.mistakes, [".slipway.yaml is not there as a file"]);
    assert!(removed.diff.contains("-version: 1\n"), "{removed:?}");
    let strange = world.commit_file([b'#', 0xff, b'\n']);
    let unreadable = proposed(&world, &base, &strange).await;
    assert!(
        unreadable.mistakes[0].contains("is not UTF-8"),
        "{unreadable:?}"
    );
    assert_eq!(unreadable.diff, "");
}

#[tokio::test]
async fn where_the_file_is_the_same_nothing_is_kept() {
    let (world, base) = world();
    let head = world.commit();
    assert_eq!(opened(&world, &base, &head).await.proposal, None);
    // A push is planned by its own file.
    let changed = world.commit_file(FILE.replace("make test", "make all"));
    let answer = world.plan("push", &push(&changed, 1)).await;
    assert_eq!(world.opening(&answer).await.proposal, None);
}
