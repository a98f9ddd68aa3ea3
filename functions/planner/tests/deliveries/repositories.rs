//! Purpose: repositories that get another name or another owner, and the App that comes and goes.

use domain::checks::End;
use domain::delivery::Answer;
use domain::ids::RunId;
use domain::kernel::StreamId;
use domain::repository::{Command, Repository};
use engine::load;
use serde_json::{Value, json};

use crate::forks::{reason_of, run_of};
use crate::world::{FILE, SHOP, World, guid_of, push};

fn about(action: &str, name: &str) -> Value {
    json!({
        "action": action,
        "repository": { "id": SHOP, "full_name": name, "owner": { "id": 66 } },
        "sender": { "id": 1 },
    })
}

fn installed(action: &str, id: u64) -> Value {
    let none: [Value; 0] = [];
    let (added, removed) = match action {
        "added" => (json!([{ "id": id }]), json!(none)),
        _ => (json!(none), json!([{ "id": id }])),
    };
    json!({
        "action": action, "installation": { "id": 31 },
        "repositories_added": added, "repositories_removed": removed,
    })
}

impl World {
    /// What GitHub calls the repository from now on; `None` = the App is not installed there.
    fn is_called(&self, name: Option<&str>) {
        *self.github.name.lock().unwrap() = name.map(str::to_owned);
    }

    async fn name(&self) -> String {
        let known = engine::repository(&self.journal, self.registry(), SHOP).await;
        known.unwrap().unwrap().name
    }
}

fn answer_of(answer: &Answer) -> &str {
    match answer {
        Answer::Answered { text } => text,
        other => panic!("{other:?}"),
    }
}

/// A world with a run that has not ended.
async fn running() -> (World, String, RunId) {
    let world = World::new();
    world.is_called(Some("acme/shop"));
    let commit = world.commit_file(FILE);
    let run = run_of(&world.plan("push", &push(&commit, 1)).await);
    (world, commit, run)
}

async fn headline(world: &World, run: &RunId) -> Option<String> {
    world.run(run).await.finished.map(|finish| finish.headline)
}

#[tokio::test]
async fn sec_49_a_rename_in_the_middle_of_a_run_changes_the_name_and_nothing_else() {
    let (world, commit, run) = running().await;
    world.is_called(Some("acme/store"));
    let told = world
        .plan("repository", &about("renamed", "acme/store"))
        .await;
    assert_eq!(answer_of(&told), "repository 7 is acme/store");
    assert_eq!(world.name().await, "acme/store");
    assert_eq!(headline(&world, &run).await, None);
    // A notice of an earlier name that comes late does not bring that back.
    world
        .plan("repository", &about("renamed", "acme/corner-shop"))
        .await;
    assert_eq!(world.name().await, "acme/store");
    run_of(&world.plan("push", &push(&commit, 2)).await);
}

/// Whoever opened a run dies, and the repository is transferred before somebody goes on with that.
#[tokio::test]
async fn sec_49_a_run_that_was_opened_before_a_transfer_does_not_go_on_after_it() {
    let (world, commit, run) = running().await;
    let mut opening = *world.run(&run).await.opening.unwrap();
    let body = push(&commit, 2);
    let half = planner::run_of(&guid_of(&body.to_string()));
    world.is_called(Some("eve/shop"));
    world
        .plan("repository", &about("transferred", "eve/shop"))
        .await;
    opening.run = half.clone();
    world.open(opening).await;
    assert_eq!(headline(&world, &half).await, None);
    assert_eq!(run_of(&world.plan("push", &body).await), half);
    let told = headline(&world, &half).await.unwrap();
    assert!(
        told.starts_with("cancelled: the repository was transferred"),
        "{told}"
    );
}

#[tokio::test]
async fn sec_49_a_transferred_repository_runs_nothing_until_it_is_trusted_again() {
    let (world, commit, run) = running().await;
    world.is_called(Some("eve/shop"));
    let moved = about("transferred", "eve/shop");
    let told = world.plan("repository", &moved).await;
    let why = "the repository was transferred to eve/shop, and nobody has trusted it since (`slipway trust`)";
    assert_eq!(
        answer_of(&told),
        format!("{why}: 1 of its runs were cancelled")
    );
    let cancelled = format!("cancelled: {why}");
    assert_eq!(headline(&world, &run).await, Some(cancelled));
    assert_eq!(reason_of(&world.plan("push", &push(&commit, 2)).await), why);
    world.tell(&Command::Admit { by: None }).await;
    run_of(&world.plan("push", &push(&commit, 3)).await);
    // Carried out once more by a call that was late: it was one transfer.
    let again = Command::Transfer {
        repository: SHOP,
        notice: guid_of(&moved.to_string()),
        to: "eve/shop".to_owned(),
    };
    world.tell(&again).await;
    run_of(&world.plan("push", &push(&commit, 4)).await);
}

#[tokio::test]
async fn sec_49_where_the_app_was_removed_runs_end_and_github_is_told_nothing_more() {
    let (world, commit, run) = running().await;
    let opening = *world.run(&run).await.opening.unwrap();
    world.is_called(None);
    let told = world
        .plan("installation_repositories", &installed("removed", 7))
        .await;
    let why = "the GitHub App was removed from the repository";
    assert_eq!(
        answer_of(&told),
        format!("{why}: 1 of its runs were cancelled")
    );
    assert_eq!(
        headline(&world, &run).await,
        Some(format!("cancelled: {why}"))
    );
    let given_up = End::GivenUp {
        why: why.to_owned(),
    };
    assert_eq!(world.checks(&opening).await.end, Some(given_up));
    assert_eq!(reason_of(&world.plan("push", &push(&commit, 2)).await), why);
    // It is back.
    world.is_called(Some("acme/shop"));
    world
        .plan("installation_repositories", &installed("added", 7))
        .await;
    run_of(&world.plan("push", &push(&commit, 3)).await);
}

#[tokio::test]
async fn a_removal_that_is_told_after_the_app_is_back_ends_nothing() {
    let (world, _, run) = running().await;
    let late = world
        .plan("installation_repositories", &installed("removed", 7))
        .await;
    assert_eq!(answer_of(&late), "repository 7 is acme/shop");
    assert_eq!(headline(&world, &run).await, None);
}

#[tokio::test]
async fn repositories_that_are_not_registered_are_nobodys_business() {
    let (world, ..) = running().await;
    let told = world
        .plan("installation_repositories", &installed("removed", 8))
        .await;
    let reason = "none of these repositories is registered here";
    assert_eq!(reason_of(&told), reason);
    let state: Repository = load(&world.journal, &StreamId::repository(SHOP))
        .await
        .unwrap()
        .state;
    assert_eq!(state.standing, Default::default());
}
