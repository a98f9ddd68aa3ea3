//! Purpose: runs of every kind.

use domain::ids::{BuildId, RepositoryId, RunId};
use domain::run::{Attempt, Command, StageOutcome};

use super::plan::{failing, good, opening, with_artifact, with_findings, with_tests};
use super::story::Story;
use super::world::World;

/// Ids of the sample's runs.
pub const SUCCEEDED: &str = "51cceeded001";
pub const FAILED: &str = "fa11ed000002";
pub const AWAITING: &str = "a3a1710c0003";
pub const RUNNING: &str = "5a117a600004";
pub const SUPERSEDED: &str = "50be25eded05";
pub const INVALID: &str = "badf11e00006";
pub const QUEUED: &str = "9ece0ed00007";
pub const REJECTED: &str = "2e1ec7ed0008";
pub const DOUBT: &str = "d00b70000009";

/// A machine with a run of every kind. The clock stands at an hour after noon.
pub fn sample() -> World {
    let world = World::new();
    succeeded(&world);
    failed(&world);
    rejected(&world);
    superseded(&world);
    doubt(&world);
    invalid(&world);
    awaiting(&world);
    running(&world);
    queued(&world);
    world.at(3_600);
    world
}

fn succeeded(world: &World) {
    let opening = opening(12, SUCCEEDED, "main");
    let story = Story::open(world, 0, "Round totals to the cent (#41)", opening);
    story.jobs(4).deploy(130, "staging").ask(170);
    story.decide(400, true, "Looks right on staging.");
    story.deploy(410, "production");
}

fn failed(world: &World) {
    let opening = opening(12, FAILED, "feature/half-even-rounding");
    let story = Story::open(world, 600, "Try banker's rounding", opening);
    story.turn().begin(603, "job/build").begin(603, "job/lint");
    story.end(650, "job/build", with_artifact(good(603, 47)));
    story.end(655, "job/lint", with_findings(good(603, 52)));
    for task in ["job/unit (os=linux)", "job/unit (os=macos)", "job/smoke"] {
        story.begin(656, task);
    }
    story.end(690, "job/smoke", good(656, 34));
    story.end(
        700,
        "job/unit (os=macos)",
        with_tests(good(656, 44), 412, Vec::new()),
    );
    story.end(710, "job/unit (os=linux)", failing(656, 54));
    let second = Attempt::parse("job/unit (os=linux)~2").unwrap();
    let build = BuildId::new(format!("{FAILED}-unit-2"));
    world.at(715);
    story.tell(
        "function:scheduler",
        &Command::GrantSlots(vec![second.clone()]),
    );
    let started = Command::BuildStarted {
        attempt: second.clone(),
        build: build.clone(),
    };
    story.tell("function:builder", &started);
    let claim = Command::Claim {
        attempt: second.clone(),
        build: build.clone(),
    };
    story.tell("function:builder", &claim);
    world.at(770);
    let end = Command::BuildEnded {
        attempt: second,
        build: build.clone(),
        end: Box::new(failing(716, 54)),
    };
    story.tell("function:builder", &end);
    let mut lines = vec![
        "#checked out 8d3f2a1 in 0.4 s",
        "#claimed as attempt 2",
        "   \u{1b}[1m\u{1b}[32mCompiling\u{1b}[0m shop v0.4.0",
        ">warning: unused variable: `cart`",
        "running 414 tests",
    ];
    lines.extend(std::iter::repeat_n(
        "test cart::total::sums_lines ... ok",
        1_100,
    ));
    lines.extend([
        "test cart::total::rounds_half_to_even ... FAILED",
        ">thread 'cart::total::rounds_half_to_even' panicked at src/cart/total.rs:142:9: assertion `left == right` failed, \
         left: 1999, right: 2000",
        "test result: FAILED. 410 passed; 2 failed; 2 ignored",
        "#ended with status 101 after 54 s",
    ]);
    world.write_log(&build, &lines, true);
}

fn rejected(world: &World) {
    let opening = opening(12, REJECTED, "main");
    let story = Story::open(world, 800, "Show prices without tax", opening);
    story.jobs(802).deploy(920, "staging").ask(960);
    story.decide(1_000, false, "Legal wants tax shown in the EU.");
}

fn superseded(world: &World) {
    let opening = opening(12, SUPERSEDED, "main");
    let story = Story::open(world, 1_100, "Fix a typo", opening);
    story.turn().begin(1_103, "job/build");
    let by = RunId::new(AWAITING);
    story.tell("function:scheduler", &Command::Supersede { by });
    story.end(1_110, "job/build", good(1_103, 7));
}

fn doubt(world: &World) {
    let mut opening = opening(13, DOUBT, "main");
    opening.plan.stages.truncate(1);
    opening.plan.jobs.truncate(1);
    let story = Story::open(world, 1_200, "Publish the new handbook", opening);
    story.turn().begin(1_202, "job/build");
    story.end(1_240, "job/build", with_artifact(good(1_202, 38)));
    story
        .take_lane(1_245, "staging")
        .begin(1_246, "deploy/staging");
    let mut end = good(1_246, 12);
    end.verdict = domain::run::Verdict::Failed {
        why: "the commands ended with status 1".to_owned(),
    };
    story.end(1_258, "deploy/staging", end);
    let why = "the commands ended with status 1".to_owned();
    story.leave_lane("staging", StageOutcome::Failed { why });
}

fn invalid(world: &World) {
    let mut opening = opening(12, INVALID, "feature/pipeline");
    opening.problem = Some(
        ".slipway.yaml:14:5: unknown key `need`; did you mean `needs`? (and 2 more errors)"
            .to_owned(),
    );
    opening.plan.jobs.clear();
    opening.plan.stages.clear();
    Story::open(world, 1_500, "Split the pipeline", opening);
}

fn awaiting(world: &World) {
    let opening = opening(12, AWAITING, "main");
    let story = Story::open(world, 2_400, "Fix a typo in the price footer", opening);
    story
        .enter()
        .jobs(2_403)
        .deploy(2_520, "staging")
        .ask(2_560);
}

fn running(world: &World) {
    let opening = opening(12, RUNNING, "feature/wish-list");
    let story = Story::open(
        world,
        3_400,
        "Keep a wish list across devices, also when signed out",
        opening,
    );
    story.turn().queue(2, &["job/build", "job/lint"]);
    story
        .begin(3_402, "job/lint")
        .begin(3_402, "job/build")
        .end(3_450, "job/build", with_artifact(good(3_402, 48)));
    story.begin(3_452, "job/unit (os=linux)");
    let waiting = ["job/unit (os=macos)", "job/smoke"];
    story.queue(2, &waiting);
    let lines = [
        "#checked out 31f0c22 in 0.3 s",
        "running 414 tests",
        "test cart::total::sums_lines ... ok",
    ];
    world.write_log(&story.build("job/unit (os=linux)"), &lines, false);
}

fn queued(world: &World) {
    let opening = opening(12, QUEUED, "main");
    let story = Story::open(world, 3_500, "Ask for a receipt by mail", opening);
    story.enter();
}

/// The path of a sample run.
pub fn path(run: &str) -> String {
    let repository = if run == DOUBT {
        RepositoryId(13)
    } else {
        RepositoryId(12)
    };
    format!("/runs/{repository}/{run}")
}
