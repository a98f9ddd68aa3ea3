//! The machine in the shape in which users deploy it: the packaged template, the functions built with the profile `lambda`,
//! on an emulator of AWS, with builds that really run their buildspec; from a signed webhook to production through the
//! approval page, and what happens when something breaks on the way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod aws;
mod domain;
mod faults;
mod gate;
mod package;
mod shop;
mod stack;
mod world;

use world::World;

#[test]
fn a_push_goes_to_production_through_the_approval_page() {
    let Some(world) = World::new() else { return };
    let commit = world.push(12, false);
    world.approve(&commit);
    let run = world.until_run(&commit, "succeeded");
    world.assert_deployed_once(&commit);
    assert_eq!(run["tests"]["passed"], 1, "{run}");
}
