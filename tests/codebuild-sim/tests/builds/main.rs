//! Purpose: the CodeBuild adapter on the simulator, which really runs what was compiled, with the other services of AWS in
//! ministack.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod asking;
mod collecting;
mod ending;
mod events;
mod hostile;
mod patterns;
mod secrets;
mod shapes;
mod world;
