//! The rules of Slipway as pure functions over data: machines, policies, the pipeline file.
//!
//! This crate knows no clock, no randomness, no environment and no I/O. Time comes in with the input.

pub mod buildspec;
pub mod change;
pub mod checks;
pub mod delivery;
pub mod guard;
pub mod ids;
pub mod kernel;
pub mod lane;
pub mod pipeline;
pub mod plan;
pub mod pool;
pub mod pull;
pub mod release;
pub mod report;
pub mod repository;
pub mod run;
pub mod update;
pub mod wish;
pub mod words;
