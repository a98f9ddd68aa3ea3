use expect_test::expect;
use jiff::SignedDuration;

use super::check;
use super::story::Story;
use crate::kernel::Machine as _;

#[test]
fn the_whole_road() {
    check(
        "road",
        "turn\nslots\npass job/build\nlane staging\npass deploy/staging\nsettle staging\nreturn staging\napprovers production 1 2\n\
         approve production 2\nlane production\nowed\nauthorise production 2\npass deploy/production\nsettle production\nreturn production\nreturns",
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
            > pass deploy/staging
              deploy/staging~1 started as b-deploy/staging~1
              deploy/staging~1 claimed by b-deploy/staging~1
              deploy/staging~1 succeeded
              staging stopped, deployed
            > settle staging
              staging settled
            > return staging
              staging lane returned
              staging deployed
              production reached
            > approvers production 1 2
              production asks for 1 approval(s)
            > approve production 2
              production approved by 2
              production wants its lane
            > lane production
              production has its lane, fence 2
            > owed
              owed ReturnSlots([Attempt { task: Job(JobId("build")), number: 1 }])
              owed Authorise(EnvironmentName("production"))
            > authorise production 2
              production authorised
              deploy/production~1 requested
            > pass deploy/production
              deploy/production~1 started as b-deploy/production~1
              deploy/production~1 claimed by b-deploy/production~1
              deploy/production~1 succeeded
              production stopped, deployed
            > settle production
              production settled
            > return production
              production lane returned
              production deployed
              finished succeeded: 1 job passed, deployed to staging, production
            > returns
              slots returned: job/build~1
              turn returned"#]],
    );
}

#[test]
fn production_is_not_reached_when_staging_fails() {
    check(
        "road",
        "turn\nslots\npass job/build\nlane staging\nclaim deploy/staging\nend deploy/staging fail\nsettle staging\nreturn staging",
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
            > end deploy/staging fail
              deploy/staging~1 failed: exit status 1
              staging stopped, failed: exit status 1
            > settle staging
              staging settled
            > return staging
              staging lane returned
              staging failed: exit status 1
              production not deployed: staging did not succeed (failed)
              finished failed: staging failed: exit status 1"#]],
    );
}

#[test]
fn a_claimed_deploy_is_never_repeated_an_unclaimed_one_is() {
    check(
        "careful",
        "turn\nslots\npass job/build\nlane staging\nstart deploy/staging\nend deploy/staging unclaimed no shell\nclaim deploy/staging\nend deploy/staging lost host",
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
            > end deploy/staging unclaimed no shell
              deploy/staging~1 not started: no shell
              deploy/staging~2 requested
            > claim deploy/staging
              deploy/staging~2 claimed by b-deploy/staging~2
            > end deploy/staging lost host
              deploy/staging~2 lost: host
              rollback/staging~1 requested"#]],
    );
}

#[test]
fn a_bad_verification_rolls_back() {
    check(
        "careful",
        "turn\nslots\npass job/build\nlane staging\npass deploy/staging\nclaim verify/staging\nend verify/staging fail smoke\npass rollback/staging\nsettle staging\nreturn staging",
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
            > pass deploy/staging
              deploy/staging~1 started as b-deploy/staging~1
              deploy/staging~1 claimed by b-deploy/staging~1
              deploy/staging~1 succeeded
              verify/staging~1 requested
            > claim verify/staging
              verify/staging~1 claimed by b-verify/staging~1
            > end verify/staging fail smoke
              verify/staging~1 failed: smoke
              rollback/staging~1 requested
            > pass rollback/staging
              rollback/staging~1 started as b-rollback/staging~1
              rollback/staging~1 claimed by b-rollback/staging~1
              rollback/staging~1 succeeded
              staging stopped, rolled back: the verification did not pass: smoke
            > settle staging
              staging settled
            > return staging
              staging lane returned
              staging rolled back: the verification did not pass: smoke
              finished failed: staging rolled back: the verification did not pass: smoke"#]],
    );
    check(
        "careful",
        "turn\nslots\npass job/build\nlane staging\nclaim deploy/staging\nend deploy/staging late\nclaim rollback/staging\nend rollback/staging fail disk",
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
            > end rollback/staging fail disk
              rollback/staging~1 failed: disk
              staging stopped, failed: timed out; the rollback failed too: disk"#]],
    );
}

#[test]
fn a_lane_goes_back_only_after_the_target_has_settled() {
    check(
        "careful",
        "turn\nslots\npass job/build\nlane staging\npass deploy/staging\npass verify/staging\nreturn staging\nowed\nsettle staging\nreturn staging",
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
        > pass deploy/staging
          deploy/staging~1 started as b-deploy/staging~1
          deploy/staging~1 claimed by b-deploy/staging~1
          deploy/staging~1 succeeded
          verify/staging~1 requested
        > pass verify/staging
          verify/staging~1 started as b-verify/staging~1
          verify/staging~1 claimed by b-verify/staging~1
          verify/staging~1 succeeded
          staging stopped, deployed
        > return staging
        > owed
          owed ReturnSlots([Attempt { task: Job(JobId("build")), number: 1 }])
          owed Settle { environment: EnvironmentName("staging"), builds: [BuildId("b-deploy/staging~1"), BuildId("b-verify/staging~1")] }
        > settle staging
          staging settled
        > return staging
          staging lane returned
          staging deployed
          finished succeeded: 1 job passed, deployed to staging"#]],
    );
}

#[test]
fn sec_58_a_freeze_holds_in_its_own_time_zone() {
    // From Monday noon UTC to Friday 11:00 UTC, which is 19:00 in Shanghai; the window ends on Monday at 08:00 there.
    check(
        "frozen",
        "turn\nwait 90h\napprovers production 2\napprove production 2\nwait 5h\nowed\nwait 62h\nowed\nlane production\nauthorise production 2",
        expect![[r#"
              opened
            > turn
              turn taken
              release sealed
              production reached
            > wait 90h
            > approvers production 2
              production asks for 1 approval(s)
            > approve production 2
              production approved by 2
              production wants its lane
            > wait 5h
              production frozen until 2026-03-09T00:00:00Z
            > owed
            > wait 62h
            > owed
              owed TakeLane(EnvironmentName("production"))
            > lane production
              production has its lane, fence 1
            > authorise production 2
              production authorised
              deploy/production~1 requested"#]],
    );
}

/// A freeze may last longer than a deploy has to start: half an hour after its end is counted, not after the request.
#[test]
fn a_deploy_that_somebody_froze_has_all_its_time_to_start_afterwards() {
    let ended = |frozen: bool| {
        let mut story = Story::open("road");
        for line in ["turn", "slots", "pass job/build", "lane staging"] {
            story.tell(line);
        }
        let requested = story.now;
        story.now = requested + SignedDuration::from_mins(29);
        if frozen {
            story.tell("frozen deploy/staging");
        }
        story.now = requested + SignedDuration::from_mins(31);
        let events = story.run.advance(story.now);
        !events.is_empty()
    };
    assert!(ended(false) && !ended(true));
}
