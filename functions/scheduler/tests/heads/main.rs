//! Heads of branches that no delivery told of: the real client over HTTP against a GitHub with a history of its refs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod world;

use domain::delivery::Answer;
use engine::Fault;
use engine::ports::{Delivery, Inbox as _};
use fake_github::{Route, Trouble};
use jiff::{SignedDuration, Timestamp};
use scheduler::heads::Looked;
use serde_json::Value;

use world::{Ago, At, DAY, HOUR, MAIN, MINUTE, SHOP, World, made, push, zero};

#[tokio::test]
async fn sec_42_a_head_without_a_delivery_is_planned_once() {
    let (world, first) = World::new().await;
    let head = world.lost(MAIN, &first, HOUR);
    assert_eq!(world.look().await, made(1));
    let guids = world.rung();
    assert_eq!(guids.len(), 1);
    let Delivery { event, body, .. } = world.journal.delivery(&guids[0]).await.unwrap().unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((event.as_str(), &body["ref"]), ("push", &MAIN.into()));
    assert_eq!(
        (&body["before"], &body["after"]),
        (&first.into(), &head.as_str().into())
    );
    assert!(body["sender"]["id"].is_u64(), "{body}");
    // However often it is looked, before it is planned and after.
    assert_eq!(world.look().await, made(0));
    let planned = world.plan(&guids[0], 0).await;
    let opening = world.opening(&planned).await;
    assert_eq!(
        (opening.reference.as_str(), opening.commit.as_str()),
        (MAIN, head.as_str())
    );
    assert_eq!(opening.trigger.event(), "push");
    assert_eq!(world.look().await, made(0));
    assert_eq!(world.rung().len(), 1);
}

#[tokio::test]
async fn a_branch_whose_every_push_was_lost_is_found() {
    let (world, _) = World::new().await;
    let side = world.lost("refs/heads/side", &zero(), HOUR);
    assert_eq!(world.look().await, made(1));
    let planned = world.plan(&world.rung()[0], 0).await;
    assert_eq!(world.opening(&planned).await.commit.as_str(), side);
}

#[tokio::test]
async fn a_head_with_a_delivery_is_left_alone() {
    let (world, first) = World::new().await;
    // It led to a run.
    let built = world.lost("refs/heads/built", &zero(), 3 * HOUR);
    world
        .arrives("g1", "refs/heads/built", &built, 3 * HOUR)
        .await;
    // It was ignored, for there is no pipeline file.
    let bare = world
        .bare
        .commit("refs/heads/bare", "none", &[("a", Some("a"))]);
    let bare = bare.unwrap();
    world.moved("refs/heads/bare", &zero(), &bare, 2 * HOUR);
    let ignored = world
        .arrives("g2", "refs/heads/bare", &bare, 2 * HOUR)
        .await;
    assert!(matches!(ignored, Answer::Ignored { .. }), "{ignored:?}");
    // It waits to be planned.
    let waits = world.lost("refs/heads/waits", &first, HOUR);
    world
        .accepted("g3", &push("refs/heads/waits", &waits), HOUR)
        .await;
    assert_eq!(world.look().await, made(0));
    assert!(world.rung().iter().all(|guid| !guid.starts_with("head-")));
}

/// A run of the same commit on another branch, or of a pull request, is none of this head.
#[tokio::test]
async fn a_delivery_of_another_branch_says_nothing() {
    let (world, first) = World::new().await;
    world
        .bare
        .git(&["update-ref", "refs/heads/same", &first])
        .unwrap();
    world.moved("refs/heads/same", &zero(), &first, HOUR);
    assert_eq!(world.look().await, made(1));
}

#[tokio::test]
async fn a_young_head_and_an_old_one_are_left_alone() {
    let (world, first) = World::new().await;
    let second = world.lost(MAIN, &first, DAY + HOUR);
    assert_eq!(world.look().await, made(0));
    let third = world.lost(MAIN, &second, 9 * MINUTE);
    assert_eq!(world.look().await, made(0));
    // Also where an older move of the branch had no delivery: what counts is its head.
    world.lost("refs/heads/side", &zero(), HOUR);
    world.lost("refs/heads/side", &third, MINUTE);
    assert_eq!(world.look().await, made(0));
    world.lost("refs/heads/other", &zero(), 11 * MINUTE);
    assert_eq!(world.look().await, made(1));
}

