//! Check runs: what they cost, what a lost answer leaves, what is refused.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::checks::{Annotation, Check, Conclusion, Level, Status};
use domain::ids::{CommitSha, RepositoryId};
use engine::ports::{CheckUpdate, Checks as _, ChecksUpdate, NotShown};
use fake_github::{Route, Trouble};
use github_api::Limits;
use serde_json::json;

use super::{SHOP, Scene, scene};

type Ids = BTreeMap<String, String>;

fn check(name: &str, status: Status) -> Check {
    let done = matches!(status, Status::Completed(_));
    let at = "2026-03-02T12:00:00Z".parse().unwrap();
    Check {
        name: format!("slipway / {name}"),
        external_id: format!("c0ffee012345/job/{name}"),
        status,
        started_at: Some(at),
        completed_at: done.then_some(at),
        details_url: "https://ci.example.org/runs/42/c0ffee012345".to_owned(),
        title: format!("{name} \"}}) {{ }}"),
        summary: "| Job |\n| --- |".to_owned(),
        annotations: Vec::new(),
        actions: Vec::new(),
    }
}

/// The check of the whole run and those of ten jobs.
fn eleven(status: Status) -> Vec<Check> {
    let names = (0..=10).map(|number| format!("job {number}"));
    names.map(|name| check(&name, status)).collect()
}

fn annotated(count: u32) -> Check {
    let annotation = |line| Annotation {
        path: "cart_test.go".to_owned(),
        line,
        level: Level::Failure,
        title: "TestTotal".to_owned(),
        message: "got 3".to_owned(),
    };
    let mut check = check("unit", Status::Completed(Conclusion::Failure));
    check.annotations = (1..=count).map(annotation).collect();
    check
}

async fn show_in(
    scene: &Scene,
    repository: RepositoryId,
    commit: &CommitSha,
    checks: &[Check],
    known: &Ids,
    look_first: bool,
) -> Result<Ids, NotShown> {
    let checks = checks.iter().map(|check| CheckUpdate {
        check,
        id: known.get(&check.external_id).map(String::as_str),
    });
    let update = ChecksUpdate {
        repository,
        commit,
        checks: checks.collect(),
        look_first,
    };
    scene.github.show(&update).await
}

async fn show(
    scene: &Scene,
    commit: &CommitSha,
    checks: &[Check],
    known: &Ids,
) -> Result<Ids, NotShown> {
    show_in(scene, SHOP, commit, checks, known, false).await
}

/// A check that has not ended.
pub fn unfinished() -> Check {
    check("unit", Status::InProgress)
}

pub async fn show_one(scene: &Scene, commit: &CommitSha, one: &Check) {
    let shown = show(scene, commit, std::slice::from_ref(one), &Ids::new()).await;
    assert_eq!(shown.unwrap().len(), 1);
}

#[tokio::test]
async fn a_run_of_ten_jobs_costs_two_calls_from_its_start_to_its_end() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let none = Ids::new();
    // Another run has left a token and the repository's name behind.
    show(&scene, &commit, &[check("warm", Status::Queued)], &none)
        .await
        .unwrap();
    let (calls, tokens) = (scene.fake.all_calls(), scene.fake.tokens().len());
    let ids = show(&scene, &commit, &eleven(Status::Queued), &none)
        .await
        .unwrap();
    assert_eq!(ids.len(), 11);
    let good = Status::Completed(Conclusion::Success);
    let again = show(&scene, &commit, &eleven(good), &ids).await.unwrap();
    assert_eq!(ids, again);
    assert_eq!(scene.fake.all_calls() - calls, 2);
    assert_eq!(scene.fake.tokens().len(), tokens);
    let runs = scene.fake.check_runs(commit.as_str());
    assert_eq!(runs.len(), 12);
    for run in &runs[1..] {
        assert_eq!(run.shown["status"], "COMPLETED");
        assert_eq!(run.shown["conclusion"], "SUCCESS");
    }
}

