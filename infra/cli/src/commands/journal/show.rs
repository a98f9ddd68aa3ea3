//! Purpose: `slipway journal show STREAM`: what happened, commit by commit.

use domain::kernel::StreamId;
use engine::load::history;
use engine::ports::{Journal, Record, StoredEvent};
use serde_json::{Value, json};

use crate::args::Global;
use crate::failure::Failure;
use crate::output::style::{self, paint};
use crate::output::{self, table};

/// Characters of a digest that are shown.
const DIGEST: usize = 12;

/// Prints the stream's records; their chain is checked on the way.
pub async fn run(
    global: &Global,
    journal: &dyn Journal,
    stream: &StreamId,
    raw: bool,
) -> Result<u8, Failure> {
    let records = history(journal, stream).await?;
    if raw {
        for record in &records {
            output::json_line(record)?;
        }
        return Ok(0);
    }
    if global.json {
        for record in &records {
            output::json_line(&as_json(record))?;
        }
        return Ok(0);
    }
    if records.is_empty() {
        output::note(&format!("{stream} was accepted and has no commit yet."));
        return Ok(0);
    }
    let width = output::width();
    let mut text = String::new();
    for record in &records {
        let number = paint(style::STRONG, &format!("#{}", record.number));
        let at = paint(style::FAINT, &output::exact(record.at_ms));
        text.push_str(&format!(
            "{number}  {at}  {}\n",
            output::clean(&record.actor)
        ));
        for event in &record.events {
            text.push_str(&line_of(event, width));
        }
    }
    output::write(&text)?;
    Ok(0)
}

fn line_of(event: &StoredEvent, width: usize) -> String {
    let kind = output::clean(&event.kind);
    let mut facts = Vec::new();
    match serde_json::from_str::<Value>(&event.body) {
        Ok(body) => flatten("", &body, &mut facts),
        Err(error) => facts.push(format!("(unreadable: {error})")),
    }
    let facts = output::clean(&facts.join(" "));
    let room = width.saturating_sub(kind.chars().count() + 6);
    let facts = paint(style::FAINT, &table::cut(&facts, room));
    format!("    {}  {facts}\n", paint(style::BUSY, &kind))
}

/// `attempt.number=1 attempt.task=job/unit`: the leaves of a document, digests shortened.
fn flatten(path: &str, value: &Value, facts: &mut Vec<String>) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&below(key), value, facts);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&below(&index.to_string()), item, facts);
            }
        }
        Value::String(text) if is_digest(text) => {
            facts.push(format!("{path}={}", text.get(..DIGEST).unwrap_or(text)));
        }
        Value::String(text) if text.contains(char::is_whitespace) => {
            facts.push(format!("{path}={text:?}"));
        }
        Value::String(text) => facts.push(format!("{path}={text}")),
        other => facts.push(format!("{path}={other}")),
    }
}

fn is_digest(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A record with its events' bodies as JSON.
fn as_json(record: &Record) -> Value {
    let event = |event: &StoredEvent| {
        let body: Value =
            serde_json::from_str(&event.body).unwrap_or_else(|_| Value::String(event.body.clone()));
        json!({ "type": event.kind, "version": event.version, "body": body })
    };
    json!({
        "number": record.number,
        "id": record.id,
        "previous": record.previous,
        "hash": record.hash,
        "at_ms": record.at_ms,
        "actor": record.actor,
        "cause": record.cause,
        "events": record.events.iter().map(event).collect::<Vec<_>>(),
    })
}
