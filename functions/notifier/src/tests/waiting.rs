//! Purpose: what check runs say of waits: places in lines and who may decide, read from where they are kept.

use domain::ids::{RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::pool::{self, Pool, Ticket};
use domain::run::{Attempt, Command, Opening};
use engine::Invocation;
use testkit::yielding::block_on;

use super::shown::Scene;
use super::world::{REPOSITORY, RUN};

/// A run whose job wants a place in the pool, and of which GitHub is to be told.
const OTHER: &str = "b1b2c3d4e5f6";

fn take(scene: &Scene, capacity: usize, tickets: Vec<Ticket>) {
    let world = &scene.world;
    let call = Invocation::new(&world.journal, world, world, "function:setup", "pool");
    let take = pool::Command::Take { capacity, tickets };
    block_on(call.submit::<Pool>(&StreamId::pool("jobs"), &take)).unwrap();
}

fn ticket(repository: u64, run: &str) -> Ticket {
    Ticket {
        repository: RepositoryId(repository),
        run: RunId::from(run),
        attempt: Attempt::parse("job/unit~1").unwrap(),
    }
}

fn waiting() -> Scene {
    let scene = Scene::of(OTHER, |world| {
        let opening: Opening = *world.run(RUN).opening.unwrap();
        let opening = Opening {
            run: OTHER.into(),
            ..opening
        };
        world.submit(OTHER, &Command::Open(Box::new(opening)));
        world.submit(OTHER, &Command::TakeTurn);
    });
    take(
        &scene,
        1,
        vec![
            ticket(1, "r1"),
            ticket(2, "r2"),
            ticket(REPOSITORY.0, OTHER),
        ],
    );
    scene
}

#[test]
fn a_job_that_waits_tells_its_place_and_moves_up() {
    let scene = waiting();
    assert_eq!(scene.ring().len(), 1);
    let title = "Waits for a place, 2nd in line";
    assert_eq!(scene.title("slipway / unit"), title);
    // Nobody moved.
    scene.wait(60);
    assert_eq!(scene.ring(), []);
    let world = &scene.world;
    let call = Invocation::new(&world.journal, world, world, "function:setup", "back");
    let back = pool::Command::Return {
        tickets: vec![ticket(1, "r1")],
    };
    block_on(call.submit::<Pool>(&StreamId::pool("jobs"), &back)).unwrap();
    assert_eq!(scene.ring().len(), 1);
    let title = "Waits for a place, 1st in line";
    assert_eq!(scene.title("slipway / unit"), title);
}

#[test]
fn places_are_told_no_more_often_than_other_progress() {
    let scene = waiting();
    scene.ring();
    take(&scene, 3, vec![]);
    assert_eq!(scene.ring(), []);
}

#[test]
fn an_approval_names_those_who_may_decide() {
    let scene = Scene::open();
    scene.ring();
    let summary = scene.summary("slipway / → production");
    // Carl pushed and Dora wrote.
    assert!(summary.contains("Who may decide: ana, bob\n"), "{summary}");
}
