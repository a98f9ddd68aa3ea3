//! Purpose: what people say about a pull request reaches the checks of its runs, during a run and long after its end.

use domain::checks::{self, Conclusion, End, Status};
use domain::ids::{PersonId, RunId};
use domain::kernel::{Machine as _, StreamId};
use domain::pull::{self, Pull, Word};
use domain::run::{Opening, Outcome};
use domain::wish::Wish;
use engine::ports::{Doorbell, NotShown};
use engine::{Invocation, load, queue};
use jiff::SignedDuration;
use testkit::yielding::block_on;

use super::shown::GitHub;
use super::world::{ANA, REPOSITORY, World};
use crate::{Deps, handle};

const NUMBER: u64 = 5;
/// A run of the pull request that passes by having nothing to do.
const PASSED: &str = "b1b2c3d4e5f6";

pub(super) struct Scene {
    pub world: World,
    pub github: GitHub,
}

impl Scene {
    /// A pull request, with its run at its end.
    pub fn new() -> Self {
        let scene = Self {
            world: World::plain(),
            github: GitHub::default(),
        };
        scene.open(PASSED);
        scene.world.submit(PASSED, &domain::run::Command::TakeTurn);
        let run = scene.world.run(PASSED);
        assert_eq!(run.finished.unwrap().outcome, Outcome::Succeeded);
        scene
    }

    /// Opens a run, what shows it, and its place in the pull request, as the planner does.
    fn open(&self, run: &str) {
        let mut opening = *self.world.run(super::world::RUN).opening.unwrap();
        opening.run = run.into();
        opening.trigger = serde_json::from_value(serde_json::json!({
            "pull_request": { "number": NUMBER, "base": "main", "head": "fix" }
        }))
        .unwrap();
        opening.plan.jobs.clear();
        opening.plan.stages.clear();
        opening.plan.concurrency.group = run.to_owned();
        opening.has_checks = true;
        let open = domain::run::Command::Open(Box::new(opening.clone()));
        self.world.submit(run, &open);
        self.show(&opening);
        let plan = pull::Command::Plan {
            opening: self.opening(),
            run: pull::Planned {
                run: opening.run,
                commit: opening.commit,
            },
        };
        self.give(&plan);
    }

    fn show(&self, opening: &Opening) {
        let stream = StreamId::checks(REPOSITORY, &opening.run);
        let open = checks::Command::Open(checks::Opening {
            repository: REPOSITORY,
            run: opening.run.clone(),
            commit: opening.commit.clone(),
            pull_request: Some(NUMBER),
        });
        block_on(self.call().submit::<checks::Checks>(&stream, &open)).unwrap();
    }

    fn opening(&self) -> pull::Opening {
        pull::Opening {
            repository: REPOSITORY,
            number: NUMBER,
        }
    }

    fn call(&self) -> Invocation<'_> {
        let world = &self.world;
        let id = format!("setup/{}", world.journal.commits());
        Invocation::new(&world.journal, world, world, "function:setup", id)
    }

    fn give(&self, command: &pull::Command) {
        block_on(self.call().submit::<Pull>(&self.stream(), command)).unwrap();
    }

    fn stream(&self) -> StreamId {
        StreamId::pull(REPOSITORY, NUMBER)
    }

    pub fn say(&self, word: Word) {
        let wish = Wish {
            id: format!("guid/{}", self.world.journal.commits()),
            said: *self.world.now.lock().unwrap(),
            number: 0,
        };
        let opening = self.opening();
        self.give(&pull::Command::Speak {
            opening,
            word,
            wish,
        });
    }

    pub fn hold(&self, by: PersonId) {
        let reason = Some("the database moves".to_owned());
        self.say(Word::Hold { by, reason });
    }

    fn ring(&self, stream: StreamId) {
        let world = &self.world;
        let comments = super::answers::GitHub::default();
        let deps = Deps {
            checks: Some(&self.github),
            comments: Some(&comments),
            ..super::deps(world)
        };
        let event = queue::event(&[Doorbell { stream }]).unwrap();
        let call = format!("call-{}", world.journal.commits());
        let answer = block_on(handle(&deps, event, &call));
        assert_eq!(answer.batch_item_failures.len(), 0);
    }

    /// The notifier looks at the pull request, then at the checks of the run.
    pub fn look(&self) {
        self.ring(self.stream());
        self.ring(StreamId::checks(REPOSITORY, &PASSED.into()));
    }

    pub fn shown(&self) -> (Status, String) {
        let shown = self.github.shown();
        let check = &shown["slipway"];
        (check.status, check.title.clone())
    }

    fn checks(&self) -> checks::Checks {
        let stream = StreamId::checks(REPOSITORY, &RunId::from(PASSED));
        block_on(load(&self.world.journal, &stream)).unwrap().state
    }
}

#[test]
fn who_has_looked_and_what_is_overridden_is_shown_at_that_commit_alone() {
    let scene = Scene::new();
    let commit = scene.world.run(PASSED).opening.unwrap().commit;
    let summary = || scene.github.shown()["slipway"].summary.clone();
    scene.say(Word::LooksGood { by: ANA, commit });
    scene.look();
    assert!(summary().contains("Looks good at this commit to ana"));
    scene.say(Word::TakenBack { by: ANA });
    scene.look();
    assert!(!summary().contains("Looks good"));
    let commit = "e".repeat(40).as_str().into();
    scene.say(Word::LooksGood { by: ANA, commit });
    scene.look();
    assert!(!summary().contains("Looks good"));
}

const HELD: Status = Status::Completed(Conclusion::ActionRequired);
const GOOD: Status = Status::Completed(Conclusion::Success);

#[test]
fn a_run_that_ended_days_ago_is_held_and_is_what_it_was_when_the_hold_ends() {
    let scene = Scene::new();
    scene.look();
    assert_eq!(scene.shown().0, GOOD);
    assert_eq!(scene.checks().end, Some(End::Final));
    *scene.world.now.lock().unwrap() += SignedDuration::from_hours(24 * 40);
    scene.hold(ANA);
    // The doorbell of the checks is lost: the word is passed on by the pull request, and the sweep finds what is due.
    scene.look();
    let title = "Held by ana: the database moves".to_owned();
    assert_eq!(scene.shown(), (HELD, title));
    assert_eq!(scene.checks().end, Some(End::Final));
    scene.say(Word::Unhold { by: ANA });
    scene.look();
    assert_eq!(scene.shown(), (GOOD, "0 jobs passed".to_owned()));
    let pull: Pull = block_on(load(&scene.world.journal, &scene.stream()))
        .unwrap()
        .state;
    assert!(pull.is_ended() && pull.untold.is_empty());
}

#[test]
fn a_hold_before_the_first_view_is_in_it() {
    let scene = Scene::new();
    scene.hold(PersonId(77));
    scene.ring(StreamId::checks(REPOSITORY, &PASSED.into()));
    // Nobody of this machine: by number.
    let title = "Held by person 77: the database moves".to_owned();
    assert_eq!(scene.shown(), (HELD, title));
}

#[test]
fn a_hold_while_github_is_told_is_told_next() {
    let scene = Scene::new();
    let lost = NotShown::Unknown("the line broke".to_owned());
    scene.github.fail(Some(lost));
    scene.look();
    scene.hold(ANA);
    scene.github.fail(None);
    *scene.world.now.lock().unwrap() += SignedDuration::from_secs(60);
    scene.look();
    assert_eq!(scene.shown().0, HELD);
}
