//! Purpose: the simulator. Seeds make scenarios; the real worker and the real handlers carry them out over in-memory ports
//! that fail; after every step the laws are checked against what the world itself saw.
//!
//! A seed runs in two phases. In the first, calls fail before or after they took effect, tasks and whole processes die at
//! any await, messages are lost, doubled, late and out of order, clocks jump, builds die or leave zombies, people are
//! removed and do what they may not. Then all of that stops, and everything has to come to rest.

mod agenda;
mod check;
pub mod crash;
mod driver;
pub mod executor;
mod faults;
mod fork;
mod host;
pub mod ledger;
pub mod mutants;
mod people;
mod post;
mod recipe;
mod repair;
mod report;
mod requests;
pub mod road;
mod said;
mod scenario;
mod world;

pub use driver::{Options, run_seed};
pub use report::{Outcome, Stats, Violation};
