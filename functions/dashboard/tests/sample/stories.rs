//! Purpose: runs of every kind, made by the commands that make real ones.

use domain::change::{self, Change};
use domain::ids::{BuildId, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::kernel::{Machine, StreamId};
use domain::lane::{self, Lane};
use domain::plan::OnNew;
use domain::pool::{self, Pool, Ticket};
use domain::run::{Attempt, Command, Decision, EndFacts, Opening, Run, StageOutcome};
use engine::Invocation;
use engine::owner::Owned;
use engine::ports::Clock as _;
use futures::FutureExt as _;

use super::plan::{failing, good, opening, with_artifact, with_findings, with_tests};
use super::world::World;

/// A run in the making.
pub struct Story<'a> {
    world: &'a World,
    pub opening: Opening,
}

/// Changes a stream, as this actor.
pub fn submit<M>(world: &World, actor: &str, stream: &StreamId, command: &M::Command) -> M
where
    M: Machine,
    M::Effect: Owned,
{
    let call = format!("{actor}-{}", world.shelf.commits());
    let call = Invocation::new(&world.shelf, world, world, actor, call);
    let done = call.submit::<M>(stream, command).now_or_never();
    done.expect("nothing here waits")
        .expect("it may happen")
        .state
}

impl<'a> Story<'a> {
    /// Opens a run `seconds` after noon.
    pub fn open(world: &'a World, seconds: i64, title: &str, opening: Opening) -> Self {
        world.at(seconds);
        let titles = &mut *world.titles.lock().unwrap();
        titles.insert(opening.commit.clone(), title.to_owned());
        let story = Self { world, opening };
        story.tell(
            "function:planner",
            &Command::Open(Box::new(story.opening.clone())),
        );
        story
    }

    pub fn tell(&self, actor: &str, command: &Command) -> Run {
        submit::<Run>(self.world, actor, &self.stream(), command)
    }

    pub fn stream(&self) -> StreamId {
        StreamId::run(self.opening.repository, &self.opening.run)
    }

    /// The group lets it go on.
    pub fn turn(&self) -> &Self {
        self.tell("function:scheduler", &Command::TakeTurn);
        self
    }

    /// Starts and claims the first attempt of a task.
    pub fn begin(&self, seconds: i64, task: &str) -> &Self {
        self.world.at(seconds);
        let (attempt, build) = (attempt(task), self.build(task));
        if task.starts_with("job/") {
            self.tell(
                "function:scheduler",
                &Command::GrantSlots(vec![attempt.clone()]),
            );
        }
        let started = Command::BuildStarted {
            attempt: attempt.clone(),
            build: build.clone(),
        };
        self.tell("function:builder", &started);
        self.tell("function:builder", &Command::Claim { attempt, build });
        self
    }

    /// Ends it.
    pub fn end(&self, seconds: i64, task: &str, end: EndFacts) -> &Self {
        self.world.at(seconds);
        let ended = Command::BuildEnded {
            attempt: attempt(task),
            build: self.build(task),
            end: Box::new(end),
        };
        self.tell("function:builder", &ended);
        self
    }

    pub fn build(&self, task: &str) -> BuildId {
        let name = task.replace(['/', ' '], "-");
        BuildId::new(format!("{}-{name}-1", self.opening.run))
    }

    /// All jobs, well.
    pub fn jobs(&self, begin: i64) -> &Self {
        self.turn();
        let tests = |at| with_tests(good(at, 61), 412, Vec::new());
        self.begin(begin, "job/build").begin(begin + 1, "job/lint");
        self.end(begin + 45, "job/build", with_artifact(good(begin, 45)));
        self.end(begin + 50, "job/lint", with_findings(good(begin, 49)));
        for task in ["job/unit (os=linux)", "job/unit (os=macos)", "job/smoke"] {
            self.begin(begin + 51, task);
            self.end(begin + 112, task, tests(begin + 51));
        }
        self
    }

    /// The whole deploy of an environment.
    pub fn deploy(&self, seconds: i64, environment: &str) -> &Self {
        self.take_lane(seconds, environment);
        let (deploy, verify) = (
            format!("deploy/{environment}"),
            format!("verify/{environment}"),
        );
        self.begin(seconds + 1, &deploy);
        self.end(seconds + 21, &deploy, good(seconds + 1, 20));
        self.begin(seconds + 22, &verify);
        self.end(seconds + 30, &verify, good(seconds + 22, 8));
        self.leave_lane(environment, StageOutcome::Deployed);
        self
    }

