//! Purpose: how many bytes the items of a commit have as DynamoDB counts them, for whoever counts what a pipeline costs.
//!
//! Rules: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Delivery, Folded, HeadUpdate, Record};

use super::append::{due, moved};
use super::inbox::of_delivery;
use super::item::{Item, number, of_record, text};
use super::place::{MAX_INLINE_BYTES, Payload, choose};
use super::snapshot::{kept, key};

/// What a list or a map takes beside its elements.
const CONTAINER_BYTES: usize = 3;
/// What each element of a list or a map takes beside itself.
const ELEMENT_BYTES: usize = 1;

/// Bytes of a commit in the table `journal`; payloads that lie in the blob store are not among them.
///
/// # Errors
/// `Malformed` when the commit is too large to be stored.
pub fn of_commit(stream: &StreamId, record: &Record) -> Result<usize, Fault> {
    let outside = choose(stream, record)?;
    let events = record.events.iter().zip(outside);
    let payloads: Vec<Payload> = events
        .map(|(event, outside)| payload(&event.body, outside))
        .collect();
    Ok(of_item(&of_record(stream, record, &payloads)))
}

/// Bytes of a head in the table `heads` after this commit; `delivery` is what the stream began as.
pub fn of_head(
    stream: &StreamId,
    record: &Record,
    update: &HeadUpdate,
    delivery: Option<&Delivery>,
) -> usize {
    let mut item = delivery.map_or_else(Item::new, |delivery| accepted(stream, delivery));
    item.remove("w");
    item.remove("d");
    let made = number(record.at_ms);
    for (name, value) in [("p", text(stream.as_str())), ("i", made)] {
        item.entry(name.to_owned()).or_insert(value);
    }
    for (name, value) in moved(stream, record, update) {
        item.insert(name.to_owned(), value);
    }
    for (name, value) in due(stream, update) {
        item.insert(name.to_owned(), value);
    }
    of_item(&item)
}

/// Bytes of a snapshot in the table `heads`.
pub fn of_snapshot(stream: &StreamId, record: &Record, folded: &Folded) -> usize {
    let mut item = Item::from([("p".to_owned(), key(stream))]);
    for (name, value) in kept(record, folded) {
        item.insert(name.to_owned(), value);
    }
    of_item(&item)
}

/// Bytes of the head that makes a delivery durable.
pub fn of_accepted(stream: &StreamId, delivery: &Delivery) -> usize {
    of_item(&accepted(stream, delivery))
}

fn accepted(stream: &StreamId, delivery: &Delivery) -> Item {
    let body = payload(&delivery.body, delivery.body.len() > MAX_INLINE_BYTES);
    of_delivery(stream, delivery, &body, &"0".repeat(32))
}

fn payload(body: &str, outside: bool) -> Payload {
    match outside {
        true => Payload::Blob {
            sha256: Digest::of(body.as_bytes()),
            bytes: body.len() as u64,
        },
        false => Payload::Inline(body.to_owned()),
    }
}

fn of_item(item: &Item) -> usize {
    let attributes = item
        .iter()
        .map(|(name, value)| name.len() + of_value(value));
    attributes.sum()
}

fn of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        // Two digits a byte, and one more; a sign is another.
        AttributeValue::N(digits) => {
            let significant = digits.trim_start_matches('-').len();
            significant.div_ceil(2) + 1 + usize::from(digits.starts_with('-'))
        }
        AttributeValue::L(elements) => {
            let elements = elements
                .iter()
                .map(|element| ELEMENT_BYTES + of_value(element));
            CONTAINER_BYTES + elements.sum::<usize>()
        }
        AttributeValue::M(elements) => {
            CONTAINER_BYTES + ELEMENT_BYTES * elements.len() + of_item(elements)
        }
        _ => 1,
    }
}

#[cfg(test)]
#[path = "size_tests.rs"]
mod tests;
