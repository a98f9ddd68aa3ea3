//! Purpose: environments, and waits that the sample's runs do not have: lane, freeze, deferral, stopping.

use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::pull::{self, Pull, Word};
use domain::run::{Command, StageOutcome};
use domain::wish::Wish;
use engine::views::{Why, why};
use expect_test::expect;
use futures::FutureExt as _;

use crate::sample::plan::{good, opening};
use crate::sample::stories;
use crate::sample::story::{Story, attempt, submit};
use crate::sample::world::World;
use crate::{data, page, text};

fn ask(world: &World, story: &Story<'_>) -> Why {
    let at = engine::ports::Clock::now(world);
    let told = why(&world.shelf, world, &story.stream(), at).now_or_never();
    told.unwrap().unwrap().expect("there is such a run")
}

fn deploying<'a>(world: &'a World, run: &str, seconds: i64) -> Story<'a> {
    let mut opening = opening(12, run, "main");
    opening.plan.stages.truncate(1);
    opening.plan.jobs.truncate(1);
    let story = Story::open(world, seconds, "A change", opening);
    story.turn().begin(seconds + 1, "job/build");
    story.end(seconds + 9, "job/build", good(seconds + 1, 8));
    story
}

#[test]
fn a_run_behind_another_in_its_lane_tells_what_that_one_does() {
    let world = World::new();
    let first = deploying(&world, "aaaa", 0);
    first.take_lane(10, "staging").begin(11, "deploy/staging");
    let second = deploying(&world, "bbbb", 20);
    second.want_lane("staging");
    world.at(71);
    let told = ask(&world, &second);
    let behind = told.waits[0].behind.as_ref().unwrap();
    let sentences = [&told.sentence, &behind.sentence];
    expect![[r#"
        staging waits: run aaaa deploys to it since 12:00 UTC, position 1 in line, until 2026-03-31 12:00 UTC at the latest.
        The deploy to staging has been running for 1 min of at most 20 min.
    "#]]
    .assert_eq(&sentences.map(|line| format!("{line}\n")).concat());
    let shown = text(&page(&world, "/environments"));
    expect![[r#"
        Environments
        acme/shop
        staging deploying
        No deploy has succeeded here yet.
        Run aaaa may deploy now, 1 minute ago (fence 1)
        Waiting, in order
        Run bbbb
        History
        1 minute ago deploying Run aaaa
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_lane_that_was_just_granted_is_about_to_be_used() {
    let world = World::new();
    let story = deploying(&world, "aaaa", 0);
    story.want_lane("staging");
    let told = ask(&world, &story).sentence;
    assert_eq!(told, "staging is free, and this run is next.");
}

#[test]
fn a_build_that_was_put_off_says_until_when() {
    let world = World::new();
    let story = Story::open(&world, 0, "A change", opening(12, "aaaa", "main"));
    story.turn();
    let grant = Command::GrantSlots(vec![attempt("job/build")]);
    story.tell("function:scheduler", &grant);
    let until = engine::ports::Clock::now(&world) + jiff::SignedDuration::from_mins(2);
    let defer = Command::DeferBuild {
        attempt: attempt("job/build"),
        why: "the host has no memory left".to_owned(),
        until,
        frozen: false,
    };
    story.tell("function:builder", &defer);
    let told = ask(&world, &story);
    assert_eq!(
        told.sentence,
        "build is put off until 12:02 UTC: the host has no memory left."
    );
    // Afterwards it is tried again.
    world.at(180);
    let again = ask(&world, &story);
    let build = again.waits.iter().find(|wait| wait.subject == "build");
    assert_eq!(
        build.unwrap().sentence,
        "build waits for its build to begin since 12:00 UTC."
    );
}

#[test]
fn a_stopping_run_says_what_has_to_end_and_an_ended_one_how_it_ended() {
    let world = World::new();
    let story = Story::open(&world, 0, "A change", opening(12, "aaaa", "main"));
    story.turn().begin(2, "job/build");
    let cancel = Command::Cancel {
        by: Some(domain::ids::PersonId(2)),
        reason: "wrong branch".to_owned(),
    };
    story.tell("person:2", &cancel);
    let told = ask(&world, &story).sentence;
    assert_eq!(
        told,
        "The run is stopping (cancelled: wrong branch); 1 build must end first."
    );
    story.end(9, "job/build", good(2, 7));
    let told = ask(&world, &story);
    assert_eq!(told.sentence, "It has ended: cancelled: wrong branch.");
    assert!(told.waits.is_empty());
}

#[test]
fn a_freeze_window_says_when_it_ends() {
    let world = World::new();
    let mut opening = opening(12, "aaaa", "main");
    opening.plan.jobs.truncate(1);
    opening.plan.stages.truncate(1);
    // The clock of the sample stands at noon of a Sunday.
    opening.plan.stages[0].freeze = vec![domain::plan::FreezeWindow {
        cron: "0 11 * * SUN".to_owned(),
        for_seconds: 4 * 3_600,
        time_zone: "UTC".to_owned(),
    }];
    let story = Story::open(&world, 0, "A change", opening);
    story.turn().begin(1, "job/build");
    story.end(9, "job/build", good(1, 8));
    assert_eq!(
        ask(&world, &story).sentence,
        "staging is frozen until 15:00 UTC."
    );
    let shown = page(&world, "/runs/12/aaaa");
    assert!(
        shown.contains("Frozen: it is not touched before 2026-03-01 15:00:00 UTC (in 2 hours).")
    );
}

#[test]
fn environments_tell_what_runs_where_and_what_is_in_doubt() {
    let world = stories::sample();
    let shown = text(&page(&world, "/environments"));
    expect![[r#"
        Environments
        acme/docs
        staging in doubt
        A deploy failed after it had touched this environment.
        the commands ended with status 1
        Look at the environment, then deploy again.
        No deploy has succeeded here yet.
        History
        39 minutes ago failed Run d00b70000009
        the commands ended with status 1
        acme/shop
        staging deployed
        Fix a typo in the price footer
        Release
        7fe53dcf8ffa
        Commit
        75953c0
        Deployed
        17 minutes ago
        Started by
        Ana Silva
        History
        17 minutes ago deployed Run a3a1710c0003 · release 7fe53dcf8ffa
        44 minutes ago deployed Run 2e1ec7ed0008 · release d30593532a3b
        57 minutes ago deployed Run 51cceeded001 · release a13d087ef44f
        production deployed
        Round totals to the cent (#41)
        Release
        a13d087ef44f
        Commit
        ac4de57
        Deployed
        52 minutes ago
        Started by
        Ana Silva
        History
        52 minutes ago deployed Run 51cceeded001 · release a13d087ef44f
    "#]]
    .assert_eq(&shown);
    let places = data(&world, "/environments.json");
    let shop = &places["repositories"][1]["environments"];
    assert_eq!(shop[0]["environment"], "staging");
    assert_eq!(shop[0]["history"].as_array().unwrap().len(), 3);
    assert_eq!(shop[1]["deployed"]["run"], stories::SUCCEEDED);
}

#[test]
fn the_history_of_an_environment_ends_after_twenty_lines() {
    let world = World::new();
    for number in 0..23_u32 {
        let start = i64::from(number) * 60;
        let story = deploying(&world, &format!("{number:04x}"), start);
        story
            .take_lane(start + 10, "staging")
            .begin(start + 11, "deploy/staging");
        story.end(start + 20, "deploy/staging", good(start + 11, 9));
        story.begin(start + 21, "verify/staging");
        story.end(start + 30, "verify/staging", good(start + 21, 9));
        story.leave_lane("staging", StageOutcome::Deployed);
    }
    let places = data(&world, "/environments");
    let history = &places["repositories"][0]["environments"][0]["history"];
    let runs: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["run"].as_str().unwrap())
        .collect();
    assert_eq!(runs.len(), 20);
    assert_eq!((runs[0], runs[19]), ("0016", "0003"));
}

#[test]
fn a_run_that_has_passed_says_who_holds_its_pull_request() {
    let world = World::new();
    let mut opening = opening(12, "aaaa", "main");
    opening.trigger = Trigger::PullRequest {
        number: 5,
        base: "main".to_owned(),
        head: "fix".to_owned(),
    };
    opening.plan.stages.clear();
    opening.plan.jobs.clear();
    let story = Story::open(&world, 0, "A change", opening);
    story.turn();
    let headline = ask(&world, &story).sentence;
    let hold = pull::Command::Speak {
        opening: pull::Opening {
            repository: RepositoryId(12),
            number: 5,
        },
        word: Word::Hold {
            by: domain::ids::PersonId(99),
            reason: Some("the <b>database</b> moves".to_owned()),
        },
        wish: Wish {
            id: "guid/1".to_owned(),
            said: engine::ports::Clock::now(&world),
            number: 0,
        },
    };
    let stream = StreamId::pull(RepositoryId(12), 5);
    submit::<Pull>(&world, "person:99", &stream, &hold);
    let told = ask(&world, &story);
    assert_eq!(told.sentence, headline);
    let said = "The pull request is held by person 99 since 12:00 UTC: nothing is merged before somebody says /unhold. \
                Why: the <b>database</b> moves";
    let sentences: Vec<&str> = told.waits.iter().map(|wait| &*wait.sentence).collect();
    assert_eq!(sentences, [said]);
    let shown = page(&world, "/runs/12/aaaa");
    assert!(shown.contains("0 jobs passed"), "{shown}");
    let said = "The pull request is held by person 99";
    assert!(
        text(&shown).contains(said) && !shown.contains("<b>"),
        "{shown}"
    );
}
