use expect_test::expect;

use super::check;
use super::story::Story;
use crate::kernel::Machine;
use crate::run::Outcome;

#[test]
fn cancel_stops_what_runs_and_skips_the_rest() {
    check(
        "jobs",
        "turn\nslots\nstart job/build\nclaim job/build\ncancel wrong branch\nowed\nclaim job/lint\nend job/build stopped\nreturns",
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
        > cancel wrong branch
          cancel requested: wrong branch
          job/lint~1 cancelled
          job/unit skipped: the run was cancelled
        > owed
          owed ReturnSlots([Attempt { task: Job(JobId("lint")), number: 1 }])
          owed StopBuild { attempt: Attempt { task: Job(JobId("build")), number: 1 }, build: BuildId("b-job/build~1") }
          owed ObserveBuild { attempt: Attempt { task: Job(JobId("build")), number: 1 }, build: BuildId("b-job/build~1") }
        > claim job/lint
          refused: attempt job/lint~1 has ended; this claim comes too late
        > end job/build stopped
          job/build~1 cancelled
          finished cancelled: cancelled: wrong branch
        > returns
          slots returned: job/build~1 job/lint~1
          turn returned"#]],
    );
}

#[test]
fn a_run_that_is_stopped_in_the_queue_takes_its_tickets_back() {
    for (wish, why) in [
        ("cancel enough", "cancelled"),
        ("supersede r2", "superseded"),
    ] {
        let mut story = Story::open("jobs");
        for line in ["turn", wish, "owed"] {
            story.tell(line);
        }
        let text = story.text();
        let owed = r#"owed ReturnSlots([Attempt { task: Job(JobId("build")), number: 1 }, Attempt { task: Job(JobId("lint")), number: 1 }])"#;
        assert!(text.contains(owed), "{why}: {text}");
        assert!(!story.run.is_ended(), "{why}: it owes its tickets");
        story.tell("returns");
        let text = story.text();
        let returned = "slots returned: job/build~1 job/lint~1\n  turn returned";
        assert!(text.contains(returned), "{why}: {text}");
        assert!(story.run.is_ended(), "{why}: {text}");
    }
}

