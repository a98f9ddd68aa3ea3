//! Ports on one machine: SQLite journal, process builder, local git, mail.

pub mod app;
pub mod blobs;
pub mod disk;
pub mod git;
pub mod journal;
pub mod keys;
pub mod machine_file;
pub mod mail;
pub mod people;
pub mod process;
pub mod registry;
