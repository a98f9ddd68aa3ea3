//! Purpose: deployments go with the updates of check runs, and whatever becomes of them, check runs are shown.

use domain::checks::{self, End};
use engine::ports::NotShown;
use jiff::SignedDuration;

use super::shown::Scene;

const STAGING: &str = "a1b2c3d4e5f6/staging Success None";
const PRODUCTION: &str = "a1b2c3d4e5f6/production Pending None";
const CANCELLED: &str = "a1b2c3d4e5f6/production Inactive Some(\"23\")";

impl Scene {
    fn deployed(&self) -> Vec<(Vec<String>, bool)> {
        std::mem::take(&mut self.github.deployed.lock().unwrap())
    }

    /// The deployments from the one of this number on fail.
    fn undeploy(&self, good: usize, fault: NotShown) {
        *self.github.undeployed.lock().unwrap() = Some((good, fault));
    }

    fn mend(&self) {
        *self.github.undeployed.lock().unwrap() = None;
    }
}

fn told(words: &[&str], look_first: bool) -> Vec<(Vec<String>, bool)> {
    let words = words.iter().map(|word| (*word).to_owned());
    vec![(words.collect(), look_first)]
}

fn lost() -> NotShown {
    NotShown::Unknown("no answer".to_owned())
}

#[test]
fn deployments_are_told_of_once_and_then_only_what_changed() {
    let scene = Scene::open();
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed(), told(&[STAGING, PRODUCTION], false));
    scene.wait(60);
    assert_eq!((scene.ring(), scene.deployed()), (vec![], vec![]));
    scene.cancel();
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed(), told(&[CANCELLED], false));
    assert_eq!(scene.checks().end, Some(End::Final));
    scene.wait(60);
    assert_eq!((scene.ring(), scene.deployed()), (vec![], vec![]));
}

#[test]
fn a_lost_answer_about_deployments_repeats_no_check_run_and_looks_first() {
    let scene = Scene::open();
    // The first is shown, the second is not known of.
    scene.undeploy(1, lost());
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed().len(), 1);
    assert!(scene.checks().updates.may_create());
    // Not before its time.
    assert_eq!((scene.ring(), scene.deployed()), (vec![], vec![]));
    scene.wait(15);
    scene.mend();
    assert_eq!(scene.ring(), []);
    assert_eq!(scene.deployed(), told(&[PRODUCTION], true));
    assert!(scene.checks().may_create_deployments());
    assert_eq!(scene.checks().deployments.shown.len(), 2);
}

#[test]
fn the_end_of_a_run_is_shown_while_deployments_fail_and_they_follow() {
    let scene = Scene::open();
    scene.ring();
    scene.deployed();
    scene.cancel();
    let until = scene.now() + SignedDuration::from_secs(900);
    let why = "the rate limit is used up".to_owned();
    scene.undeploy(0, NotShown::Limited { why, until });
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed().len(), 1);
    // The check runs are as they will stay; one thing is left to tell.
    assert_eq!(scene.checks().end, None);
    let commits = scene.world.journal.commits();
    scene.wait(899);
    assert_eq!((scene.ring(), scene.deployed()), (vec![], vec![]));
    assert_eq!(scene.world.journal.commits(), commits);
    scene.wait(1);
    scene.mend();
    assert_eq!(scene.ring(), []);
    assert_eq!(scene.deployed(), told(&[CANCELLED], false));
    assert_eq!(scene.checks().end, Some(End::Final));
}

#[test]
fn a_refusal_of_deployments_is_given_up_with_its_reason_and_check_runs_go_on() {
    let scene = Scene::open();
    let why = "the App lacks the permission `deployments: write`";
    scene.undeploy(0, NotShown::Refused(why.to_owned()));
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed().len(), 1);
    assert_eq!(scene.checks().deployments.given_up.as_deref(), Some(why));
    // Nobody asks again, and the check runs are shown to the end.
    scene.wait(900);
    assert_eq!((scene.ring(), scene.deployed()), (vec![], vec![]));
    scene.cancel();
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed(), vec![]);
    assert_eq!(scene.checks().end, Some(End::Final));
}

#[test]
fn a_refusal_at_the_end_of_a_run_ends_it() {
    let scene = Scene::open();
    scene.cancel();
    scene.undeploy(1, NotShown::Refused("no".to_owned()));
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.checks().end, Some(End::Final));
    assert_eq!(scene.checks().deployments.shown.len(), 1);
}

#[test]
fn check_runs_that_are_not_shown_keep_deployments_back() {
    let scene = Scene::open();
    scene.fail(Some(lost()));
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed(), vec![]);
    scene.wait(5);
    scene.fail(None);
    scene.ring();
    // Nothing was said of them, so there is nothing to look for.
    assert_eq!(scene.deployed(), told(&[STAGING, PRODUCTION], false));
    assert_eq!(scene.checks().updates.failures, 0);
}

#[test]
fn after_a_call_that_died_deployments_are_looked_for_first() {
    let scene = Scene::open();
    let world = &scene.world;
    let call = engine::Invocation::new(&world.journal, world, world, "function:notifier", "dead");
    let intend = checks::Command::Intend {
        view: domain::ids::Digest::of(b"view"),
        call: "dead".to_owned(),
    };
    let stream = scene.stream();
    let submitted = call.submit::<checks::Checks>(&stream, &intend);
    testkit::yielding::block_on(submitted).unwrap();
    scene.wait(i64::from(domain::update::INTENT_SECONDS));
    assert_eq!(scene.ring().len(), 1);
    assert_eq!(scene.deployed(), told(&[STAGING, PRODUCTION], true));
}