#[test]
fn cancel_in_the_middle_of_a_deploy_waits_for_its_end() {
    check(
        "careful",
        "turn\nslots\npass job/build\nlane staging\nstart deploy/staging\nclaim deploy/staging\ncancel stop it\nend deploy/staging stopped\nsettle staging\nreturn staging",
        expect![[r#"
              opened
            > turn
              turn taken
              job/build~1 queued
            > slots
              slots taken: job/build~1
              job/build~1 requested
            > pass job/build
              job/build~1 started as b-job/build~1
              job/build~1 claimed by b-job/build~1
              job/build~1 succeeded
              release sealed
              staging reached
              staging wants its lane
            > lane staging
              staging has its lane, fence 1
              deploy/staging~1 requested
            > start deploy/staging
              deploy/staging~1 started as b-deploy/staging~1
            > claim deploy/staging
              deploy/staging~1 claimed by b-deploy/staging~1
            > cancel stop it
              cancel requested: stop it
            > end deploy/staging stopped
              deploy/staging~1 cancelled
              staging stopped, failed: cancelled
            > settle staging
              staging settled
            > return staging
              staging lane returned
              staging failed: cancelled
              finished cancelled: cancelled: stop it"#]],
    );
}

#[test]
fn a_superseded_run_starts_no_deploy() {
    check(
        "road",
        "turn\nslots\npass job/build\nlane staging\nstart deploy/staging\nsupersede r2\nclaim deploy/staging\nend deploy/staging unclaimed refused\nsettle staging\nreturn staging",
        expect![[r#"
          opened
        > turn
          turn taken
          job/build~1 queued
        > slots
          slots taken: job/build~1
          job/build~1 requested
        > pass job/build
          job/build~1 started as b-job/build~1
          job/build~1 claimed by b-job/build~1
          job/build~1 succeeded
          release sealed
          staging reached
          staging wants its lane
        > lane staging
          staging has its lane, fence 1
          deploy/staging~1 requested
        > start deploy/staging
          deploy/staging~1 started as b-deploy/staging~1
        > supersede r2
          superseded by r2
          production cancelled
        > claim deploy/staging
          refused: it may not begin: the run was superseded
        > end deploy/staging unclaimed refused
          deploy/staging~1 cancelled
          staging stopped, not deployed: cancelled
        > settle staging
          staging settled
        > return staging
          staging lane returned
          staging not deployed: cancelled
          finished superseded: superseded by run r2"#]],
    );
    check(
        "road",
        "turn\nslots\nsupersede r2\nclaim job/build",
        expect![[r#"
          opened
        > turn
          turn taken
          job/build~1 queued
        > slots
          slots taken: job/build~1
          job/build~1 requested
        > supersede r2
          superseded by r2
          job/build~1 cancelled
          production cancelled
          staging cancelled
          finished superseded: superseded by run r2
        > claim job/build
          refused: the run has ended (superseded)"#]],
    );
}

#[test]
fn a_superseded_run_ends_the_deploy_that_it_began() {
    check(
        "road",
        "turn\nslots\npass job/build\nlane staging\nstart deploy/staging\nclaim deploy/staging\nsupersede r2\nend deploy/staging ok\nsettle staging\nreturn staging",
        expect![[r#"
          opened
        > turn
          turn taken
          job/build~1 queued
        > slots
          slots taken: job/build~1
          job/build~1 requested
        > pass job/build
          job/build~1 started as b-job/build~1
          job/build~1 claimed by b-job/build~1
          job/build~1 succeeded
          release sealed
          staging reached
          staging wants its lane
        > lane staging
          staging has its lane, fence 1
          deploy/staging~1 requested
        > start deploy/staging
          deploy/staging~1 started as b-deploy/staging~1
        > claim deploy/staging
          deploy/staging~1 claimed by b-deploy/staging~1
        > supersede r2
          superseded by r2
          production cancelled
        > end deploy/staging ok
          deploy/staging~1 succeeded
          staging stopped, deployed
        > settle staging
          staging settled
        > return staging
          staging lane returned
          staging deployed
          finished superseded: superseded by run r2"#]],
    );
}

#[test]
fn production_that_has_begun_is_not_superseded() {
    check(
        "two approvals",
        "turn\napprovers production 2 3\napprove production 2\napprove production 3\nlane production\nsupersede r2",
        expect![[r#"
              opened
            > turn
              turn taken
              release sealed
              production reached
            > approvers production 2 3
              production asks for 2 approval(s)
            > approve production 2
              production approved by 2
            > approve production 3
              production approved by 3
              production wants its lane
            > lane production
              production has its lane, fence 1
            > supersede r2
              refused: it has begun production, which needs an approval, and is not superseded any more"#]],
    );
}

#[test]
fn a_lane_granted_to_a_run_that_has_stopped_is_given_back() {
    check(
        "road",
        "turn\nslots\npass job/build\ncancel enough\nlane staging\nowed\nreturn staging\nreturns",
        expect![[r#"
          opened
        > turn
          turn taken
          job/build~1 queued
        > slots
          slots taken: job/build~1
          job/build~1 requested
        > pass job/build
          job/build~1 started as b-job/build~1
          job/build~1 claimed by b-job/build~1
          job/build~1 succeeded
          release sealed
          staging reached
          staging wants its lane
        > cancel enough
          cancel requested: enough
          production cancelled
          staging cancelled
          finished cancelled: cancelled: enough
        > lane staging
          refused: the run has ended (cancelled)
        > owed
          owed ReturnSlots([Attempt { task: Job(JobId("build")), number: 1 }])
          owed ReturnLane { environment: EnvironmentName("staging"), outcome: Cancelled }
          owed ReturnTurn
        > return staging
          staging lane returned
        > returns
          slots returned: job/build~1
          turn returned"#]],
    );
}

#[test]
fn cancel_in_the_middle_of_a_rollback_waits_for_its_end() {
    check(
        "careful",
        "turn\nslots\npass job/build\nlane staging\nclaim deploy/staging\nend deploy/staging late\nclaim rollback/staging\ncancel stop it\nend rollback/staging stopped\nsettle staging",
        expect![[r#"
              opened
            > turn
              turn taken
              job/build~1 queued
            > slots
              slots taken: job/build~1
              job/build~1 requested
            > pass job/build
              job/build~1 started as b-job/build~1
              job/build~1 claimed by b-job/build~1
              job/build~1 succeeded
              release sealed
              staging reached
              staging wants its lane
            > lane staging
              staging has its lane, fence 1
              deploy/staging~1 requested
            > claim deploy/staging
              deploy/staging~1 claimed by b-deploy/staging~1
            > end deploy/staging late
              deploy/staging~1 timed out
              rollback/staging~1 requested
            > claim rollback/staging
              rollback/staging~1 claimed by b-rollback/staging~1
            > cancel stop it
              cancel requested: stop it
            > end rollback/staging stopped
              rollback/staging~1 cancelled
              staging stopped, failed: timed out; the rollback failed too: cancelled
            > settle staging
              staging settled"#]],
    );
}

#[test]
fn no_run_lives_for_ever() {
    check(
        "two approvals",
        "turn\nwait 721h\nreturns",
        expect![[r#"
          opened
        > turn
          turn taken
          release sealed
          production reached
        > wait 721h
          cancel requested: it is older than 30 days
          production cancelled
          finished cancelled: cancelled: it is older than 30 days
        > returns
          turn returned"#]],
    );
}

#[test]
fn a_build_of_a_cancelled_run_is_told_that_it_may_not_begin() {
    check(
        "jobs",
        "turn\nslots\nstart job/build\ncancel wrong branch\nclaim job/build",
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
        > cancel wrong branch
          cancel requested: wrong branch
          job/lint~1 cancelled
          job/unit skipped: the run was cancelled
        > claim job/build
          refused: it may not begin: the run was cancelled"#]],
    );
}

/// A build that was stopped before it ran anything is no failure of the run that was overtaken.
#[test]
fn a_superseded_run_is_not_failed_by_a_build_that_never_claimed() {
    for how in [
        "stopped",
        "unclaimed the run was superseded",
        "fail exit status 1",
    ] {
        let mut story = Story::open("jobs");
        let end = format!("end job/build {how}");
        for line in [
            "turn",
            "slots",
            "start job/build",
            "pass job/lint",
            "supersede r2",
            &end,
        ] {
            story.tell(line);
        }
        let finished = story.run.finished.as_ref().map(|finish| finish.outcome);
        assert_eq!(finished, Some(Outcome::Superseded), "{}", story.text());
    }
}
