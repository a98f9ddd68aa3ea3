//! Purpose: where a payload is kept: in the item, or in the blob store with its digest in the item.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Blobs, Record};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::item::{map, text};

/// Bytes of a payload in an item at most.
pub const MAX_INLINE_BYTES: usize = 64 * 1024;
/// Bytes of an item by our own count at most; DynamoDB refuses above 400 KB, counted a little differently:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
pub(super) const MAX_ITEM_BYTES: usize = 400_000;
/// What an event takes beside its type and its payload, generously.
const EVENT_BYTES: usize = 40;
/// What a reference to a blob takes.
const REFERENCE_BYTES: usize = 100;
/// What a commit takes beside texts and events: two hashes, numbers, names.
const COMMIT_BYTES: usize = 250;
/// Blobs of one item on their way at once.
const AT_ONCE: usize = 8;

/// A payload as an item has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Inline(String),
    Blob { sha256: Digest, bytes: u64 },
}

impl Payload {
    /// The attribute's name beside it, and its value.
    pub(super) fn attribute(&self) -> (&'static str, AttributeValue) {
        match self {
            Self::Inline(body) => ("b", text(body)),
            Self::Blob { sha256, bytes } => {
                let reference = map([
                    ("sha256", text(sha256.as_str())),
                    ("len", AttributeValue::N(bytes.to_string())),
                ]);
                ("r", reference)
            }
        }
    }

    /// Reads what [`Self::attribute`] wrote.
    pub(super) fn of(item: &HashMap<String, AttributeValue>) -> Result<Self, String> {
        if let Some(AttributeValue::S(body)) = item.get("b") {
            return Ok(Self::Inline(body.clone()));
        }
        let Some(AttributeValue::M(reference)) = item.get("r") else {
            return Err("a payload is missing".to_owned());
        };
        match (reference.get("sha256"), reference.get("len")) {
            (Some(AttributeValue::S(sha256)), Some(AttributeValue::N(bytes))) => Ok(Self::Blob {
                sha256: Digest::new(sha256),
                bytes: bytes
                    .parse()
                    .map_err(|error| format!("the length \"{bytes}\": {error}"))?,
            }),
            _ => Err("a payload's digest or length is missing".to_owned()),
        }
    }

    /// The payload itself; the inner error is what is wrong with what is stored.
    pub(super) async fn fetch(self, blobs: &dyn Blobs) -> Result<Result<String, String>, Fault> {
        let (sha256, bytes) = match self {
            Self::Inline(body) => return Ok(Ok(body)),
            Self::Blob { sha256, bytes } => (sha256, bytes),
        };
        let found = match blobs.get(&sha256).await {
            Ok(found) => found,
            Err(fault) if fault.is_transient() => return Err(fault),
            Err(fault) => return Ok(Err(fault.to_string())),
        };
        Ok(match found {
            None => Err(format!("its payload {sha256} is not in the blob store")),
            Some(found) if found.len() as u64 != bytes => Err(format!(
                "its payload {sha256} has {} bytes and not {bytes}",
                found.len()
            )),
            Some(found) => String::from_utf8(found)
                .map_err(|error| format!("its payload {sha256} is no text: {error}")),
        })
    }
}

/// Puts a text where it belongs by its length alone.
pub(super) async fn keep(body: &str, blobs: &dyn Blobs) -> Result<Payload, Fault> {
    keep_one(body, body.len() > MAX_INLINE_BYTES, blobs).await
}

/// Puts the payloads of a commit where they belong: large ones into the blob store, and the largest of the rest while the item
/// would be too large.
///
/// # Errors
/// `Malformed` when the commit does not fit whatever is taken out.
pub(super) async fn keep_events(
    stream: &StreamId,
    record: &Record,
    blobs: &dyn Blobs,
) -> Result<Vec<Payload>, Fault> {
    let outside = choose(stream, record)?;
    let events = record.events.iter().zip(outside);
    let keeping: Vec<_> = events
        .map(|(event, outside)| keep_one(&event.body, outside, blobs))
        .collect();
    stream::iter(keeping).buffered(AT_ONCE).try_collect().await
}

async fn keep_one(body: &str, outside: bool, blobs: &dyn Blobs) -> Result<Payload, Fault> {
    match outside {
        true => to_blob(body, blobs).await,
        false => Ok(Payload::Inline(body.to_owned())),
    }
}

/// Fetches many payloads in their order.
pub(super) async fn fetch_all(
    payloads: Vec<Payload>,
    blobs: &dyn Blobs,
) -> Result<Vec<Result<String, String>>, Fault> {
    let fetching = payloads.into_iter().map(|payload| payload.fetch(blobs));
    stream::iter(fetching).buffered(AT_ONCE).try_collect().await
}

/// For each event, whether its payload goes into the blob store.
pub(super) fn choose(stream: &StreamId, record: &Record) -> Result<Vec<bool>, Fault> {
    let lengths: Vec<usize> = record.events.iter().map(|event| event.body.len()).collect();
    let mut outside: Vec<bool> = lengths
        .iter()
        .map(|length| *length > MAX_INLINE_BYTES)
        .collect();
    let texts = stream.as_str().len() + record.id.len() + record.actor.len() + record.cause.len();
    let kinds: usize = record
        .events
        .iter()
        .map(|event| event.kind.len() + EVENT_BYTES)
        .sum();
    let payloads = lengths
        .iter()
        .zip(&outside)
        .map(|(length, outside)| match outside {
            true => REFERENCE_BYTES,
            false => *length,
        });
    let mut bytes = COMMIT_BYTES + texts + kinds + payloads.sum::<usize>();
    let mut largest: Vec<usize> = (0..lengths.len())
        .filter(|index| !outside[*index] && lengths[*index] > REFERENCE_BYTES)
        .collect();
    largest.sort_by_key(|index| lengths[*index]);
    while bytes > MAX_ITEM_BYTES {
        let Some(index) = largest.pop() else {
            return Err(Fault::Malformed(format!(
                "commit {} of {stream} needs {bytes} bytes beside its payloads, and a commit holds {MAX_ITEM_BYTES}: nothing was \
                 appended",
                record.number
            )));
        };
        outside[index] = true;
        bytes -= lengths[index] - REFERENCE_BYTES;
    }
    Ok(outside)
}

async fn to_blob(body: &str, blobs: &dyn Blobs) -> Result<Payload, Fault> {
    Ok(Payload::Blob {
        sha256: blobs.put(body.as_bytes()).await?,
        bytes: body.len() as u64,
    })
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
