//! Purpose: making deliveries durable, once each.

use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Accepted, Delivery, Position};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::failure::Failure;

/// The head and the body in one transaction; nothing when the head is there.
pub(super) fn accept(
    connection: &mut Connection,
    delivery: &Delivery,
) -> Result<Accepted, Failure> {
    let stream = StreamId::parse(&format!("delivery/{}", delivery.guid))
        .ok_or_else(|| Fault::Malformed("a delivery needs a guid, and it is empty".to_owned()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let made = transaction
        .prepare_cached(
            "INSERT INTO heads (p, n, x, ended, due_ms, summary, created_ms, updated_ms)
             VALUES (?1, 0, ?2, 0, ?3, 'null', ?3, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            stream.as_str(),
            Position::after(&[]).hash().as_str(),
            delivery.at_ms
        ])?;
    if made == 0 {
        return Ok(Accepted::Duplicate);
    }
    transaction
        .prepare_cached(
            "INSERT INTO deliveries (guid, event, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            delivery.guid,
            delivery.event,
            delivery.at_ms,
            delivery.body
        ])?;
    transaction.commit()?;
    Ok(Accepted::New)
}

/// The delivery, as it was accepted.
pub(super) fn delivery(connection: &Connection, guid: &str) -> Result<Option<Delivery>, Failure> {
    let found = connection
        .prepare_cached("SELECT guid, event, body, at_ms FROM deliveries WHERE guid = ?1")?
        .query_row([guid], |row| {
            Ok(Delivery {
                guid: row.get(0)?,
                event: row.get(1)?,
                body: row.get(2)?,
                at_ms: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}