#[tokio::test]
async fn sec_17_the_token_may_show_checks_of_this_repository_and_nothing_else() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    show(&scene, &commit, &eleven(Status::Queued), &Ids::new())
        .await
        .unwrap();
    let granted = scene.fake.granted();
    let permissions = vec!["checks:write".to_owned(), "metadata:read".to_owned()];
    assert_eq!(granted, [([SHOP.0].into(), permissions)]);
}

#[tokio::test]
async fn after_a_lost_answer_nothing_is_shown_twice() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let (none, checks) = (Ids::new(), eleven(Status::Queued));
    scene.fake.trouble(Route::Graphql, [Trouble::LostReply]);
    let lost = show(&scene, &commit, &checks, &none).await;
    assert!(matches!(lost, Err(NotShown::Unknown(_))), "{lost:?}");
    assert_eq!(scene.fake.check_runs(commit.as_str()).len(), 11);
    let ids = show_in(&scene, SHOP, &commit, &checks, &none, true)
        .await
        .unwrap();
    assert_eq!(ids.len(), 11);
    assert_eq!(scene.fake.check_runs(commit.as_str()).len(), 11);
    // Without looking there would be two of each, so this test can fail.
    show(&scene, &commit, &checks, &none).await.unwrap();
    assert_eq!(scene.fake.check_runs(commit.as_str()).len(), 22);
}

#[tokio::test]
async fn more_check_runs_than_a_page_has_are_found() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let many: Vec<Check> = (0..120)
        .map(|number| check(&format!("cell {number}"), Status::Queued))
        .collect();
    let made = show(&scene, &commit, &many, &Ids::new()).await.unwrap();
    // In requests of 50.
    assert_eq!(scene.fake.calls(Route::Graphql), 3);
    let found = show_in(&scene, SHOP, &commit, &many, &Ids::new(), true)
        .await
        .unwrap();
    assert_eq!(made, found);
    assert_eq!(scene.fake.calls(Route::CheckRuns), 2);
}

#[tokio::test]
async fn annotations_go_in_pages_and_none_goes_twice() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let sixty = [annotated(60)];
    let ids = show(&scene, &commit, &sixty, &Ids::new()).await.unwrap();
    assert_eq!(scene.fake.calls(Route::Graphql), 2);
    let annotations = || {
        scene.fake.check_runs(commit.as_str())[0]
            .annotations
            .clone()
    };
    assert_eq!(annotations().len(), 60);
    assert_eq!(
        annotations()[59]["location"],
        json!({ "startLine": 60, "endLine": 60 })
    );
    show_in(&scene, SHOP, &commit, &sixty, &ids, true)
        .await
        .unwrap();
    assert_eq!(annotations().len(), 60);
}

#[tokio::test]
async fn the_rest_of_the_annotations_follows_an_answer_that_was_lost_between_pages() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let sixty = [annotated(60)];
    scene.fake.trouble(Route::Graphql, [Trouble::LostReply]);
    show(&scene, &commit, &sixty, &Ids::new())
        .await
        .unwrap_err();
    show_in(&scene, SHOP, &commit, &sixty, &Ids::new(), true)
        .await
        .unwrap();
    let runs = scene.fake.check_runs(commit.as_str());
    assert_eq!((runs.len(), runs[0].annotations.len()), (1, 60));
}

#[tokio::test]
async fn a_rate_limit_says_when_it_ends_and_is_not_asked_again() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let (none, checks) = (Ids::new(), eleven(Status::Queued));
    show(&scene, &commit, &checks, &none).await.unwrap();
    scene
        .fake
        .trouble(Route::Graphql, [Trouble::SecondaryLimit(Some(300))]);
    for _ in 0..2 {
        let calls = scene.fake.calls(Route::Graphql);
        let limited = show(&scene, &commit, &checks, &none).await;
        let Err(NotShown::Limited { until, .. }) = limited else {
            panic!("{limited:?}");
        };
        let left = until.duration_since(jiff::Timestamp::now()).as_secs();
        assert!((290..=300).contains(&left), "{left}");
        assert!(scene.fake.calls(Route::Graphql) <= calls + 1);
    }
    assert_eq!(scene.fake.calls(Route::Graphql), 2);
    scene.advance(301);
    show(&scene, &commit, &checks, &none).await.unwrap();
    // The hourly quota is answered with status 200.
    scene.fake.leave_quota(0);
    let limited = show(&scene, &commit, &checks, &none).await;
    assert!(
        matches!(limited, Err(NotShown::Limited { .. })),
        "{limited:?}"
    );
}

