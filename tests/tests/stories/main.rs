//! What people and GitHub do, told from the webhook to what GitHub shows in the end: every function of the machine, the real
//! client, and a GitHub over real HTTP that holds each exchange to its own description. Time passes when a story says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod approvals;
mod faults;
mod forks;
mod ports;
mod pulls;
mod repositories;
mod world;
