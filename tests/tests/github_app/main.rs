//! `slipway github setup` with a person and a browser in front of it, and `slipway doctor` afterwards, against a GitHub over
//! real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod doctor;
mod made;
mod page;
mod refused;
mod required;
mod world;
