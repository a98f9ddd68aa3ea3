//! Ports on one machine: SQLite journal, process builder, local git, mail.

pub mod blobs;
mod disk;
pub mod git;
pub mod journal;
pub mod keys;
pub mod mail;
pub mod process;
