//! Purpose: the page of one run, for every kind of run, as a reader sees it.

use expect_test::expect;

use crate::sample::stories::{
    self, AWAITING, FAILED, INVALID, QUEUED, REJECTED, RUNNING, SUCCEEDED, SUPERSEDED, path,
};
use crate::{data, page, text};

fn read(run: &str) -> String {
    text(&page(&stories::sample(), &path(run)))
}

/// The text from one line to another.
fn part(text: &str, from: &str, to: &str) -> String {
    let lines = text.lines().skip_while(|line| *line != from);
    let lines = lines.take_while(|line| *line != to);
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_failed_run_shows_the_failing_test_first() {
    let text = read(FAILED);
    expect![[r#"
        Try banker's rounding
        failed
        unit (os=linux) failed: src/cart/total.rs:142: cart::total::rounds_half_to_even: left 1999, right 2000
        Branch
        feature/half-even-rounding
        Commit
        4758154
        Started
        50 minutes ago
        Took
        2 min 50 s
        By
        Ana Silva, push
        Author
        Ana Silva
        Tests
        822 passed, 2 failed, 4 skipped
    "#]].assert_eq(&part(&text, "Try banker's rounding", "Jobs"));
    expect![[r#"
        after build
        cart::total::rounds_half_to_even src/cart/total.rs:142
        assertion `left == right` failed
        left: 1999
        right: 2000
        cart::total::empty_cart_costs_nothing src/cart/total.rs:97
        called `Option::unwrap()` on a `None` value
        Details
        Attempts
        1: failed, 54 s, 1 min 31 s CPU, 402.3 MiB, build fa11ed000002-job-unit-(os=linux)-1
        2 tests failed
        2: failed, 54 s, 1 min 31 s CPU, 402.3 MiB, build fa11ed000002-unit-2
        2 tests failed
        Report target/junit.xml
        410 passed, 2 failed, 2 skipped
        Report target/lcov.info
        81.49 % of 4210 lines
        Commands, at most 20 min
        cargo test
        succeeded
    "#]]
    .assert_eq(&part(
        &part(&text, "failed", "Environments"),
        "after build",
        "unit (os=macos)",
    ));
}

#[test]
fn a_job_shows_its_attempts_reports_artifacts_and_findings() {
    let text = read(FAILED);
    expect![[r#"
        Jobs
        succeeded
        build
        47 s log of build
        Details
        Attempts
        1: succeeded, 47 s, 1 min 19 s CPU, 402.3 MiB, build fa11ed000002-job-build-1
        Artifact shop
        1 file, 8.0 MiB · afc7ee40e603
        Commands, at most 20 min
        cargo build --release
        succeeded
        lint
        52 s log of lint
        Findings
        new warning: redundant clone of `cart` clippy::redundant_clone src/cart/total.rs:88
        warning: this function has too many lines (112/100) clippy::too_many_lines src/cart/total.rs:12
        Details
        Attempts
        1: succeeded, 52 s, 1 min 28 s CPU, 402.3 MiB, build fa11ed000002-job-lint-1
        Report target/clippy.sarif
        2 warnings, 1 new
        Commands, at most 20 min
        cargo clippy -- -D warnings
        failed
    "#]].assert_eq(&part(&text, "Jobs", "unit (os=linux)"));
}

#[test]
fn a_run_that_waits_for_people_names_them() {
    let text = read(AWAITING);
    expect![[r#"
        Fix a typo in the price footer
        awaiting approval
        production waits for approval by Bo Chen or Cy Diaz until 2026-03-02 12:42 UTC (0 of 1 given).
    "#]].assert_eq(&part(&text, "Fix a typo in the price footer", "Branch"));
    expect![[r#"
        awaiting approval
        production
        after staging
        0 of 1 approvals given, ends in 23 hours (2026-03-02 12:42:40 UTC)
        May decide: Bo Chen, Cy Diaz. Each has a mail with a link. Not Ana Silva, whose own change it is.
    "#]].assert_eq(&part(&part(&text, "Environments", "Plan and history"), "awaiting approval", "end"));
}

#[test]
fn a_run_that_succeeded_shows_who_approved_and_what_ran_before() {
    let text = read(SUCCEEDED);
    expect![[r#"
        Environments
        deployed
        staging
        deploy log of staging verify log of staging
        deploy
        succeeded 20 s
        verify
        succeeded 8.0 s
        Turn (fence)
        1
        deployed
        production
        deploy log of production verify log of production
        after staging
        granted 1 of 1 approvals given
        approved by Bo Chen, 53 minutes ago
        “Looks right on staging.”
        deploy
        succeeded 20 s
        verify
        succeeded 8.0 s
        Turn (fence)
        1
    "#]]
    .assert_eq(&part(&text, "Environments", "Plan and history"));
}

#[test]
fn a_running_run_says_what_runs_and_what_waits() {
    let text = read(RUNNING);
    expect![[r#"
        running
        lint has been running for 3 min 18 s of at most 20 min.
        unit (os=linux) has been running for 2 min 28 s of at most 20 min.
        unit (os=macos) waits for a place since 12:57 UTC: position 1 of 2 in the pool of jobs, 2 of 2 places taken, until 2026-03-31 12:56 UTC at the latest.
        smoke waits for a place since 12:57 UTC: position 2 of 2 in the pool of jobs, 2 of 2 places taken, until 2026-03-31 12:56 UTC at the latest.
    "#]].assert_eq(&part(&text, "running", "Branch"));
}

#[test]
fn a_queued_run_tells_the_chain_of_what_it_waits_for() {
    let text = read(QUEUED);
    expect![[r#"
        queued
        The run waits for its turn since 12:58 UTC, behind run a3a1710c0003 in group main, until 2026-03-31 12:58 UTC at the latest.
        Run a3a1710c0003: production waits for approval by Bo Chen or Cy Diaz until 2026-03-02 12:42 UTC (0 of 1 given).
    "#]].assert_eq(&part(&text, "queued", "Branch"));
}

#[test]
fn a_superseded_an_invalid_and_a_rejected_run_say_why_they_ended() {
    let superseded = read(SUPERSEDED);
    expect![[r#"
        superseded
        superseded by run a3a1710c0003
        The newer run a3a1710c0003
    "#]]
    .assert_eq(&part(&superseded, "superseded", "Branch"));
    let invalid = read(INVALID);
    expect![[r#"
        failed
        .slipway.yaml:14:5: unknown key `need`; did you mean `needs`? (and 2 more errors)
    "#]]
    .assert_eq(&part(&invalid, "failed", "Branch"));
    let rejected = read(REJECTED);
    expect![[r#"
        rejected
        production rejected: Legal wants tax shown in the EU.
    "#]]
    .assert_eq(&part(&rejected, "rejected", "Branch"));
}

#[test]
fn every_event_is_listed_with_who_and_which_commit() {
    let world = stories::sample();
    let text = read(INVALID);
    let events = data(&world, &path(INVALID))["events"].clone();
    assert_eq!(events.as_array().unwrap().len(), 2);
    expect![[r#"
        2 events, as they were recorded
        35 minutes ago opened, and cannot be planned: .slipway.yaml:14:5: unknown key `need`; did you mean `needs`? (and 2 more errors) the planner, commit 1
        35 minutes ago finished, failed: .slipway.yaml:14:5: unknown key `need`; did you mean `needs`? (and 2 more errors) the planner, commit 1
    "#]].assert_eq(&part(&text, "2 events, as they were recorded", "end"));
}

#[test]
fn the_graph_has_a_box_for_every_job_and_environment() {
    let html = page(&stories::sample(), &path(FAILED));
    assert_eq!(html.matches("<rect class=\"node").count(), 7);
    assert_eq!(html.matches("<path class=\"edge\"").count(), 8);
    assert!(
        html.contains(r##"<a href="#job-2" tabindex="-1"><title>unit (os=linux): failed</title>"##)
    );
    assert!(html.contains(r#"<section class="card task" id="job-2""#));
}

#[test]
fn the_data_of_a_run_is_what_the_page_shows() {
    let world = stories::sample();
    let run = data(&world, &format!("{}.json", path(FAILED)));
    assert_eq!(run["status"], "failed");
    assert_eq!(run["repository"]["name"], "acme/shop");
    assert_eq!(run["jobs"].as_array().unwrap().len(), 5);
    let unit = &run["jobs"][2];
    assert_eq!(unit["task"], "job/unit (os=linux)");
    assert_eq!(unit["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(unit["tests"]["failed"], 2);
    assert_eq!(unit["reports"][0]["failures"][0]["line"], 142);
    let why = serde_json::to_string_pretty(&data(&world, &path(QUEUED))["why"]).unwrap();
    expect![[r#"
        {
          "at_ms": 1772370000000,
          "repository": 12,
          "run": "9ece0ed00007",
          "sentence": "The run waits for its turn since 12:58 UTC, behind run a3a1710c0003 in group main, until 2026-03-31 12:58 UTC at the latest.",
          "status": "queued",
          "waits": [
            {
              "behind": {
                "at_ms": 1772370000000,
                "repository": 12,
                "run": "a3a1710c0003",
                "sentence": "production waits for approval by Bo Chen or Cy Diaz until 2026-03-02 12:42 UTC (0 of 1 given).",
                "status": "awaiting approval",
                "waits": [
                  {
                    "reason": {
                      "count": 1,
                      "given": 0,
                      "kind": "approval",
                      "of": "Bo Chen or Cy Diaz",
                      "people": [
                        2,
                        3
                      ]
                    },
                    "sentence": "production waits for approval by Bo Chen or Cy Diaz until 2026-03-02 12:42 UTC (0 of 1 given).",
                    "since_ms": null,
                    "subject": "production",
                    "until_ms": 1772455360000
                  }
                ]
              },
              "reason": {
                "behind": "a3a1710c0003",
                "group": "main",
                "kind": "turn"
              },
              "sentence": "The run waits for its turn since 12:58 UTC, behind run a3a1710c0003 in group main, until 2026-03-31 12:58 UTC at the latest.",
              "since_ms": 1772369900000,
              "subject": "the run",
              "until_ms": 1774961900000
            }
          ]
        }"#]].assert_eq(&why);
}

#[test]
fn a_run_that_nobody_works_on_says_so() {
    use engine::ports::Journal as _;
    use futures::FutureExt as _;
    let world = stories::sample();
    let stream = domain::kernel::StreamId::parse(&format!("run/12/{RUNNING}")).unwrap();
    let reason = Some("it failed ten times: git does not answer");
    let told = world.shelf.quarantine(&stream, reason).now_or_never();
    told.unwrap().unwrap();
    for address in [path(RUNNING), "/".to_owned()] {
        assert!(page(&world, &address).contains("git does not answer"));
    }
}