#[tokio::test]
async fn what_was_pushed_before_the_first_run_is_left_alone() {
    let (world, first) = World::with(vec![43]).await;
    world.fake.add(43, "acme/new", world.bare.path());
    world.fake.moved(43, MAIN, &zero(), &first, HOUR);
    assert_eq!(world.look().await, made(0));
}

#[tokio::test]
async fn a_branch_that_is_gone_or_went_on_is_left_alone() {
    let (world, first) = World::new().await;
    let before = world.fake.calls(Route::Reference);
    let side = world.lost("refs/heads/side", &zero(), 2 * HOUR);
    world
        .bare
        .git(&["update-ref", "-d", "refs/heads/side"])
        .unwrap();
    world.moved("refs/heads/side", &side, &zero(), HOUR);
    assert_eq!(world.look().await, made(0));
    assert_eq!(world.fake.calls(Route::Reference), before);
    // Deleted, or moved, after its history was read.
    world.lost("refs/heads/late", &zero(), HOUR);
    world
        .bare
        .git(&["update-ref", "-d", "refs/heads/late"])
        .unwrap();
    world.lost(MAIN, &first, HOUR);
    world.commit(MAIN);
    assert_eq!(world.look().await, made(0));
    assert_eq!(world.fake.calls(Route::Reference), before + 2);
    assert!(world.rung().is_empty());
}

#[tokio::test]
async fn tags_and_hostile_names_are_left_alone() {
    let (world, first) = World::new().await;
    for reference in ["refs/tags/v1", "refs/heads/a..b", "refs/heads/x y", "HEAD"] {
        world.moved(reference, &zero(), &first, HOUR);
    }
    assert_eq!(world.look().await, made(0));
}

#[tokio::test]
async fn a_repository_that_fails_keeps_no_other_from_being_looked_at() {
    let (world, first) = World::with(vec![41, SHOP, 43]).await;
    world.fake.add(43, "acme/gone", world.bare.path());
    world.fake.uninstall(43);
    world.lost(MAIN, &first, HOUR);
    let expected = Looked {
        repositories: 1,
        made: 1,
        failed: 2,
        limited: false,
    };
    assert_eq!(world.look().await, expected);
    // The repository answers 404 although there is a token for it.
    world.fake.trouble(Route::Activity, [Trouble::Status(404)]);
    let nothing = Looked {
        failed: 3,
        ..Looked::default()
    };
    assert_eq!(world.look().await, nothing);
    world.fake.trouble(Route::Activity, [Trouble::Status(502)]);
    assert_eq!(world.look().await, nothing);
}

