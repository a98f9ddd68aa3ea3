//! Purpose: the journal, its heads and the inbox in two DynamoDB tables.
//!
//! One transaction a commit, conditional on where the stream ended when it was read. Everything that a decision is made of is
//! read strongly consistent and to its last page; the two indexes only say which heads to read. What each attribute means:
//! [`item`] for commits, [`head`] for heads, [`snapshot`] for snapshots, [`tables`] for keys and indexes.

mod append;
mod head;
mod heads;
mod inbox;
mod index;
mod item;
mod place;
mod read;
mod retry;
pub mod size;
mod snapshot;
pub mod tables;

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{
    Accepted, Appended, Blobs, Delivery, Head, HeadCursor, HeadUpdate, Inbox, Journal, Position,
    Record, Snapshot,
};
use jiff::Timestamp;

pub use tables::Tables;

/// A journal on DynamoDB. A clone uses the same connections.
#[derive(Clone)]
pub struct DynamoJournal {
    client: Client,
    tables: Tables,
    /// What does not fit into an item.
    blobs: Arc<dyn Blobs>,
}

impl DynamoJournal {
    /// The journal in these tables, with `blobs` for payloads above 64 KB.
    pub fn new(config: &SdkConfig, tables: Tables, blobs: Arc<dyn Blobs>) -> Self {
        Self {
            client: retry::client(config),
            tables,
            blobs,
        }
    }
}

#[async_trait]
impl Journal for DynamoJournal {
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault> {
        self.read_records(stream, after).await
    }

    async fn tail(&self, stream: &StreamId, limit: usize) -> Result<Vec<Record>, Fault> {
        self.last_records(stream, limit).await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault> {
        self.read_snapshot(stream).await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        self.append_record(stream, expected, record, head).await
    }

    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        self.one_head(stream).await
    }

    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        self.list_heads(prefix, cursor, limit).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Head>, Fault> {
        self.due_heads(now, limit).await
    }

    async fn reschedule(
        &self,
        stream: &StreamId,
        number: u64,
        due: Option<Timestamp>,
        failures: u32,
    ) -> Result<(), Fault> {
        self.move_due(stream, number, due, failures).await
    }

    async fn quarantine(&self, stream: &StreamId, reason: Option<&str>) -> Result<(), Fault> {
        self.set_quarantine(stream, reason).await
    }
}

#[async_trait]
impl Inbox for DynamoJournal {
    async fn accept(&self, delivery: &Delivery) -> Result<Accepted, Fault> {
        self.accept_delivery(delivery).await
    }

    async fn delivery(&self, guid: &str) -> Result<Option<Delivery>, Fault> {
        self.read_delivery(guid).await
    }
}
