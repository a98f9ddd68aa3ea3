//! Purpose: how turns of different functions on one stream get along: failures, and the time of the next look.

use async_trait::async_trait;
use domain::kernel::Machine;
use domain::kernel::StreamId;
use domain::run::{Command, Effect, Event, Run};
use engine::invocation::{LOOK_AGAIN_SECONDS, due_after};
use engine::ports::Function;
use engine::turn::MAX_FAILURES;
use engine::{Fault, Perform, turn};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use testkit::yielding::block_on;

use super::runs::push;
use super::world::{World, stream};

/// Answers every effect in the same way.
struct Always(Option<Fault>);

#[async_trait]
impl Perform<Run> for Always {
    async fn perform(&self, _: &StreamId, _: &Run, _: &Effect) -> Result<Vec<Command>, Fault> {
        self.0.clone().map_or(Ok(Vec::new()), Err)
    }
}

fn clean() -> Always {
    Always(None)
}

fn never() -> Always {
    Always(Some(Fault::Malformed("it makes no sense".to_owned())))
}

fn not_now() -> Always {
    Always(Some(Fault::Unavailable("it did not answer".to_owned())))
}

/// A run whose build the builder owes.
fn world() -> (World, StreamId) {
    let world = World::default();
    world.request("r1", push("r1"));
    (world, stream("r1"))
}

fn take_turn(world: &World, function: Function, performer: &Always) -> Result<Run, Fault> {
    let call = world.call(function.name());
    block_on(turn::<Run>(&call, function, performer, &stream("r1")))
}

#[test]
fn an_effect_that_never_works_is_given_up_although_every_sweep_is_clean() {
    let (world, run) = world();
    let mut tries = 0;
    while world.head(&run).quarantine.is_none() && tries < 3 * MAX_FAILURES {
        *world.now.lock().unwrap() = world.head(&run).due.unwrap();
        take_turn(&world, Function::Scheduler, &clean()).unwrap();
        take_turn(&world, Function::Builder, &never()).unwrap_err();
        tries += 1;
    }
    assert_eq!(tries, MAX_FAILURES);
    let reason = world.head(&run).quarantine.unwrap();
    assert!(reason.contains("it makes no sense"), "{reason}");
}

#[test]
fn a_clean_sweep_does_not_bring_the_next_try_forward() {
    let (world, run) = world();
    for _ in 0..8 {
        take_turn(&world, Function::Builder, &not_now()).unwrap_err();
    }
    let before = world.head(&run);
    take_turn(&world, Function::Scheduler, &clean()).unwrap();
    let after = world.head(&run);
    assert_eq!(after.failures, 8);
    assert_eq!(after.due, before.due);
}

#[test]
fn failures_are_over_when_the_one_who_failed_has_done_its_part() {
    let (world, run) = world();
    take_turn(&world, Function::Builder, &not_now()).unwrap_err();
    assert_eq!(world.head(&run).failures, 1);
    take_turn(&world, Function::Deployer, &clean()).unwrap();
    assert_eq!(world.head(&run).failures, 1, "the deployer owes nothing");
    take_turn(&world, Function::Builder, &clean()).unwrap();
    assert_eq!(world.head(&run).failures, 0);
}

fn seconds_after(at: Timestamp, seconds: i64) -> Option<Timestamp> {
    at.checked_add(SignedDuration::from_secs(seconds)).ok()
}

#[test]
fn a_thaw_that_has_passed_makes_nobody_look_at_once() {
    let until: Timestamp = "2026-03-02T11:00:00Z".parse().unwrap();
    let mut opening = push("r1");
    let step = json!({"run": ["true"], "timeout_seconds": 60});
    opening["plan"]["jobs"] = json!([]);
    opening["plan"]["stages"] = json!([{"environment": "production", "deploy": step}]);
    let events: Vec<Event> = serde_json::from_value(json!([
        {"RunOpened": {"opening": opening, "at": "2026-03-02T10:00:00Z"}},
        {"TurnTaken": {}},
        {"ReleaseSealed": {"release": "f".repeat(64)}},
        {"StageReached": {"environment": "production"}},
        {"LaneWanted": {"environment": "production"}},
        {"StageFrozen": {"environment": "production", "until": until}},
    ]))
    .unwrap();
    let run = Run::replay(&events);
    // Before the thaw it is what is waited for; from then on the lane is, which is looked at now and then.
    let before = "2026-03-02T10:30:00Z".parse().unwrap();
    assert_eq!(due_after(&run, before), Some(until));
    for at in [until, "2026-03-02T12:00:00Z".parse().unwrap()] {
        assert_eq!(due_after(&run, at), seconds_after(at, LOOK_AGAIN_SECONDS));
    }
}
