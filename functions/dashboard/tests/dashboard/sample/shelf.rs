//! Purpose: a journal on a shelf: what is written is kept in order, and whoever only reads cannot change it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{Appended, Head, HeadCursor, HeadUpdate, Journal, Position, Record, Snapshot};
use jiff::Timestamp;

/// A journal in memory.
#[derive(Default)]
pub struct Shelf {
    streams: Mutex<BTreeMap<StreamId, (Head, Vec<Record>)>>,
    /// Whether every read fails.
    pub broken: Mutex<bool>,
}

impl Shelf {
    /// How many commits there are, in all streams.
    pub fn commits(&self) -> usize {
        let streams = self.streams.lock().unwrap();
        streams.values().map(|(_, records)| records.len()).sum()
    }

    fn check(&self) -> Result<(), Fault> {
        if *self.broken.lock().unwrap() {
            return Err(Fault::Unavailable("the shelf fell down".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl Journal for Shelf {
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault> {
        self.check()?;
        let streams = self.streams.lock().unwrap();
        let records = streams.get(stream).map_or(&[][..], |(_, records)| records);
        Ok(records
            .iter()
            .filter(|r| r.number > after)
            .cloned()
            .collect())
    }

    async fn tail(&self, stream: &StreamId, limit: usize) -> Result<Vec<Record>, Fault> {
        let mut records = self.read(stream, 0).await?;
        Ok(records.split_off(records.len().saturating_sub(limit)))
    }

    async fn snapshot(&self, _: &StreamId) -> Result<Option<Snapshot>, Fault> {
        self.check()?;
        Ok(None)
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        let mut streams = self.streams.lock().unwrap();
        let (number, created_ms) = streams.get(stream).map_or((0, record.at_ms), |(head, _)| {
            (head.number, head.created_ms)
        });
        if number != expected.number() {
            return Ok(Appended::Conflict);
        }
        let head = Head {
            stream: stream.clone(),
            number: record.number,
            hash: record.hash.clone(),
            due: head.due,
            ended: head.ended,
            summary: head.summary.clone(),
            failures: 0,
            quarantine: None,
            created_ms,
            updated_ms: record.at_ms,
        };
        let entry = streams.entry(stream.clone());
        let (kept, records) = entry.or_insert_with(|| (head.clone(), Vec::new()));
        *kept = head;
        records.push(record.clone());
        Ok(Appended::Done)
    }

    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        self.check()?;
        let streams = self.streams.lock().unwrap();
        Ok(streams.get(stream).map(|(head, _)| head.clone()))
    }

    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        self.check()?;
        let streams = self.streams.lock().unwrap();
        let mut heads: Vec<Head> = streams
            .values()
            .map(|(head, _)| head.clone())
            .filter(|head| head.stream.as_str().starts_with(prefix))
            .filter(|head| cursor.is_none_or(|cursor| head.cursor() < *cursor))
            .collect();
        heads.sort_by_key(|head| std::cmp::Reverse(head.cursor()));
        heads.truncate(limit);
        Ok(heads)
    }

    async fn due(&self, _: Timestamp, _: usize) -> Result<Vec<Head>, Fault> {
        Err(never())
    }

    async fn reschedule(
        &self,
        _: &StreamId,
        _: u64,
        _: Option<Timestamp>,
        _: u32,
    ) -> Result<(), Fault> {
        Err(never())
    }

    async fn quarantine(&self, stream: &StreamId, reason: Option<&str>) -> Result<(), Fault> {
        if let Some((head, _)) = self.streams.lock().unwrap().get_mut(stream) {
            head.quarantine = reason.map(str::to_owned);
        }
        Ok(())
    }
}

fn never() -> Fault {
    Fault::Malformed("the dashboard never does this".to_owned())
}
