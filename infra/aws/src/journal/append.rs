//! Purpose: adding one commit and moving its head, in one transaction.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::ports::{Appended, HeadUpdate, Position, Record, due_ms};
use engine::{Fault, chain};

use super::DynamoJournal;
use super::head::check_name;
use super::index::{due_shard, list_order, list_partition};
use super::item::{Item, number, of_record, text};
use super::place::{Payload, keep_events};
use super::retry::Cancelled;
use crate::client::fault;

const OPERATION: &str = "DynamoDB TransactWriteItems";
/// Bytes of a summary at most, far above what any machine writes: a head also holds a delivery's body.
const MAX_SUMMARY_BYTES: usize = 64 * 1024;

impl DynamoJournal {
    /// One transaction; the SDK repeats it with the same token while the answer is lost or "not now".
    pub(super) async fn append_record(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        chain::verify(stream, expected, std::slice::from_ref(record))
            .map_err(|fault| Fault::Malformed(format!("nothing was appended: {fault}")))?;
        check_name(stream)?;
        let update = self.head_update(stream, expected, record, head)?;
        let payloads = keep_events(stream, record, self.blobs.as_ref()).await?;
        let incomplete = |error: BuildError| Fault::Malformed(format!("{OPERATION}: {error}"));
        let put = self.put(stream, record, &payloads).map_err(incomplete)?;
        let mut transaction = self
            .client
            .transact_write_items()
            .client_request_token(self.token(record))
            .transact_items(TransactWriteItem::builder().put(put).build())
            .transact_items(TransactWriteItem::builder().update(update).build());
        if let Some(folded) = &head.snapshot {
            let kept = self.snapshot_update(stream, record, folded);
            let kept = kept.map_err(incomplete)?;
            transaction =
                transaction.transact_items(TransactWriteItem::builder().update(kept).build());
        }
        let answer = transaction.send().await;
        let Err(error) = answer else {
            return Ok(Appended::Done);
        };
        let Some(refused) = error.as_service_error() else {
            return Err(fault(OPERATION, &error));
        };
        match Cancelled::of(refused) {
            Some(Cancelled::Condition) => {
                let there = self.commit_id(stream, record.number).await?;
                Ok(settle(there.as_deref(), record).unwrap_or(Appended::Conflict))
            }
            Some(Cancelled::Passing) => Err(Fault::Unavailable(format!(
                "{OPERATION} met others at work on {stream} again and again"
            ))),
            Some(Cancelled::Refused(code)) => Err(Fault::Malformed(format!(
                "{OPERATION} refused {stream}: {code}"
            ))),
            None if is_other_request(refused) => {
                // The same record was offered before with another head; if that was stored, this one is done.
                let there = self.commit_id(stream, record.number).await?;
                settle(there.as_deref(), record).ok_or_else(|| {
                    Fault::Unavailable(format!(
                        "{OPERATION} has seen this commit of {stream} with another head, and does not have it"
                    ))
                })
            }
            None => Err(fault(OPERATION, &error)),
        }
    }

    /// What makes DynamoDB answer a repeated transaction without doing it twice, for ten minutes. The commit's hash covers its
    /// id and its stream; tables of one account share their tokens. 36 characters at most:
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
    fn token(&self, record: &Record) -> String {
        let whole = format!("{}\n{}", self.tables.journal, record.hash);
        let digest = Digest::of(whole.as_bytes());
        digest.as_str().chars().take(36).collect()
    }

    fn put(
        &self,
        stream: &StreamId,
        record: &Record,
        payloads: &[Payload],
    ) -> Result<Put, BuildError> {
        Put::builder()
            .table_name(&self.tables.journal)
            .set_item(Some(of_record(stream, record, payloads)))
            .condition_expression("attribute_not_exists(p)")
            .build()
    }

    /// The head moves if it stands where it was read; the first commit also makes it, or finds that of a delivery.
    fn head_update(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Update, Fault> {
        let moved = moved(stream, record, head);
        if let Some((_, AttributeValue::S(summary))) = moved.iter().find(|(name, _)| *name == "s")
            && summary.len() > MAX_SUMMARY_BYTES
        {
            return Err(Fault::Malformed(format!(
                "the summary of {stream} has {} bytes, and a head holds {MAX_SUMMARY_BYTES}: nothing was appended",
                summary.len()
            )));
        }
        let condition = match expected.number() {
            0 => "attribute_not_exists(p) OR (n = :n0 AND x = :x0)",
            _ => "n = :n0 AND x = :x0",
        };
        let due = due(stream, head);
        let index = match due.is_empty() {
            true => " REMOVE f, w, d",
            false => ", w = :w, d = :d REMOVE f",
        };
        let expression = format!(
            "SET n = :n, x = :x, z = :z, s = :s, u = :u, i = if_not_exists(i, :u), l = :l, \
             o = if_not_exists(o, :o){index}"
        );
        let read = [
            (":n0".to_owned(), number(expected.number())),
            (":x0".to_owned(), text(expected.hash().as_str())),
        ];
        let moved = moved.into_iter().chain(due);
        let moved = moved.map(|(name, value)| (format!(":{name}"), value));
        let values: Item = read.into_iter().chain(moved).collect();
        Update::builder()
            .table_name(&self.tables.heads)
            .key("p", text(stream.as_str()))
            .condition_expression(condition)
            .update_expression(expression)
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|error| Fault::Malformed(format!("{OPERATION}: {error}")))
    }
}

/// What a commit writes into its head beside its time in the due index; `l` and `o` only when it makes the head.
pub(super) fn moved(
    stream: &StreamId,
    record: &Record,
    head: &HeadUpdate,
) -> [(&'static str, AttributeValue); 7] {
    [
        ("n", number(record.number)),
        ("x", text(record.hash.as_str())),
        ("z", AttributeValue::Bool(head.ended)),
        ("s", AttributeValue::S(head.summary.to_string())),
        ("u", number(record.at_ms)),
        ("l", AttributeValue::S(list_partition(stream))),
        ("o", AttributeValue::S(list_order(record.at_ms, stream))),
    ]
}

/// The head's place in the due index; nothing when the sweep never looks.
pub(super) fn due(stream: &StreamId, head: &HeadUpdate) -> Vec<(&'static str, AttributeValue)> {
    head.due.map_or_else(Vec::new, |due| {
        vec![
            ("w", AttributeValue::S(due_shard(stream))),
            ("d", number(due_ms(due))),
        ]
    })
}

/// `None` when there is no commit of that number.
fn settle(there: Option<&str>, record: &Record) -> Option<Appended> {
    there.map(|id| match id == record.id {
        true => Appended::Done,
        false => Appended::Conflict,
    })
}

fn is_other_request(error: &TransactWriteItemsError) -> bool {
    error.is_idempotent_parameter_mismatch_exception()
}
