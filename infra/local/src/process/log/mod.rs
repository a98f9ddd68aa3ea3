//! Purpose: the log of a build: one append-only file of JSON lines, with an index, read by line number while it grows.

mod read;
mod write;

pub use read::read;
pub use write::{Log, LogHandle, resume};

/// The log: one [`engine::ports::LogLine`] as JSON a line.
pub const LOG_FILE: &str = "log.jsonl";
/// Where lines begin in it: 8 bytes, little-endian, for the lines 1, 257, 513 …
const INDEX_FILE: &str = "log.idx";
/// Lines between two entries of the index.
const INDEX_EVERY: u64 = 256;
/// Bytes of an entry of the index.
const INDEX_ENTRY: u64 = 8;
/// How much text a log holds, bytes; what comes after it is not kept.
pub const LOG_LIMIT: u64 = 64 << 20;
/// How much of the output's end is kept as the console, bytes.
pub const CONSOLE_LIMIT: usize = 64 << 10;

#[cfg(test)]
mod tests;
