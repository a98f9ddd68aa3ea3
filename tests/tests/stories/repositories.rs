//! A repository that is called otherwise, belongs to somebody else, or is taken from the App.

use fake_github::Route;

use crate::world::{FILE, MAIN, SHOP, World};

/// A run that is at work.
async fn running() -> (World, String) {
    let (world, head) = World::new(FILE).await;
    world.desk.hold(true);
    world.told("push", &world.first(&head)).await;
    world.pass(30).await;
    assert_eq!(world.check(&head, "slipway"), "IN_PROGRESS");
    (world, head)
}

async fn name(world: &World) -> String {
    let known = engine::repository(&world.journal, &world.registry, SHOP).await;
    known.unwrap().unwrap().name
}

#[tokio::test]
async fn a_repository_that_is_renamed_in_the_middle_of_a_run_is_shown_to_the_end() {
    let (world, head) = running().await;
    world.github.rename(SHOP.0, "acme/store");
    world
        .told("repository", &world.repository_event("renamed"))
        .await;
    world.desk.hold(false);
    world.settle().await;
    world.pass(120).await;
    assert_eq!(
        (world.check(&head, "slipway"), world.checks(&head)),
        ("SUCCESS".to_owned(), 2)
    );
    assert_eq!(name(&world).await, "acme/store");
}

#[tokio::test]
async fn a_repository_that_is_transferred_runs_nothing_more_and_says_why() {
    let (world, head) = running().await;
    world.github.rename(SHOP.0, "eve/shop");
    world
        .told("repository", &world.repository_event("transferred"))
        .await;
    world.pass(120).await;
    assert_eq!(world.check(&head, "slipway"), "CANCELLED");
    let runs = world.github.check_runs(&head);
    let whole = runs
        .iter()
        .find(|run| run.shown["name"] == "slipway")
        .unwrap();
    let shown = whole.shown["output"].to_string();
    assert!(shown.contains("transferred to eve/shop"), "{shown}");
    let next = world
        .bare
        .commit(MAIN, "More", &[("news", Some("1\n"))])
        .unwrap();
    world.told("push", &world.pushed(&head, &next)).await;
    world.pass(120).await;
    assert_eq!((world.desk.jobs().len(), world.checks(&next)), (1, 0));
}

#[tokio::test]
async fn where_the_app_was_removed_runs_end_and_github_is_not_asked_any_more() {
    let (world, _) = running().await;
    world.github.uninstall(SHOP.0);
    let mut removed = world.repository_event("removed");
    removed["installation"] = serde_json::json!({ "id": 9_000 });
    removed["repositories_added"] = serde_json::json!([]);
    removed["repositories_removed"] = serde_json::json!([{ "id": SHOP.0 }]);
    world.told("installation_repositories", &removed).await;
    world.pass(60).await;
    let (all, shown) = (world.github.all_calls(), world.github.calls(Route::Graphql));
    world.pass(3_600).await;
    assert_eq!(
        (world.github.all_calls(), world.github.calls(Route::Graphql)),
        (all, shown)
    );
}
