//! Purpose: the process builder, which runs the commands of a build as processes of this machine.
//!
//! It carries out a build like CodeBuild does: it lays out a clean checkout, claims the build before any code of the
//! repository runs, runs the commands in a process group of their own, keeps the log, and collects what was made. A build
//! counts as ended only when nothing of it runs any more. What it knows lies in one folder for each build:
//!
//! ```text
//! <dir>/<repository>-<run>-<task>-<attempt>.<n>/
//!   request.json   what was asked for, without the claim's secret; its folder is durable before `start` answers
//!   process.json   the process group, once it runs
//!   log.jsonl      the output, redacted, and log.idx, where its lines begin
//!   end.json       how it ended; durable before anybody is told
//!   work/          checkout, artifacts, home and temporary folder; removed at the end
//! ```
//!
//! It needs a Unix; what it can do about processes that leave their group is told in [`processes`]. It does not isolate a
//! build from this machine: a build can do what the user that runs Slipway can do.

mod build;
mod builder;
mod cache;
mod claim;
mod collect;
mod environment;
mod files;
mod inputs;
mod log;
pub mod processes;
mod records;
mod recover;
mod redact;
mod run;
mod settings;
mod text;

pub use builder::ProcessBuilder;
pub use claim::{Claim, ClaimAnswer, ClaimGate};
pub use collect::NOT_COLLECTED;
pub use environment::HostEnvironment;
pub use log::{CONSOLE_LIMIT, LOG_LIMIT};
pub use recover::Recovered;
pub use redact::{MASK, MAX_SECRET, MIN_SECRET, Redactor};
pub use settings::{Ended, OnChange, Secrets, Settings};
pub use text::LINE_LIMIT;

#[cfg(test)]
mod tests;
