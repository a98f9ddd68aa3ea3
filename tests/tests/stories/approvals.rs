//! Deploys that people decide about in comments.

use crate::world::{ANA, EVE, World};

const BOB: u64 = 2;
const GUARDED: &str = "version: 1
jobs: { unit: { run: make test } }
environments:
  production:
    branches: [main]
    deploy: { run: ./deploy.sh }
    approval: { people: [bob], exclude: [initiator] }
";
const PEOPLE: &str = "people:
  - { id: 1, login: ana, email: ana@example.org }
  - { id: 2, login: bob, email: bob@example.org }
";
const CHECK: &str = "slipway / → production";

/// Production waits for Bob, below a pull request that is there to be commented on; the commit, and what its check offers.
async fn waiting() -> (World, String, String) {
    let (world, commit) = World::new(GUARDED).await;
    world.people(PEOPLE);
    world.github.user(BOB, "bob");
    world.propose(EVE, 999, (&commit, &commit));
    world.told("push", &world.first(&commit)).await;
    world.pass(60).await;
    assert_eq!(world.check(&commit, CHECK), "ACTION_REQUIRED");
    let runs = world.github.check_runs(&commit);
    let of = |run: &&fake_github::CheckRun| run.shown["name"] == CHECK;
    let shown = runs.iter().rfind(of).unwrap().shown["output"]["summary"].clone();
    let line = shown
        .as_str()
        .unwrap()
        .lines()
        .find(|line| line.starts_with("/approve "));
    (world, commit, line.unwrap().to_owned())
}

#[tokio::test]
async fn what_the_check_offers_approves_when_an_approver_writes_it() {
    let (world, commit, line) = waiting().await;
    assert!(line.starts_with("/approve production "), "{line}");
    for who in [ANA, EVE] {
        let comment = world.comment(who, &line);
        world.told("issue_comment", &comment).await;
        assert_eq!(world.reactions(&comment), ["confused"], "{who}");
    }
    assert_eq!(world.check(&commit, CHECK), "ACTION_REQUIRED");
    assert_eq!(world.desk.jobs(), ["unit"]);

    let comment = world.comment(BOB, &line);
    world.told("issue_comment", &comment).await;
    world.pass(120).await;
    assert_eq!(world.reactions(&comment), ["+1"]);
    let answers = world.answers();
    assert!(
        answers
            .last()
            .unwrap()
            .starts_with("Approved for `production` in [run "),
        "{answers:?}"
    );
    assert_eq!(world.check(&commit, CHECK), "SUCCESS");
    assert_eq!(world.check(&commit, "slipway"), "SUCCESS");
}

#[tokio::test]
async fn a_rejection_in_a_comment_deploys_nothing_and_says_why() {
    let (world, commit, _) = waiting().await;
    let comment = world.comment(BOB, "/reject production the prices are wrong");
    world.told("issue_comment", &comment).await;
    world.pass(60).await;
    assert_eq!(world.reactions(&comment), ["+1"]);
    assert_eq!(world.check(&commit, CHECK), "FAILURE");
    assert_eq!(world.desk.jobs(), ["unit"]);
}

#[tokio::test]
async fn a_comment_that_somebody_has_changed_at_github_decides_nothing() {
    let (world, commit, line) = waiting().await;
    let mut comment = world.comment(BOB, "Looks good to me.");
    // Whoever knows the secret of webhooks can say anything.
    comment["comment"]["body"] = line.into();
    world.told("issue_comment", &comment).await;
    world.pass(60).await;
    assert_eq!(world.reactions(&comment), ["confused"]);
    assert_eq!(world.check(&commit, CHECK), "ACTION_REQUIRED");
}