    /// Takes the lane and tells the run.
    pub fn take_lane(&self, seconds: i64, environment: &str) -> &Self {
        self.world.at(seconds);
        let lane = self.want_lane(environment);
        let granted = Command::GrantLane {
            environment: environment.into(),
            fence: lane.fence_of(&self.opening.run).expect("the lane is free"),
            previous: lane.deployed,
        };
        self.tell("function:scheduler", &granted);
        if environment == "production" {
            let authorise = Command::Authorise {
                environment: environment.into(),
                approvers: vec![PersonId(2)],
            };
            self.tell("function:deployer", &authorise);
        }
        self
    }

    pub fn want_lane(&self, environment: &str) -> Lane {
        let take = lane::Command::Take {
            repository: self.opening.repository,
            run: self.opening.run.clone(),
        };
        submit(
            self.world,
            "function:scheduler",
            &self.lane(environment),
            &take,
        )
    }

    fn lane(&self, environment: &str) -> StreamId {
        StreamId::lane(self.opening.repository, &EnvironmentName::from(environment))
    }

    pub fn leave_lane(&self, environment: &str, outcome: StageOutcome) {
        let environment_name = EnvironmentName::from(environment);
        let settled = Command::Settled {
            environment: environment_name.clone(),
        };
        let run = self.tell("function:deployer", &settled);
        let give = lane::Command::Return {
            run: self.opening.run.clone(),
            outcome,
            release: run
                .release
                .map(|release| (self.opening.commit.clone(), release)),
        };
        submit::<Lane>(
            self.world,
            "function:scheduler",
            &self.lane(environment),
            &give,
        );
        let returned = Command::LaneReturned {
            environment: environment_name,
        };
        self.tell("function:scheduler", &returned);
    }

    /// Asks Bo and Cy.
    pub fn ask(&self, seconds: i64) -> &Self {
        self.world.at(seconds);
        let open = Command::OpenApproval {
            environment: "production".into(),
            approvers: vec![PersonId(2), PersonId(3)],
            excluded: vec![PersonId(1)],
        };
        self.tell("function:scheduler", &open);
        for person in [PersonId(2), PersonId(3)] {
            let environment = "production".into();
            let mailed = Command::ApprovalMailed {
                environment,
                person,
            };
            self.tell("function:notifier", &mailed);
        }
        self
    }

    /// Bo decides.
    pub fn decide(&self, seconds: i64, approve: bool, reason: &str) -> &Self {
        self.world.at(seconds);
        let run = self.tell("function:scheduler", &Command::TakeTurn);
        let decide = Command::Decide {
            environment: "production".into(),
            decision: Decision {
                person: PersonId(2),
                approve,
                reason: reason.to_owned(),
                release: run.release.expect("the release is sealed"),
                at: self.world.now(),
                signature: "c2lnbmF0dXJl".to_owned(),
            },
        };
        self.tell("person:2", &decide);
        self
    }

    /// Enters the concurrency group.
    pub fn enter(&self) -> &Self {
        let enter = change::Command::Enter {
            repository: self.opening.repository,
            run: self.opening.run.clone(),
            commit: self.opening.commit.clone(),
            on_new: OnNew::Queue,
            head: None,
        };
        let stream = StreamId::change(self.opening.repository, "main");
        submit::<Change>(self.world, "function:scheduler", &stream, &enter);
        self
    }

    /// Waits in the pool for these tasks.
    pub fn queue(&self, capacity: usize, tasks: &[&str]) -> &Self {
        let tickets = tasks.iter().map(|task| Ticket {
            repository: self.opening.repository,
            run: self.opening.run.clone(),
            attempt: attempt(task),
        });
        let take = pool::Command::Take {
            capacity,
            tickets: tickets.collect(),
        };
        submit::<Pool>(
            self.world,
            "function:scheduler",
            &StreamId::pool("jobs"),
            &take,
        );
        self
    }
}

pub fn attempt(task: &str) -> Attempt {
    Attempt::parse(&format!("{task}~1")).expect("a task")
}

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
