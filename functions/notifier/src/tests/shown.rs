//! Purpose: what GitHub is told of a run, how often, and what becomes of it when GitHub fails.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::checks::{self, Check, Conclusion, Deployment, End, Status};
use domain::kernel::StreamId;
use domain::run::{Command, Decision};
use engine::ports::{
    Checks, ChecksUpdate, DeploymentsAnswer, DeploymentsUpdate, Doorbell, NotShown,
};
use engine::{Invocation, load, queue};
use jiff::{SignedDuration, Timestamp};
use testkit::yielding::block_on;

use super::world::{ANA, REPOSITORY, RUN, World, production, stream};
use crate::{Deps, handle};

/// A GitHub that notes what it is told.
#[derive(Default)]
pub(super) struct GitHub {
    /// Names of the check runs of each update, and whether they were looked for first.
    told: Mutex<Vec<(Vec<String>, bool)>>,
    shown: Mutex<BTreeMap<String, Check>>,
    fault: Mutex<Option<NotShown>>,
    /// The deployments of each update as `name state`, and whether they were looked for first.
    pub deployed: Mutex<Vec<(Vec<String>, bool)>>,
    /// What becomes of deployments from the one of this number on.
    pub undeployed: Mutex<Option<(usize, NotShown)>>,
}

#[async_trait]
impl Checks for GitHub {
    async fn show(&self, update: &ChecksUpdate<'_>) -> Result<BTreeMap<String, String>, NotShown> {
        let checks = || update.checks.iter().map(|wanted| wanted.check);
        let names = checks().map(|check| check.name.clone()).collect();
        self.told.lock().unwrap().push((names, update.look_first));
        if let Some(fault) = self.fault.lock().unwrap().clone() {
            return Err(fault);
        }
        let ids = checks().map(|check| {
            let (id, name) = (format!("CR_{}", check.name), check.external_id.clone());
            self.shown
                .lock()
                .unwrap()
                .insert(check.name.clone(), check.clone());
            (name, id)
        });
        Ok(ids.collect())
    }

    async fn show_deployments(&self, update: &DeploymentsUpdate<'_>) -> DeploymentsAnswer {
        let wanted = update.deployments.iter();
        let words = wanted.map(|wanted| {
            let Deployment {
                external_id, state, ..
            } = wanted.deployment;
            format!("{external_id} {state:?} {:?}", wanted.id)
        });
        let told = (words.collect(), update.look_first);
        self.deployed.lock().unwrap().push(told);
        let (good, failed) = match self.undeployed.lock().unwrap().clone() {
            Some((good, fault)) => (good, Some(fault)),
            None => (usize::MAX, None),
        };
        let shown = update.deployments.iter().take(good).map(|wanted| {
            let name = &wanted.deployment.external_id;
            (name.clone(), format!("{}", name.len()))
        });
        DeploymentsAnswer {
            shown: shown.collect(),
            failed,
        }
    }
}

impl GitHub {
    /// The check runs that it has, by name.
    pub fn shown(&self) -> BTreeMap<String, Check> {
        self.shown.lock().unwrap().clone()
    }

    pub fn fail(&self, fault: Option<NotShown>) {
        *self.fault.lock().unwrap() = fault;
    }
}

pub(super) struct Scene {
    pub world: World,
    pub github: GitHub,
    run: &'static str,
}

impl Scene {
    /// A run that waits for an approval, of which GitHub has not been told yet.
    pub fn open() -> Self {
        Self::of(RUN, |_| {})
    }

    /// The same of the run of this name, which is there afterwards.
    pub fn of(run: &'static str, make: impl FnOnce(&World)) -> Self {
        let scene = Self {
            world: World::plain(),
            github: GitHub::default(),
            run,
        };
        make(&scene.world);
        let opening = scene.world.run(run).opening.unwrap();
        let open = checks::Command::Open(checks::Opening {
            repository: REPOSITORY,
            run: opening.run,
            commit: opening.commit,
            pull_request: None,
        });
        let world = &scene.world;
        let call = Invocation::new(&world.journal, world, world, "function:setup", "checks");
        block_on(call.submit::<checks::Checks>(&scene.stream(), &open)).unwrap();
        scene
    }

    pub fn stream(&self) -> StreamId {
        StreamId::checks(REPOSITORY, &self.run.into())
    }

    /// What GitHub shows as the title of a check.
    pub fn title(&self, check: &str) -> String {
        self.github.shown.lock().unwrap()[check].title.clone()
    }

    pub fn summary(&self, check: &str) -> String {
        self.github.shown.lock().unwrap()[check].summary.clone()
    }

    /// Rings the notifier, and tells what GitHub was told.
    pub fn ring(&self) -> Vec<(Vec<String>, bool)> {
        let world = &self.world;
        let deps = Deps {
            checks: Some(&self.github),
            ..super::deps(world)
        };
        let doorbell = Doorbell {
            stream: self.stream(),
        };
        let event = queue::event(&[doorbell]).unwrap();
        let call = format!("call-{}-{}", world.journal.commits(), self.now());
        let answer = block_on(handle(&deps, event, &call));
        assert_eq!(answer.batch_item_failures.len(), 0);
        std::mem::take(&mut self.github.told.lock().unwrap())
    }

