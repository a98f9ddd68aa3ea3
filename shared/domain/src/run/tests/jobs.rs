use expect_test::expect;

use super::check;

#[test]
fn jobs_run_in_the_order_of_their_needs() {
    check(
        "jobs",
        "turn\nslots\npass job/lint\npass job/build\nslots\npass job/unit\nreturns",
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
        > pass job/lint
          job/lint~1 started as b-job/lint~1
          job/lint~1 claimed by b-job/lint~1
          job/lint~1 succeeded
        > pass job/build
          job/build~1 started as b-job/build~1
          job/build~1 claimed by b-job/build~1
          job/build~1 succeeded
          job/unit~1 queued
        > slots
          slots taken: job/unit~1
          job/unit~1 requested
        > pass job/unit
          job/unit~1 started as b-job/unit~1
          job/unit~1 claimed by b-job/unit~1
          job/unit~1 succeeded
          release sealed
          finished succeeded: 3 jobs passed
        > returns
          slots returned: job/build~1 job/lint~1 job/unit~1
          turn returned"#]],
    );
}

#[test]
fn a_failed_job_is_tried_again_and_stops_what_needs_it() {
    check(
        "jobs",
        "turn\nslots\nclaim job/build\nend job/build fail\npass job/lint",
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
        > claim job/build
          job/build~1 claimed by b-job/build~1
        > end job/build fail
          job/build~1 failed: exit status 1
          job/unit skipped: it needs build, which did not succeed
        > pass job/lint
          job/lint~1 started as b-job/lint~1
          job/lint~1 claimed by b-job/lint~1
          job/lint~1 succeeded
          finished failed: build failed: exit status 1"#]],
    );
    check(
        "jobs",
        "turn\nslots\npass job/lint\npass job/build\nslots\nclaim job/unit\nend job/unit fail one\nslots\nclaim job/unit\nend job/unit fail two",
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
            > pass job/lint
              job/lint~1 started as b-job/lint~1
              job/lint~1 claimed by b-job/lint~1
              job/lint~1 succeeded
            > pass job/build
              job/build~1 started as b-job/build~1
              job/build~1 claimed by b-job/build~1
              job/build~1 succeeded
              job/unit~1 queued
            > slots
              slots taken: job/unit~1
              job/unit~1 requested
            > claim job/unit
              job/unit~1 claimed by b-job/unit~1
            > end job/unit fail one
              job/unit~1 failed: one
              job/unit~2 queued
            > slots
              slots taken: job/unit~2
              job/unit~2 requested
            > claim job/unit
              job/unit~2 claimed by b-job/unit~2
            > end job/unit fail two
              job/unit~2 failed: two
              finished failed: unit failed: two"#]],
    );
}

#[test]
fn a_lost_build_is_tried_again_three_times() {
    check(
        "jobs",
        "turn\nslots\npass job/lint\nclaim job/build\nend job/build lost host\nslots\nclaim job/build\nend job/build lost host\nslots\nclaim job/build\nend job/build lost host",
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
            > pass job/lint
              job/lint~1 started as b-job/lint~1
              job/lint~1 claimed by b-job/lint~1
              job/lint~1 succeeded
            > claim job/build
              job/build~1 claimed by b-job/build~1
            > end job/build lost host
              job/build~1 lost: host
              job/build~2 queued
            > slots
              slots taken: job/build~2
              job/build~2 requested
            > claim job/build
              job/build~2 claimed by b-job/build~2
            > end job/build lost host
              job/build~2 lost: host
              job/build~3 queued
            > slots
              slots taken: job/build~3
              job/build~3 requested
            > claim job/build
              job/build~3 claimed by b-job/build~3
            > end job/build lost host
              job/build~3 lost: host
              job/unit skipped: it needs build, which did not succeed
              finished failed: build lost: host"#]],
    );
}

#[test]
fn the_first_claim_wins_and_a_late_one_is_refused() {
    check(
        "jobs",
        "turn\nslots\nstart job/build b1\nclaim job/build b2\nclaim job/build b1\nclaim job/build b2\nend job/build ok\nclaim job/build b1",
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
            > start job/build b1
              job/build~1 started as b1
            > claim job/build b2
              job/build~1 claimed by b2
            > claim job/build b1
              refused: attempt job/build~1 belongs to another build
            > claim job/build b2
            > end job/build ok
              job/build~1 succeeded
              job/unit~1 queued
            > claim job/build b1
              refused: attempt job/build~1 has ended; this claim comes too late"#]],
    );
}

#[test]
fn a_build_that_ends_without_a_claim_ran_nothing() {
    check(
        "jobs",
        "turn\nslots\nstart job/build\nend job/build ok",
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
        > end job/build ok
          job/build~1 not started: the build ended without a claim (succeeded)
          job/build~2 queued"#]],
    );
}

#[test]
fn a_build_that_cannot_start_ends_after_half_an_hour() {
    check(
        "jobs",
        "turn\nslots\npass job/lint\nwait 1h\nslots\nwait 1h\nslots\nwait 1h",
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
        > pass job/lint
          job/lint~1 started as b-job/lint~1
          job/lint~1 claimed by b-job/lint~1
          job/lint~1 succeeded
        > wait 1h
          job/build~1 not started: it did not start within 30 minutes: the host did not answer
          job/build~2 queued
        > slots
          slots taken: job/build~2
          job/build~2 requested
        > wait 1h
          job/build~2 not started: it did not start within 30 minutes: the host did not answer
          job/build~3 queued
        > slots
          slots taken: job/build~3
          job/build~3 requested
        > wait 1h
          job/build~3 not started: it did not start within 30 minutes: the host did not answer
          job/unit skipped: it needs build, which did not succeed
          finished failed: build not started: it did not start within 30 minutes: the host did not answer"#]],
    );
}

#[test]
fn a_plan_without_jobs_is_done_at_once() {
    check(
        "nothing",
        "turn\nreturns\ncancel too late",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          finished succeeded: 0 jobs passed
        > returns
          turn returned
        > cancel too late
          refused: the run has ended (succeeded)"#]],
    );
}