#[tokio::test]
async fn an_outage_leaves_a_doubt() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let (none, checks) = (Ids::new(), eleven(Status::Queued));
    let broken = [
        Trouble::Status(502),
        Trouble::Body("{".to_owned()),
        Trouble::Body("{\"data\":{\"c0\":null}}".to_owned()),
        Trouble::Body("{\"errors\":[{\"message\":\"Something went wrong\"}]}".to_owned()),
    ];
    for trouble in broken {
        scene.fake.trouble(Route::Graphql, [trouble]);
        let unknown = show(&scene, &commit, &checks, &none).await;
        assert!(matches!(unknown, Err(NotShown::Unknown(_))), "{unknown:?}");
    }
    let limits = Limits {
        call: Duration::from_millis(300),
        ..Limits::default()
    };
    let mut scene = scene;
    scene.github = scene.github.with_limits(limits);
    scene.fake.trouble(Route::Graphql, [Trouble::Hang]);
    let unknown = show(&scene, &commit, &checks, &none).await;
    assert!(matches!(unknown, Err(NotShown::Unknown(_))), "{unknown:?}");
}

#[tokio::test]
async fn what_a_person_has_to_mend_is_a_refusal_that_says_so() {
    let refusal = |shown: Result<Ids, NotShown>| match shown {
        Err(NotShown::Refused(why)) => why,
        other => panic!("{other:?}"),
    };
    let first = scene().await;
    let commit = first.commit("first", &[("a", Some("a"))]);
    let checks = eleven(Status::Queued);
    let none = Ids::new();
    let gone = show_in(&first, RepositoryId(99), &commit, &checks, &none, false).await;
    assert!(refusal(gone).contains("is not installed on repository 99"));
    let nowhere = CommitSha::new("d".repeat(40));
    let nowhere = show(&first, &nowhere, &checks, &none).await;
    assert!(refusal(nowhere).contains("No commit found"));
    first.fake.trouble(Route::Graphql, [Trouble::Status(403)]);
    let forbidden = show(&first, &commit, &checks, &none).await;
    assert!(refusal(forbidden).contains("`checks: write`"));
    // The App was installed without it.
    let second = scene().await;
    second
        .fake
        .trouble(Route::AccessToken, [Trouble::Status(422)]);
    let commit = second.commit("first", &[("a", Some("a"))]);
    let unasked = show(&second, &commit, &checks, &none).await;
    assert!(refusal(unasked).contains("`checks: write`"));
}

#[tokio::test]
async fn a_refusal_after_a_part_was_made_is_a_doubt() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let none = Ids::new();
    show(&scene, &commit, &[check("warm", Status::Queued)], &none)
        .await
        .unwrap();
    // One field of a request is refused, and the others are made.
    let mut checks = eleven(Status::Queued);
    checks[4].summary = "too long for GitHub ".repeat(4_000);
    let partly = show(&scene, &commit, &checks, &none).await;
    assert!(matches!(partly, Err(NotShown::Unknown(_))), "{partly:?}");
    assert_eq!(scene.fake.check_runs(commit.as_str()).len(), 11);
    // The second request of an update meets the end of the quota.
    let next = scene.commit("next", &[("a", Some("b"))]);
    let many: Vec<Check> = (0..60)
        .map(|number| check(&format!("cell {number}"), Status::Queued))
        .collect();
    scene.fake.leave_quota(1);
    let partly = show(&scene, &next, &many, &none).await;
    assert!(matches!(partly, Err(NotShown::Unknown(_))), "{partly:?}");
    let made = scene.fake.check_runs(next.as_str()).len();
    assert_eq!(made, 50);
}
