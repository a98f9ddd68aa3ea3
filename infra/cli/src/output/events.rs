//! Purpose: what happens on a stream, one JSON line for each event.

use domain::kernel::StreamId;
use engine::ports::Journal;
use serde_json::{Value, json};

use super::json_line;
use crate::failure::Failure;

/// Prints the events since the last look; tells the commit that the next one goes on after.
pub async fn since(journal: &dyn Journal, stream: &StreamId, after: u64) -> Result<u64, Failure> {
    let mut last = after;
    for record in journal.read(stream, after).await? {
        last = record.number;
        for event in &record.events {
            let body: Value = serde_json::from_str(&event.body).unwrap_or(Value::Null);
            json_line(&json!({
                "stream": stream, "commit": record.number, "at_ms": record.at_ms,
                "actor": record.actor, "event": event.kind, "body": body,
            }))?;
        }
    }
    Ok(last)
}
