//! Purpose: a run in the making, by the commands that make real ones.

use domain::change::{self, Change};
use domain::ids::{BuildId, EnvironmentName, PersonId};
use domain::kernel::{Machine, StreamId};
use domain::lane::{self, Lane};
use domain::plan::OnNew;
use domain::pool::{self, Pool, Ticket};
use domain::run::{Attempt, Command, Decision, EndFacts, Opening, Run, StageOutcome};
use engine::Invocation;
use engine::owner::Owned;
use engine::ports::Clock as _;
use futures::FutureExt as _;

use super::plan::{good, with_artifact, with_findings, with_tests};
use super::world::World;

/// A run in the making.
pub struct Story<'a> {
    pub world: &'a World,
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
