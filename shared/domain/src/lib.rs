//! The rules of Slipway as pure functions over data: machines, policies, the pipeline file.
//!
//! This crate knows no clock, no randomness, no environment and no I/O. Time comes in with the input.

pub mod ids;
pub mod kernel;
pub mod plan;
pub mod report;
