//! Purpose: how a stream stands, in a few words and their colour.

use anstyle::Style;
use engine::ports::Head;
use serde_json::Value;

use crate::output;
use crate::output::style;

/// Why nobody works on it, or else the word of its summary.
pub fn of(head: &Head) -> (String, Style) {
    if let Some(reason) = &head.quarantine {
        let reason = output::clean(reason);
        return (format!("quarantined: {reason}"), style::BAD);
    }
    if head.failures > 0 {
        let times = domain::words::counted(u64::from(head.failures), "time");
        return (format!("failed {times} in a row"), style::BAD);
    }
    match head.summary.get("status").and_then(Value::as_str) {
        Some(status) => (status.to_owned(), style::of_status(status)),
        None if head.ended => ("at rest".to_owned(), style::FAINT),
        None => ("active".to_owned(), style::BUSY),
    }
}
