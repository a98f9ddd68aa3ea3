//! Purpose: reading commits, strongly consistent and to the last page.

use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::Record;

use super::DynamoJournal;
use super::item::{self, Item, corrupt, number, text};
use super::place::fetch_all;
use crate::client::fault;

impl DynamoJournal {
    /// Commits above `after`. A page ends at 1 MB without saying so but for a key to go on from:
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>
    pub(super) async fn read_records(
        &self,
        stream: &StreamId,
        after: u64,
    ) -> Result<Vec<Record>, Fault> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.journal)
            .consistent_read(true)
            .key_condition_expression("p = :p AND n > :n")
            .expression_attribute_values(":p", text(stream.as_str()))
            .expression_attribute_values(":n", number(after))
            .into_paginator()
            .send();
        let mut records: Vec<Record> = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| fault("DynamoDB Query", &error))?;
            for stored in page.items() {
                let last = records.last().map_or(after, |last| last.number);
                records.push(self.record(stream, last + 1, stored).await?);
            }
        }
        Ok(records)
    }

    /// The last commits, at most `limit`, in order: asked for backwards, as many pages as it takes.
    pub(super) async fn last_records(
        &self,
        stream: &StreamId,
        limit: usize,
    ) -> Result<Vec<Record>, Fault> {
        let mut found: Vec<Item> = Vec::new();
        let mut from: Option<Item> = None;
        while found.len() < limit {
            let wanted = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let page = self
                .client
                .query()
                .table_name(&self.tables.journal)
                .consistent_read(true)
                .key_condition_expression("p = :p")
                .expression_attribute_values(":p", text(stream.as_str()))
                .scan_index_forward(false)
                .limit(wanted)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| fault("DynamoDB Query", &error))?;
            found.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        let mut records: Vec<Record> = Vec::new();
        for stored in found.iter().rev() {
            let expected = records.last().map_or(1, |last| last.number + 1);
            records.push(self.record(stream, expected, stored).await?);
        }
        Ok(records)
    }

    /// The commit in this item with its payloads; it is spoken of as commit `expected` when it cannot be read.
    async fn record(
        &self,
        stream: &StreamId,
        expected: u64,
        stored: &Item,
    ) -> Result<Record, Fault> {
        let (mut record, payloads) =
            item::record(stored).map_err(|why| corrupt(stream, expected, why))?;
        let bodies = fetch_all(payloads, self.blobs.as_ref()).await?;
        for (event, body) in record.events.iter_mut().zip(bodies) {
            event.body = body.map_err(|why| corrupt(stream, expected, why))?;
        }
        Ok(record)
    }

    /// The id of one commit, if it is there.
    pub(super) async fn commit_id(
        &self,
        stream: &StreamId,
        commit: u64,
    ) -> Result<Option<String>, Fault> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.journal)
            .consistent_read(true)
            .key("p", text(stream.as_str()))
            .key("n", number(commit))
            .projection_expression("c")
            .send()
            .await
            .map_err(|error| fault("DynamoDB GetItem", &error))?;
        let id = found.item.map(|stored| item::text_of(&stored, "c"));
        id.transpose().map_err(|why| corrupt(stream, commit, why))
    }
}
