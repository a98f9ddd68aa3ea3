//! Purpose: what the table of performance is made of: payloads, pairs that are measured in turns, and roads that are counted.
//!
//! Times are processor time of one thread or of one process, the lowest decile of many samples, ours and the other in turns;
//! nothing fails because of one. Counts have no noise, and tests hold them.

pub mod cost;
pub mod counts;
pub mod measure;
pub mod payload;
pub mod rows;
pub mod table;

/// Why a row cannot be measured.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
