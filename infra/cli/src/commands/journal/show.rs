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
    let facts = match serde_json::from_str::<Value>(&event.body) {
        Ok(body) => facts_of(&body),
        Err(error) => format!("(unreadable: {error})"),
    };
    let room = width.saturating_sub(kind.chars().count() + 6);
    let facts = table::cut(&output::clean(&facts), room);
    let line = format!(
        "    {}  {}",
        paint(style::BUSY, &kind),
        paint(style::FAINT, &facts)
    );
    format!("{}\n", line.trim_end())
}

/// `attempt=job/unit~1 end.verdict=succeeded end.cpu_ms=12`: the leaves of an event, words before numbers.
fn facts_of(body: &Value) -> String {
    let mut facts = Vec::new();
    flatten("", body, &mut facts);
    // When it happened stands above it already.
    facts.retain(|fact| fact.path != "at");
    facts.sort_by_key(|fact| fact.is_number);
    let facts: Vec<String> = facts
        .iter()
        .map(|fact| format!("{}={}", fact.path, fact.text))
        .collect();
    facts.join(" ")
}

/// A leaf of a document.
struct Fact {
    path: String,
    text: String,
    is_number: bool,
}

/// The leaves of a document with their paths; digests are shortened, attempts are written as everywhere else.
fn flatten(path: &str, value: &Value, facts: &mut Vec<Fact>) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    let text = match value {
        Value::Null => return,
        Value::Object(fields) => match attempt(fields) {
            Some(attempt) => attempt,
            None => {
                for (key, value) in fields {
                    flatten(&below(key), value, facts);
                }
                return;
            }
        },
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&below(&index.to_string()), item, facts);
            }
            return;
        }
        Value::String(text) if is_digest(text) => text.get(..DIGEST).unwrap_or(text).to_owned(),
        Value::String(text) if text.contains(char::is_whitespace) => format!("{text:?}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    facts.push(Fact {
        path: path.to_owned(),
        text,
        is_number: value.is_number(),
    });
}

fn attempt(fields: &serde_json::Map<String, Value>) -> Option<String> {
    let (task, number) = (
        fields.get("task")?.as_str()?,
        fields.get("number")?.as_u64()?,
    );
    (fields.len() == 2).then(|| format!("{task}~{number}"))
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
