//! Ports on one machine: SQLite journal, process builder, local git, mail.

pub mod git;
pub mod process;
