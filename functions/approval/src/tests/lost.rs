//! Purpose: what a person is told when something is lost on the way: never that nothing was decided when something was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::ids::BuildId;
use domain::run::{Attempt, Command};
use engine::Fault;
use engine::ports::{Doorbell, Doorbells, Function};
use testkit::faults::{Faults, Injected};
use testkit::memory::MemoryJournal;
use testkit::yielding::block_on;

use super::browser::{Visit, deps};
use super::world::{ANA, BOB, REPOSITORY, RUN, World, production};
use crate::{Deps, Refusal, decide_with_code};

struct NoDoorbells;

#[async_trait]
impl Doorbells for NoDoorbells {
    async fn ring(&self, _: Function, _: &Doorbell) -> Result<(), Fault> {
        Err(Fault::Unavailable("the queue did not answer".to_owned()))
    }
}

/// Loses the reply of every append once it is switched on: the append has happened.
#[derive(Default)]
struct LostReplies(AtomicBool);

impl Faults for LostReplies {
    fn at(&self, call: &'static str) -> Injected {
        if call == "journal.append" && self.0.load(Ordering::SeqCst) {
            Injected::LoseReply
        } else {
            Injected::None
        }
    }
}

fn approve(deps: &Deps<'_>, visit: &Visit<'_>) -> Result<crate::Decided, Refusal> {
    let (run, environment, suffix) = (RUN.into(), production(), visit.suffix());
    let ask = crate::Ask {
        repository: REPOSITORY,
        run: &run,
        environment: &environment,
        login: "ana",
        code: &visit.code,
        approve: true,
        reason: "",
        release_suffix: &suffix,
    };
    block_on(decide_with_code(deps, &ask, "cli"))
}

#[test]
fn a_decision_stands_although_nobody_heard_the_doorbell() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let deaf = Deps {
        doorbells: &NoDoorbells,
        ..deps(&world)
    };
    let decided = approve(&deaf, &ana).unwrap();
    assert!(decided.changed);
    assert_eq!(world.approval(RUN).decisions.len(), 1);
}

#[test]
fn a_lost_reply_of_the_journal_is_not_called_a_no() {
    let faults = Arc::new(LostReplies::default());
    let mut world = World::empty(str::to_owned);
    world.journal = MemoryJournal::new(faults.clone());
    world.bring_to_approval(RUN, "2");
    let ana = Visit::of(&world, ANA);
    faults.0.store(true, Ordering::SeqCst);
    let refusal = approve(&deps(&world), &ana).unwrap_err();
    faults.0.store(false, Ordering::SeqCst);
    assert!(matches!(refusal, Refusal::Unsure(_)), "{refusal:?}");
    assert_eq!(refusal.status().as_u16(), 503);
    assert!(
        refusal
            .to_string()
            .contains("it is not known whether your decision was recorded")
    );
    // Here it was.
    assert_eq!(world.approval(RUN).decisions.len(), 1);
}

#[test]
fn a_deploy_that_is_being_stopped_is_not_called_undone() {
    let world = World::plain();
    for person in [ANA, BOB] {
        let (visit, _) = Visit::of(&world, person).sign_in();
        assert_eq!(visit.decide("approve", "").status, 303);
    }
    let deploy = Attempt::parse("deploy/production~1").unwrap();
    let build = BuildId::from("b1");
    for command in [
        Command::GrantLane {
            environment: production(),
            fence: 2,
            previous: None,
        },
        Command::Authorise {
            environment: production(),
            approvers: vec![ANA, BOB],
        },
        Command::BuildStarted {
            attempt: deploy.clone(),
            build: build.clone(),
        },
        Command::Claim {
            attempt: deploy,
            build,
        },
        Command::Cancel {
            by: None,
            reason: "enough".to_owned(),
        },
    ] {
        world.submit(RUN, &command);
    }
    let page = Visit::of(&world, ANA).look().body;
    assert!(page.contains("the deploy is being ended"), "{page}");
    assert!(!page.contains("nothing was deployed"), "{page}");
}
