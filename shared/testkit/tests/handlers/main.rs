//! Purpose: single calls of the real functions over in-memory ports, where a law is about one call and not about a road.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod findings;
mod queue;
mod runs;
mod turns;
mod why;
mod world;
