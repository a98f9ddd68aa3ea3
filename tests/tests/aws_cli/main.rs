//! `slipway --aws STACK` against a stack that an emulator of AWS has deployed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod approvals;
mod changes;
mod github;
mod letters;
mod logs;
mod reads;
mod refused;
mod world;
