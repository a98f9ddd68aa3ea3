//! Purpose: what `slipway why` says of a run that nobody works on any more, and until when a run waits at most.

use domain::kernel::StreamId;
use engine::ports::Journal as _;
use engine::views::{Why, why};
use jiff::SignedDuration;
use testkit::yielding::block_on;

use super::runs::push;
use super::world::{World, stream};

fn ask(world: &World, run: &str) -> Why {
    let at = *world.now.lock().unwrap();
    let told = block_on(why(&world.journal, world, &stream(run), at));
    told.unwrap().unwrap()
}

#[test]
fn a_quarantine_is_what_is_said_first() {
    let world = World::default();
    world.request("r1", push("r1"));
    assert_eq!(
        ask(&world, "r1").sentence,
        "lint waits for its build to begin since 12:00 UTC."
    );
    block_on(
        world
            .journal
            .quarantine(&stream("r1"), Some("it failed ten times")),
    )
    .unwrap();
    let told = ask(&world, "r1");
    assert_eq!(
        told.sentence,
        "Nobody works on the run any more: it failed ten times. Once that is repaired, `slipway journal release run/7/r1` puts \
         it back to work."
    );
    assert_eq!(told.waits.len(), 2, "and what it was at");
}

#[test]
fn the_quarantine_of_what_it_waits_for_is_said_too() {
    let world = World::default();
    for run in ["r1", "r2"] {
        world.open(run, push(run));
        world.schedule(&[stream(run)]);
    }
    let pool = StreamId::pool(domain::pool::JOBS);
    block_on(world.journal.quarantine(&pool, Some("it is torn"))).unwrap();
    let told = ask(&world, "r2").sentence;
    assert!(
        told.starts_with("Nobody works on the pool of jobs any more: it is torn."),
        "{told}"
    );
}

#[test]
fn a_wait_for_a_place_ends_with_the_life_of_the_run() {
    let world = World::default();
    for run in ["r1", "r2"] {
        world.open(run, push(run));
        world.schedule(&[stream(run)]);
    }
    let told = ask(&world, "r2");
    let opened = world.run("r2").opened_at.unwrap();
    let end = opened + SignedDuration::from_hours(30 * 24);
    let until: Vec<_> = told.waits.iter().map(|wait| wait.until_ms).collect();
    assert_eq!(until, [Some(end.as_millisecond())]);
    assert!(
        told.sentence
            .contains("until 2026-04-01 12:00 UTC at the latest"),
        "{}",
        told.sentence
    );
}
