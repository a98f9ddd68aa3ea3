//! Purpose: reading and moving heads. The indexes say which heads; the heads themselves are read strongly consistent.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Head, HeadCursor, due_ms};
use futures::future::try_join_all;
use jiff::Timestamp;

use super::DynamoJournal;
use super::head::{self, ATTRIBUTES};
use super::index::{after, due_shard, due_shards, is_whole_kind, list_partitions};
use super::item::{Item, number, number_of, text, text_of};
use super::tables::{DUE, LIST};
use crate::client::fault;

/// Heads that one call may ask for:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const AT_ONCE: usize = 100;
/// Times that heads are asked for again which DynamoDB left out, with pauses that double from [`FIRST_PAUSE`].
const MAX_ROUNDS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// Items that a page of an index looks at, at least: a filter may drop most of them.
const MIN_PAGE: usize = 100;
const MAX_PAGE: usize = 1_000;

impl DynamoJournal {
    pub(super) async fn one_head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.heads)
            .consistent_read(true)
            .key("p", text(stream.as_str()))
            .projection_expression(ATTRIBUTES)
            .send()
            .await
            .map_err(|error| fault("DynamoDB GetItem", &error))?;
        found.item.as_ref().map(head::read).transpose()
    }

    pub(super) async fn list_heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let before = cursor.map_or_else(|| "g".to_owned(), after);
        let mut places = match list_partitions(prefix) {
            Some(partitions) => {
                let asked = partitions
                    .into_iter()
                    .map(|partition| self.list_partition(partition, prefix, &before, limit));
                try_join_all(asked).await?.concat()
            }
            None => self.scan_list(prefix, &before, limit).await?,
        };
        places.sort_unstable_by(|one, other| other.cmp(one));
        places.truncate(limit);
        let names: Vec<String> = places.into_iter().map(|(_, name)| name).collect();
        self.read_heads(&names).await
    }

    /// The newest of one partition of the list: order and name.
    async fn list_partition(
        &self,
        partition: String,
        prefix: &str,
        before: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, Fault> {
        let mut query = self
            .client
            .query()
            .table_name(&self.tables.heads)
            .index_name(LIST)
            .scan_index_forward(false)
            .key_condition_expression("l = :l AND o < :o")
            .expression_attribute_values(":l", AttributeValue::S(partition))
            .expression_attribute_values(":o", text(before));
        if !is_whole_kind(prefix) {
            query = query
                .filter_expression("begins_with(p, :prefix)")
                .expression_attribute_values(":prefix", text(prefix));
        }
        let mut pages = query.into_paginator().page_size(page_size(limit)).send();
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(page) = pages.next().await else {
                break;
            };
            let page = page.map_err(|error| fault("DynamoDB Query", &error))?;
            let places: Result<Vec<_>, Fault> = page.items().iter().map(place).collect();
            found.extend(places?);
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The newest of all, for a prefix that names no kind: people's questions only. It reads the whole index, of which an item
    /// has some hundred bytes.
    async fn scan_list(
        &self,
        prefix: &str,
        before: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, Fault> {
        let mut scan = self
            .client
            .scan()
            .table_name(&self.tables.heads)
            .index_name(LIST)
            .filter_expression("o < :o AND begins_with(p, :prefix)")
            .expression_attribute_values(":o", text(before))
            .expression_attribute_values(":prefix", text(prefix));
        if prefix.is_empty() {
            // An empty text is the beginning of nothing.
            scan = scan
                .filter_expression("o < :o")
                .set_expression_attribute_values(Some(HashMap::from([(
                    ":o".to_owned(),
                    text(before),
                )])));
        }
        let mut pages = scan.into_paginator().send();
        let mut newest = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| fault("DynamoDB Scan", &error))?;
            for stored in page.items() {
                newest.insert(place(stored)?);
                if newest.len() > limit {
                    newest.pop_first();
                }
            }
        }
        Ok(newest.into_iter().collect())
    }

    pub(super) async fn due_heads(&self, now: Timestamp, limit: usize) -> Result<Vec<Head>, Fault> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let now_ms = now.as_nanosecond().div_euclid(1_000_000);
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        let asked = due_shards().map(|shard| self.due_shard(shard, now_ms, limit));
        let mut places = try_join_all(asked).await?.concat();
        places.sort_unstable();
        let names: Vec<String> = places.into_iter().map(|(_, name)| name).collect();
        let is_due = |head: &Head| {
            head.quarantine.is_none() && head.due.is_some_and(|due| due_ms(due) <= now_ms)
        };
        let mut heads: Vec<Head> = Vec::new();
        // The index is some milliseconds behind: what is not due any more is left out, and the next take its place.
        for names in names.chunks(AT_ONCE.min(limit)) {
            if heads.len() >= limit {
                break;
            }
            heads.extend(self.read_heads(names).await?.into_iter().filter(is_due));
        }
        heads.sort_by(|one, other| (one.due, &one.stream).cmp(&(other.due, &other.stream)));
        heads.truncate(limit);
        Ok(heads)
    }

    /// The longest overdue of one shard: due time and name.
    async fn due_shard(
        &self,
        shard: String,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>, Fault> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.heads)
            .index_name(DUE)
            .key_condition_expression("w = :w AND d <= :d")
            .filter_expression("attribute_not_exists(q)")
            .expression_attribute_values(":w", AttributeValue::S(shard))
            .expression_attribute_values(":d", number(now_ms))
            .into_paginator()
            .page_size(page_size(limit))
            .send();
        let mut found: Vec<(i64, String)> = Vec::new();
        while found.len() < limit {
            let Some(page) = pages.next().await else {
                break;
            };
            let page = page.map_err(|error| fault("DynamoDB Query", &error))?;
            for stored in page.items() {
                let due = number_of(stored, "d").map_err(Fault::Malformed)?;
                found.push((due, text_of(stored, "p").map_err(Fault::Malformed)?));
            }
        }
        Ok(found)
    }

    /// The heads of these streams in their order; streams that have none are left out.
    async fn read_heads(&self, names: &[String]) -> Result<Vec<Head>, Fault> {
        let mut found: HashMap<String, Head> = HashMap::new();
        for names in names.chunks(AT_ONCE) {
            let mut keys: Vec<Item> = names
                .iter()
                .map(|name| Item::from([("p".to_owned(), text(name))]))
                .collect();
            let mut round = 0;
            while !keys.is_empty() {
                if round == MAX_ROUNDS {
                    return Err(Fault::Unavailable(format!(
                        "DynamoDB BatchGetItem left out {} heads in each of {MAX_ROUNDS} answers",
                        keys.len()
                    )));
                }
                if round > 0 {
                    tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(round - 1)).await;
                }
                round += 1;
                let (stored, left) = self.batch_get(keys).await?;
                keys = left;
                for item in &stored {
                    let head = head::read(item)?;
                    found.insert(head.stream.to_string(), head);
                }
            }
        }
        Ok(names.iter().filter_map(|name| found.remove(name)).collect())
    }

    /// One answer: the items, and the keys that it left out.
    async fn batch_get(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), Fault> {
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .projection_expression(ATTRIBUTES)
            .build()
            .map_err(|error| Fault::Malformed(format!("DynamoDB BatchGetItem: {error}")))?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.tables.heads, asked)
            .send()
            .await
            .map_err(|error| fault("DynamoDB BatchGetItem", &error))?;
        let stored = answer.responses.unwrap_or_default().into_values();
        let left = answer.unprocessed_keys.unwrap_or_default().into_values();
        Ok((
            stored.flatten().collect(),
            left.flat_map(|left| left.keys).collect(),
        ))
    }

    pub(super) async fn move_due(
        &self,
        stream: &StreamId,
        at: u64,
        due: Option<Timestamp>,
        failures: u32,
    ) -> Result<(), Fault> {
        let (expression, values) = match due {
            None => ("SET f = :f REMOVE w, d", vec![]),
            Some(due) => (
                "SET f = :f, w = :w, d = :d",
                vec![
                    (":w", AttributeValue::S(due_shard(stream))),
                    (":d", number(due_ms(due))),
                ],
            ),
        };
        let values = values
            .into_iter()
            .chain([(":n", number(at)), (":f", number(failures))]);
        self.update(stream, "n = :n", expression, values).await
    }

    pub(super) async fn set_quarantine(
        &self,
        stream: &StreamId,
        reason: Option<&str>,
    ) -> Result<(), Fault> {
        match reason {
            Some(reason) => {
                let values = [(":q", text(reason))];
                self.update(stream, "attribute_exists(p)", "SET q = :q REMOVE w", values)
                    .await
            }
            None => {
                let values = [
                    (":w", AttributeValue::S(due_shard(stream))),
                    (":d", number(0)),
                ];
                let expression = "SET w = :w, d = :d REMOVE q, f";
                self.update(stream, "attribute_exists(p)", expression, values)
                    .await
            }
        }
    }

    /// Changes one head if the condition holds; else nothing.
    async fn update(
        &self,
        stream: &StreamId,
        condition: &str,
        expression: &str,
        values: impl IntoIterator<Item = (&str, AttributeValue)>,
    ) -> Result<(), Fault> {
        let values = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        let answer = self
            .client
            .update_item()
            .table_name(&self.tables.heads)
            .key("p", text(stream.as_str()))
            .condition_expression(condition)
            .update_expression(expression)
            .set_expression_attribute_values(Some(values.collect()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(fault("DynamoDB UpdateItem", &error)),
        }
    }
}

fn page_size(limit: usize) -> i32 {
    i32::try_from(limit.clamp(MIN_PAGE, MAX_PAGE)).unwrap_or(i32::MAX)
}

/// Order and name of an item of the list index.
fn place(stored: &Item) -> Result<(String, String), Fault> {
    let order = text_of(stored, "o").map_err(Fault::Malformed)?;
    Ok((order, text_of(stored, "p").map_err(Fault::Malformed)?))
}
