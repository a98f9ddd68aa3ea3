//! Purpose: a commit as an item of the table `journal`.
//!
//! `p` stream, `n` number, `c` commit id, `h` and `x` the previous and its own hash, `t` recorded ms, `a` actor, `k` cause,
//! `e` the events in order: `y` type, `v` version, and `b` the payload or `r` where it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Record, StoredEvent};

use super::place::Payload;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: impl ToString + Copy) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    let named = attributes.map(|(name, value)| (name.to_owned(), value));
    HashMap::from(named)
}

pub(super) fn map<const N: usize>(attributes: [(&str, AttributeValue); N]) -> AttributeValue {
    AttributeValue::M(item(attributes))
}

/// A commit with its payloads in place.
pub(super) fn of_record(stream: &StreamId, record: &Record, payloads: &[Payload]) -> Item {
    let events = record.events.iter().zip(payloads).map(|(event, payload)| {
        map([
            ("y", text(&event.kind)),
            ("v", number(event.version)),
            payload.attribute(),
        ])
    });
    item([
        ("p", text(stream.as_str())),
        ("n", number(record.number)),
        ("c", text(&record.id)),
        ("h", text(record.previous.as_str())),
        ("x", text(record.hash.as_str())),
        ("t", number(record.at_ms)),
        ("a", text(&record.actor)),
        ("k", text(&record.cause)),
        ("e", AttributeValue::L(events.collect())),
    ])
}

/// A commit as it was stored, and where each of its payloads is; the record's own are empty until they are filled in.
pub(super) fn record(stored: &Item) -> Result<(Record, Vec<Payload>), String> {
    let events = stored.get("e").and_then(|value| value.as_l().ok());
    let events = events.ok_or("its events are missing")?;
    let events: Result<Vec<(StoredEvent, Payload)>, String> = events.iter().map(event).collect();
    let (events, payloads) = events?.into_iter().unzip();
    let record = Record {
        number: number_of(stored, "n")?,
        id: text_of(stored, "c")?,
        previous: Digest::new(text_of(stored, "h")?),
        hash: Digest::new(text_of(stored, "x")?),
        at_ms: number_of(stored, "t")?,
        actor: text_of(stored, "a")?,
        cause: text_of(stored, "k")?,
        events,
    };
    Ok((record, payloads))
}

fn event(stored: &AttributeValue) -> Result<(StoredEvent, Payload), String> {
    let stored = stored.as_m().map_err(|_| "an event is no map")?;
    let event = StoredEvent {
        kind: text_of(stored, "y")?,
        version: number_of(stored, "v")?,
        body: String::new(),
    };
    Ok((event, Payload::of(stored)?))
}

/// A text that has to be there.
pub(super) fn text_of(stored: &Item, name: &str) -> Result<String, String> {
    let found = stored.get(name).and_then(|value| value.as_s().ok());
    found
        .cloned()
        .ok_or_else(|| format!("its attribute `{name}` is missing or no text"))
}

/// A number that has to be there.
pub(super) fn number_of<N: std::str::FromStr>(stored: &Item, name: &str) -> Result<N, String> {
    let found = stored.get(name).and_then(|value| value.as_n().ok());
    found
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("its attribute `{name}` is missing or no such number"))
}

/// A number that may be missing.
pub(super) fn number_if<N: std::str::FromStr>(
    stored: &Item,
    name: &str,
) -> Result<Option<N>, String> {
    match stored.contains_key(name) {
        true => number_of(stored, name).map(Some),
        false => Ok(None),
    }
}

/// A stored commit that is not what was written.
pub(super) fn corrupt(stream: &StreamId, commit: u64, why: String) -> Fault {
    Fault::Corrupt {
        stream: stream.clone(),
        commit,
        why,
    }
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
