//! Purpose: the pipeline file `.slipway.yaml`: its types, its reader, its schema, and the plan that it compiles to.
//!
//! Text becomes a plan in four steps, and each step goes on after a mistake, so that one look shows all of them:
//!
//! 1. `yaml` reads the text into a tree that knows the line and column of everything, within limits;
//! 2. `shape` holds the tree against the JSON Schema that `schema` generates from the types in `file`;
//! 3. `check` holds the parts of the file against each other: what needs what, what can be reached;
//! 4. `compile` makes the plan of a file without mistakes for one event, with the environments of the default branch.
//!
//! The schema that editors use is the very description that the reader follows, so the two cannot disagree.

pub mod calendar;
mod check;
mod compile;
mod deploy;
mod diagnostic;
mod duration;
mod environments;
pub mod file;
mod gate;
mod graph;
mod matrix;
mod node;
mod pattern;
mod read;
mod render;
mod schema;
mod select;
mod shape;
mod stages;
mod steps;
mod text;
mod yaml;

#[cfg(test)]
mod tests;

pub use compile::{
    Compiled, DefaultBranch, DefaultFile, Environments, Facts, ScheduleSpec, compile, schedules,
};
pub use diagnostic::Diagnostic;
pub use duration::Seconds;
pub use file::PipelineFile;
pub use matrix::{MAX_CELLS, MAX_JOBS};
pub use read::{lint, read};
pub use render::render;
pub use schema::{NOT_IN_SCHEMA, schema};
pub use select::{named, skip_good, with_needs};
pub use yaml::{MAX_ALIASES, MAX_BYTES, MAX_DEPTH, MAX_NODES};

/// The name of the file, at the top of a repository.
pub const FILE_NAME: &str = ".slipway.yaml";