#[tokio::test]
async fn a_rate_limit_ends_the_look_and_the_next_one_goes_on() {
    let (world, first) = World::with(vec![SHOP, 43, 44]).await;
    for id in [43, 44] {
        world.fake.add(id, &format!("acme/{id}"), world.bare.path());
    }
    world.lost(MAIN, &first, HOUR);
    let before = world.fake.calls(Route::Activity);
    world.fake.trouble(Route::Activity, [Trouble::RateLimit(1)]);
    let limited = Looked {
        limited: true,
        ..Looked::default()
    };
    assert_eq!(world.look().await, limited);
    assert_eq!(world.fake.calls(Route::Activity), before + 1);
    // Within a second, or after it.
    while world.look().await.limited {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(world.rung().len(), 1);
}

/// Whoever comes first changes with the hour, so that a limit that is always used up keeps nobody out.
#[tokio::test]
async fn every_hour_begins_with_another_repository() {
    let (world, _) = World::with(vec![SHOP, 43, 44]).await;
    for id in [43, 44] {
        world.fake.add(id, &format!("acme/{id}"), world.bare.path());
    }
    let mut first = Vec::new();
    for hour in 0..3 {
        let before = world.fake.paths().len();
        world.look_at(&Ago(hour * HOUR)).await;
        let paths = world.fake.paths().split_off(before);
        let path = paths.into_iter().find(|path| path.contains("/activity"));
        first.push(path.unwrap());
    }
    first.sort();
    first.dedup();
    assert_eq!(first.len(), 3, "{first:?}");
}

#[tokio::test]
async fn hundreds_of_branches_are_read_page_by_page_and_unchanged_ones_are_free() {
    let (world, first) = World::new().await;
    let oldest = world.lost("refs/heads/oldest", &zero(), 4 * HOUR);
    for number in 0..250 {
        let reference = format!("refs/heads/b{number}");
        world.moved(&reference, &zero(), &first, 3 * HOUR);
        world
            .accepted(&format!("g{number}x"), &push(&reference, &first), 3 * HOUR)
            .await;
    }
    assert_eq!(world.look().await, made(1));
    assert_eq!(world.fake.calls(Route::Activity), 3);
    let planned = world.plan(&world.rung()[0], 0).await;
    assert_eq!(world.opening(&planned).await.commit.as_str(), oldest);
    let used = world.fake.quota_used();
    assert_eq!(world.look().await, made(0));
    assert_eq!(world.fake.calls(Route::Activity), 6);
    assert_eq!(world.fake.quota_used(), used);
}

#[tokio::test]
async fn the_schedule_looks_at_heads_once_an_hour() {
    let (world, first) = World::new().await;
    world.lost(MAIN, &first, 3 * HOUR);
    let hour = Timestamp::now().as_second() / HOUR * HOUR;
    let hour = Timestamp::from_second(hour).unwrap();
    for minute in (5..60).step_by(5) {
        let at = At(hour + SignedDuration::from_mins(minute));
        assert_eq!(world.on_schedule(&at).await, Ok(()));
    }
    assert_eq!(world.fake.calls(Route::Activity), 0);
    assert_eq!(world.on_schedule(&At(hour)).await, Ok(()));
    assert_eq!(world.fake.calls(Route::Activity), 1);
    assert_eq!(world.rung().len(), 1);
    assert_eq!(world.fake.calls(Route::Deliveries), 12);
}

/// What can still be fetched is not made up; where there is no list, nothing can.
#[tokio::test]
async fn heads_are_looked_at_after_the_deliveries_and_also_where_there_are_none() {
    let (world, first) = World::new().await;
    world.lost(MAIN, &first, 3 * HOUR);
    let hour = Timestamp::now().as_second() / HOUR * HOUR;
    let hour = At(Timestamp::from_second(hour).unwrap());
    world
        .fake
        .trouble(Route::Deliveries, [Trouble::Status(502)]);
    assert_eq!(world.on_schedule(&hour).await, Ok(()));
    assert_eq!(world.fake.calls(Route::Activity), 0);
    world
        .fake
        .trouble(Route::Deliveries, [Trouble::Status(404)]);
    let said = world.on_schedule(&hour).await.unwrap_err().to_string();
    assert!(said.contains("its webhook is switched off"), "{said}");
    assert_eq!(world.rung().len(), 1);
}

#[tokio::test]
async fn a_github_that_is_away_fails_no_schedule_and_one_that_says_no_does() {
    let (world, _) = World::new().await;
    let away = [Trouble::Status(500), Trouble::RateLimit(60)];
    world.fake.trouble(Route::Deliveries, away);
    assert_eq!(world.on_schedule(&Ago(0)).await, Ok(()));
    assert_eq!(world.on_schedule(&Ago(0)).await, Ok(()));
    world
        .fake
        .trouble(Route::Deliveries, [Trouble::Status(404)]);
    let refused = world.on_schedule(&Ago(0)).await;
    assert!(matches!(refused, Err(Fault::Malformed(_))), "{refused:?}");
}

#[tokio::test]
async fn sec_49_where_the_app_was_removed_nothing_is_asked_and_the_queues_own_branches_are_left_alone()
 {
    let (world, first) = World::new().await;
    world.lost("refs/heads/gh-readonly-queue/main/pr-7-b", &first, HOUR);
    assert_eq!(world.look().await, made(0));
    world.lost(MAIN, &first, HOUR);
    world.removed(true).await;
    let asked = world.fake.all_calls();
    assert_eq!(world.look().await, made(0));
    assert_eq!(world.fake.all_calls(), asked);
    world.removed(false).await;
    assert_eq!(world.look().await, made(1));
}
