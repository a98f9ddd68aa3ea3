//! Purpose: making deliveries durable, once each, in one call.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Accepted, Delivery, Position};

use super::DynamoJournal;
use super::head::check_name;
use super::index::{due_shard, list_order, list_partition};
use super::item::{Item, corrupt, item, number, number_of, text, text_of};
use super::place::{Payload, keep};
use crate::client::fault;

impl DynamoJournal {
    /// One conditional put of the delivery's head, with the body in it unless it is large.
    pub(super) async fn accept_delivery(&self, delivery: &Delivery) -> Result<Accepted, Fault> {
        let stream = stream_of(&delivery.guid)?;
        check_name(&stream)?;
        let body = keep(&delivery.body, self.blobs.as_ref()).await?;
        // Tells our own put whose answer was lost from somebody else's.
        let attempt = uuid::Uuid::new_v4().simple().to_string();
        let answer = self
            .client
            .put_item()
            .table_name(&self.tables.heads)
            .set_item(Some(of_delivery(&stream, delivery, &body, &attempt)))
            .condition_expression("attribute_not_exists(p)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else {
            return Ok(Accepted::New);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(there)) => {
                let by = there.item().and_then(|there| text_of(there, "a").ok());
                Ok(match by.as_deref() == Some(attempt.as_str()) {
                    true => Accepted::New,
                    false => Accepted::Duplicate,
                })
            }
            _ => Err(fault("DynamoDB PutItem", &error)),
        }
    }

    pub(super) async fn read_delivery(&self, guid: &str) -> Result<Option<Delivery>, Fault> {
        let stream = stream_of(guid)?;
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.heads)
            .consistent_read(true)
            .key("p", text(stream.as_str()))
            .projection_expression("g, b, r, i")
            .send()
            .await
            .map_err(|error| fault("DynamoDB GetItem", &error))?;
        let Some(stored) = found.item else {
            return Ok(None);
        };
        let wrong = |why: String| corrupt(&stream, 0, format!("the delivery: {why}"));
        let body = Payload::of(&stored).map_err(wrong)?;
        let body = body.fetch(self.blobs.as_ref()).await?;
        Ok(Some(Delivery {
            guid: guid.to_owned(),
            event: text_of(&stored, "g").map_err(wrong)?,
            body: body.map_err(wrong)?,
            at_ms: number_of(&stored, "i").map_err(wrong)?,
        }))
    }
}

pub(super) fn of_delivery(
    stream: &StreamId,
    delivery: &Delivery,
    body: &Payload,
    attempt: &str,
) -> Item {
    let at = number(delivery.at_ms);
    item([
        ("p", text(stream.as_str())),
        ("n", number(0)),
        ("x", text(Position::after(&[]).hash().as_str())),
        ("z", AttributeValue::Bool(false)),
        ("w", AttributeValue::S(due_shard(stream))),
        ("d", at.clone()),
        ("l", AttributeValue::S(list_partition(stream))),
        ("o", AttributeValue::S(list_order(delivery.at_ms, stream))),
        ("i", at.clone()),
        ("u", at),
        ("g", text(&delivery.event)),
        ("a", text(attempt)),
        body.attribute(),
    ])
}

fn stream_of(guid: &str) -> Result<StreamId, Fault> {
    StreamId::parse(&format!("delivery/{guid}"))
        .ok_or_else(|| Fault::Malformed("a delivery needs a guid, and it is empty".to_owned()))
}
