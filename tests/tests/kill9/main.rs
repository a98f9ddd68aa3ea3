//! `kill -9` at random moments of a machine at work, again and again: nothing that was acknowledged is lost, nothing is
//! deployed twice, every run ends.
//!
//! `SLIPWAY_KILLS=200 cargo test -p blackbox --test kill9 -- --nocapture` for the long one; `SLIPWAY_SEED=N` repeats the
//! choices of another run, though not the moments of the machine's own threads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod check;
mod world;

use std::time::{Duration, Instant};

use blackbox::Machine;
use world::World;

/// Kills where `SLIPWAY_KILLS` does not say.
const KILLS: u32 = 15;
/// Runs under way at most, so that the machine works on many things and still comes to an end.
const UNDER_WAY: usize = 8;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
    )
}

#[test]
fn whenever_it_is_killed_nothing_is_lost_and_nothing_happens_twice() {
    let kills = number("SLIPWAY_KILLS").map_or(KILLS, |kills| u32::try_from(kills).unwrap());
    let seed = number("SLIPWAY_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("SLIPWAY_SEED={seed} SLIPWAY_KILLS={kills}");
    let mut random = fastrand::Rng::with_seed(seed);
    let begun = Instant::now();
    let mut world = World::new();
    let first = Machine::start(&world.home);
    world.home.watched(world.repository);
    first.kill9();

    for kill in 0..kills {
        let mut machine = Machine::spawn(&world.home);
        // One in five dies while it starts and mends what the one before has left.
        if random.u32(0..5) == 0 {
            pause(&mut random, 0..250);
            machine.kill9();
            continue;
        }
        machine.wait_until_up();
        if world.under_way() < UNDER_WAY {
            world.push(&mut random);
        }
        // Most lives are short, some are long enough for a whole run.
        let life = if random.u32(0..3) == 0 { 2_500 } else { 700 };
        pause(&mut random, 0..life);
        world.decide();
        world.remember();
        pause(&mut random, 0..life);
        machine.kill9();
        if kill % 20 == 19 {
            world.verify();
            println!(
                "{} kills, {} pushes, {} s",
                kill + 1,
                world.pushed.len(),
                begun.elapsed().as_secs()
            );
        }
    }

    let machine = Machine::start(&world.home);
    world.until_quiet(Duration::from_secs(300 + u64::from(kills)));
    assert_eq!(machine.stop(), Some(0));
    let found = check::all(&world);
    println!("{kills} kills in {} s: {found}", begun.elapsed().as_secs());
}

fn pause(random: &mut fastrand::Rng, milliseconds: std::ops::Range<u64>) {
    std::thread::sleep(Duration::from_millis(random.u64(milliseconds)));
}
