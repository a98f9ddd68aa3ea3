//! Purpose: stories of jobs that somebody does not want to be run.

use expect_test::expect;

use super::check;
use super::story::{Story, opening};

#[test]
fn what_has_not_begun_is_cancelled_and_what_runs_goes_on() {
    check(
        "jobs",
        "turn\nslots\nstart job/build\nclaim job/build\nskip guid/1\nskip guid/1\nskip guid/2\nend job/build ok\nreturns",
        expect![[r#"
              opened
            > turn
              turn taken
              job/build~1 queued
              job/lint~1 queued
            > slots
              slots taken: job/build~1 job/lint~1
              job/build~1 requested
              job/lint~1 requested
            > start job/build
              job/build~1 started as b-job/build~1
            > claim job/build
              job/build~1 claimed by b-job/build~1
            > skip guid/1
              skip requested by guid/1
              job/lint~1 cancelled
              job/unit cancelled
            > skip guid/1
            > skip guid/2
              refused: every job of it has begun
            > end job/build ok
              job/build~1 succeeded
              finished cancelled: skipped by /skip: lint, unit
            > returns
              slots returned: job/build~1 job/lint~1
              turn returned"#]],
    );
}

#[test]
fn a_run_that_waits_for_its_turn_ends_at_its_turn() {
    check(
        "jobs",
        "skip guid/1\nturn\nskip guid/2",
        expect![[r#"
          opened
        > skip guid/1
          skip requested by guid/1
          job/build cancelled
          job/lint cancelled
          job/unit cancelled
        > turn
          turn taken
          finished cancelled: skipped by /skip: build, lint, unit
        > skip guid/2
          refused: the run has ended (cancelled)"#]],
    );
}

#[test]
fn nothing_is_deployed_after_a_skip() {
    let mut story = Story::open("road");
    for line in ["skip guid/1", "turn"] {
        story.tell(line);
    }
    let text = story.text();
    assert!(
        text.contains("finished cancelled: skipped by /skip: "),
        "{text}"
    );
    assert!(!text.contains("staging wants its lane"), "{text}");
    assert!(story.run.release.is_none());
}

#[test]
fn what_waits_for_somebody_to_release_it_is_not_skipped() {
    let mut strange = opening("jobs");
    strange.awaits_trust = true;
    let mut story = Story::of(strange);
    story.tell("skip guid/1");
    let refused = "refused: it may not begin: nobody has released its commit";
    assert!(story.text().contains(refused), "{}", story.text());
    assert!(story.run.skips.is_empty());
}

#[test]
fn a_job_that_is_to_be_tried_again_has_begun() {
    let mut story = Story::open("jobs");
    for line in [
        "turn",
        "slots",
        "start job/build",
        "claim job/build",
        "end job/build lost",
        "skip guid/1",
    ] {
        story.tell(line);
    }
    let text = story.text();
    assert!(text.contains("job/build~2 queued"), "{text}");
    assert!(!text.contains("job/build~2 cancelled"), "{text}");
}
