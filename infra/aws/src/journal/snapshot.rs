//! Purpose: a snapshot as an item of the table `heads`, beside the head of its stream and in no index.
//!
//! `p` `snapshot/` and the stream, `n` number and `x` hash of the commit, `v` the fold that made the state, `s` the state as
//! JSON.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Folded, Record, Snapshot};

use super::DynamoJournal;
use super::item::{Item, number, number_of, text, text_of};
use crate::client::fault;

impl DynamoJournal {
    /// Puts the snapshot of this commit in the place of an older one: an update, so that whoever may move heads may do this.
    pub(super) fn snapshot_update(
        &self,
        stream: &StreamId,
        record: &Record,
        folded: &Folded,
    ) -> Result<Update, BuildError> {
        let values = kept(record, folded).map(|(name, value)| (format!(":{name}"), value));
        Update::builder()
            .table_name(&self.tables.heads)
            .key("p", key(stream))
            .update_expression("SET n = :n, x = :x, v = :v, s = :s")
            .set_expression_attribute_values(Some(Item::from(values)))
            .build()
    }

    /// One that cannot be read is none: the events are there.
    pub(super) async fn read_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.heads)
            .consistent_read(true)
            .key("p", key(stream))
            .send()
            .await
            .map_err(|error| fault("DynamoDB GetItem", &error))?;
        Ok(found.item.and_then(|stored| match read(&stored) {
            Ok(kept) => Some(kept),
            Err(why) => {
                tracing::error!(%stream, why, "a snapshot cannot be read");
                None
            }
        }))
    }
}

pub(super) fn key(stream: &StreamId) -> AttributeValue {
    AttributeValue::S(format!("snapshot/{stream}"))
}

/// What a snapshot holds beside its key.
pub(super) fn kept(record: &Record, folded: &Folded) -> [(&'static str, AttributeValue); 4] {
    [
        ("n", number(record.number)),
        ("x", text(record.hash.as_str())),
        ("v", number(folded.version)),
        ("s", text(&folded.state)),
    ]
}

fn read(stored: &Item) -> Result<Snapshot, String> {
    Ok(Snapshot {
        number: number_of(stored, "n")?,
        hash: Digest::new(text_of(stored, "x")?),
        folded: Folded {
            version: number_of(stored, "v")?,
            state: text_of(stored, "s")?,
        },
    })
}