    pub fn now(&self) -> Timestamp {
        *self.world.now.lock().unwrap()
    }

    pub fn wait(&self, seconds: i64) {
        *self.world.now.lock().unwrap() += SignedDuration::from_secs(seconds);
    }

    pub fn fail(&self, fault: Option<NotShown>) {
        self.github.fail(fault);
    }

    pub fn checks(&self) -> checks::Checks {
        block_on(load(&self.world.journal, &self.stream()))
            .unwrap()
            .state
    }

    pub fn cancel(&self) {
        let reason = "not wanted".to_owned();
        self.world
            .submit(RUN, &Command::Cancel { by: None, reason });
    }
}

const ALL: [&str; 4] = [
    "slipway",
    "slipway / unit",
    "slipway / → staging",
    "slipway / → production",
];

#[test]
fn github_is_told_once_and_then_only_of_what_changed() {
    let scene = Scene::open();
    assert_eq!(scene.ring(), [(ALL.map(str::to_owned).to_vec(), false)]);
    scene.wait(60);
    assert_eq!(scene.ring(), []);
    // The end is told at once, and then nothing more.
    scene.cancel();
    let told = scene.ring();
    assert_eq!(told, [(vec![ALL[0].to_owned(), ALL[3].to_owned()], false)]);
    assert_eq!(scene.checks().end, Some(End::Final));
    let status = scene.github.shown.lock().unwrap()["slipway"].status;
    assert_eq!(status, Status::Completed(Conclusion::Cancelled));
    scene.wait(60);
    assert_eq!(scene.ring(), []);
}

#[test]
fn progress_waits_for_its_time_and_the_end_does_not() {
    let scene = Scene::open();
    scene.ring();
    let decision = Decision {
        person: ANA,
        approve: true,
        reason: String::new(),
        release: scene.world.run(RUN).release.unwrap(),
        at: scene.now(),
        signature: String::new(),
    };
    let environment = production();
    scene.world.submit(
        RUN,
        &Command::Decide {
            environment,
            decision,
        },
    );
    assert_eq!(scene.ring(), []);
    scene.wait(i64::from(checks::PROGRESS_SECONDS));
    let told = scene.ring();
    assert_eq!(told, [(vec![ALL[0].to_owned(), ALL[3].to_owned()], false)]);
    scene.cancel();
    assert_eq!(scene.ring().len(), 1);
}

#[test]
fn after_a_lost_answer_check_runs_are_looked_for_first() {
    let scene = Scene::open();
    let lost = NotShown::Unknown("no answer".to_owned());
    scene.fail(Some(lost));
    assert_eq!(scene.ring().len(), 1);
    // Not before its time.
    assert_eq!(scene.ring(), []);
    scene.wait(5);
    scene.fail(None);
    assert_eq!(scene.ring(), [(ALL.map(str::to_owned).to_vec(), true)]);
    assert!(scene.checks().updates.may_create());
}

#[test]
fn a_rate_limit_is_waited_for() {
    let scene = Scene::open();
    let until = scene.now() + SignedDuration::from_secs(900);
    let why = "the rate limit is used up".to_owned();
    scene.fail(Some(NotShown::Limited { why, until }));
    scene.ring();
    scene.fail(None);
    scene.wait(899);
    assert_eq!(scene.ring(), []);
    scene.wait(1);
    assert_eq!(scene.ring(), [(ALL.map(str::to_owned).to_vec(), false)]);
}

#[test]
fn a_refusal_is_given_up_with_its_reason_and_the_run_goes_on() {
    let scene = Scene::open();
    let why = "the App lacks the permission `checks: write`";
    scene.fail(Some(NotShown::Refused(why.to_owned())));
    for _ in 0..domain::update::MAX_REFUSALS {
        assert_eq!(scene.ring().len(), 1);
        scene.wait(900);
    }
    assert_eq!(scene.ring(), []);
    let why = why.to_owned();
    assert_eq!(scene.checks().end, Some(End::GivenUp { why }));
    let head = scene.world.journal.peek_head(&stream(RUN)).unwrap();
    assert_eq!((head.failures, head.quarantine), (0, None));
}

#[test]
fn a_call_that_intended_nothing_makes_no_update() {
    let scene = Scene::open();
    let world = &scene.world;
    let call = Invocation::new(&world.journal, world, world, "function:notifier", "dead");
    let intend = checks::Command::Intend {
        view: domain::ids::Digest::of(b"view"),
        call: "dead".to_owned(),
    };
    block_on(call.submit::<checks::Checks>(&scene.stream(), &intend)).unwrap();
    assert_eq!(scene.ring(), []);
    scene.wait(i64::from(domain::update::INTENT_SECONDS));
    // It may have come as far as GitHub before it died.
    assert_eq!(scene.ring(), [(ALL.map(str::to_owned).to_vec(), true)]);
}
