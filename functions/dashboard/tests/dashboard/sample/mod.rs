//! Purpose: a small machine in memory with a run of every kind, for tests and for looking at the pages.

pub mod plan;
pub mod shelf;
pub mod stories;
pub mod story;
pub mod world;
