//! Purpose: the journal, its heads and the inbox in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::ports::{
    Accepted, Appended, Delivery, Head, HeadCursor, HeadUpdate, Inbox, Journal, Position, Record,
    Snapshot, due_ms,
};
use engine::{Fault, chain};
use jiff::Timestamp;

use crate::faults::{Faults, NoFaults, call};

/// Journal and inbox in memory. A clone is the same store.
///
/// Calls are named `journal.read`, `.tail`, `.snapshot`, `.append`, `.head`, `.heads`, `.due`, `.reschedule`, `.quarantine`, `inbox.accept` and
/// `inbox.delivery` to [`Faults`].
#[derive(Clone)]
pub struct MemoryJournal {
    state: Arc<Mutex<State>>,
    faults: Arc<dyn Faults>,
}

#[derive(Default)]
struct State {
    rows: BTreeMap<StreamId, Vec<Record>>,
    heads: BTreeMap<StreamId, Head>,
    snapshots: BTreeMap<StreamId, Snapshot>,
    deliveries: BTreeMap<StreamId, Delivery>,
    /// Every append in the order in which it happened: the stream, and the place among its rows.
    order: Vec<(StreamId, usize)>,
}

impl MemoryJournal {
    /// An empty store whose calls fail as `faults` says.
    pub fn new(faults: Arc<dyn Faults>) -> Self {
        Self {
            state: Arc::default(),
            faults,
        }
    }

    /// All commits of all streams, for checkers: no waiting, no faults.
    pub fn all_records(&self) -> BTreeMap<StreamId, Vec<Record>> {
        self.with(|state| state.rows.clone())
    }

    /// All heads, for checkers: no waiting, no faults.
    pub fn all_heads(&self) -> BTreeMap<StreamId, Head> {
        self.with(|state| state.heads.clone())
    }

    /// The appends after the first `seen`, in the order in which they happened, for checkers: no waiting, no faults.
    pub fn appended_after(&self, seen: usize) -> Vec<(StreamId, Record)> {
        self.with(|state| {
            let new = state.order.get(seen..).unwrap_or_default();
            let records = new.iter().filter_map(|(stream, row)| {
                let record = state.rows.get(stream)?.get(*row)?;
                Some((stream.clone(), record.clone()))
            });
            records.collect()
        })
    }

    /// How many commits were appended to all streams.
    pub fn commits(&self) -> usize {
        self.with(|state| state.order.len())
    }

    /// One head, for checkers: no waiting, no faults.
    pub fn peek_head(&self, stream: &StreamId) -> Option<Head> {
        self.with(|state| state.heads.get(stream).cloned())
    }

    /// One snapshot, for checkers: no waiting, no faults.
    pub fn peek_snapshot(&self, stream: &StreamId) -> Option<Snapshot> {
        self.with(|state| state.snapshots.get(stream).cloned())
    }

    /// Changes a snapshot behind the journal's back, as somebody with the disk could.
    pub fn tamper_snapshot(&self, stream: &StreamId, edit: impl FnOnce(&mut Option<Snapshot>)) {
        self.with(|state| {
            let mut snapshot = state.snapshots.remove(stream);
            edit(&mut snapshot);
            state
                .snapshots
                .extend(snapshot.map(|s| (stream.clone(), s)));
        });
    }

    /// Whether every stream has ended, but for those whose name begins so.
    pub fn all_ended_but(&self, prefix: &str) -> bool {
        self.with(|state| {
            let mut heads = state.heads.values();
            heads.all(|head| head.ended || head.stream.as_str().starts_with(prefix))
        })
    }

    /// The earliest time at which anything is due that is not quarantined, for the simulator's clock.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.with(|state| {
            let live = state
                .heads
                .values()
                .filter(|head| head.quarantine.is_none());
            live.filter_map(|head| head.due).min()
        })
    }

    /// Changes what is stored behind the journal's back, as somebody with the disk could.
    pub fn tamper(&self, stream: &StreamId, edit: impl FnOnce(&mut Vec<Record>)) {
        self.with(|state| edit(state.rows.entry(stream.clone()).or_default()));
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn call<T: Send>(
        &self,
        name: &'static str,
        act: impl FnOnce(&mut State) -> Result<T, Fault> + Send,
    ) -> Result<T, Fault> {
        call(&self.faults, name, || self.with(act)).await
    }
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self::new(Arc::new(NoFaults))
    }
}

impl State {
    fn append(
        &mut self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        update: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        chain::verify(stream, expected, std::slice::from_ref(record))
            .map_err(|fault| Fault::Malformed(format!("nothing was appended: {fault}")))?;
        let rows = self.rows.get(stream).map_or(&[][..], Vec::as_slice);
        if let Some(there) = rows.iter().rev().find(|row| row.number == record.number) {
            return Ok(if there.id == record.id {
                Appended::Done
            } else {
                Appended::Conflict
            });
        }
        let head = self.heads.get(stream);
        let (number, hash) = match head {
            Some(head) => (head.number, head.hash.clone()),
            None => (0, Position::after(&[]).hash().clone()),
        };
        if (number, &hash) != (expected.number(), expected.hash()) {
            return Ok(Appended::Conflict);
        }
        let head = Head {
            stream: stream.clone(),
            number: record.number,
            hash: record.hash.clone(),
            due: update.due.map(to_ms).transpose()?,
            ended: update.ended,
            summary: update.summary.clone(),
            failures: 0,
            quarantine: head.and_then(|head| head.quarantine.clone()),
            created_ms: head.map_or(record.at_ms, |head| head.created_ms),
            updated_ms: record.at_ms,
        };
        let rows = self.rows.entry(stream.clone()).or_default();
        self.order.push((stream.clone(), rows.len()));
        rows.push(record.clone());
        self.heads.insert(stream.clone(), head);
        if let Some(folded) = &update.snapshot {
            let snapshot = Snapshot {
                number: record.number,
                hash: record.hash.clone(),
                folded: folded.clone(),
            };
            self.snapshots.insert(stream.clone(), snapshot);
        }
        Ok(Appended::Done)
    }

    fn accept(&mut self, delivery: &Delivery) -> Result<Accepted, Fault> {
        let stream = delivery_stream(&delivery.guid)?;
        if self.heads.contains_key(&stream) {
            return Ok(Accepted::Duplicate);
        }
        let head = Head {
            stream: stream.clone(),
            number: 0,
            hash: Digest::new("0".repeat(64)),
            due: Some(from_ms(delivery.at_ms)?),
            ended: false,
            summary: serde_json::Value::Null,
            failures: 0,
            quarantine: None,
            created_ms: delivery.at_ms,
            updated_ms: delivery.at_ms,
        };
        self.heads.insert(stream.clone(), head);
        self.deliveries.insert(stream, delivery.clone());
        Ok(Accepted::New)
    }

    fn heads(&self, prefix: &str, cursor: Option<&HeadCursor>, limit: usize) -> Vec<Head> {
        let mut heads: Vec<&Head> = self
            .heads
            .values()
            .filter(|head| head.stream.as_str().starts_with(prefix))
            .filter(|head| cursor.is_none_or(|cursor| head.cursor() < *cursor))
            .collect();
        heads.sort_by_key(|head| std::cmp::Reverse(head.cursor()));
        heads.into_iter().take(limit).cloned().collect()
    }

    fn due(&self, now: Timestamp, limit: usize) -> Vec<Head> {
        let mut heads: Vec<&Head> = self
            .heads
            .values()
            .filter(|head| head.quarantine.is_none() && head.due.is_some_and(|due| due <= now))
            .collect();
        heads.sort_by_key(|head| (head.due, &head.stream));
        heads.into_iter().take(limit).cloned().collect()
    }
}

fn delivery_stream(guid: &str) -> Result<StreamId, Fault> {
    StreamId::parse(&format!("delivery/{guid}"))
        .ok_or_else(|| Fault::Malformed("a delivery needs a guid, and it is empty".to_owned()))
}

fn to_ms(at: Timestamp) -> Result<Timestamp, Fault> {
    from_ms(due_ms(at))
}

fn from_ms(ms: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_millisecond(ms)
        .map_err(|error| Fault::Malformed(format!("{ms} ms is no time: {error}")))
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault> {
        self.call("journal.read", |state| {
            let rows = state.rows.get(stream).map_or(&[][..], Vec::as_slice);
            Ok(rows.iter().filter(|r| r.number > after).cloned().collect())
        })
        .await
    }

    async fn tail(&self, stream: &StreamId, limit: usize) -> Result<Vec<Record>, Fault> {
        self.call("journal.tail", |state| {
            let rows = state.rows.get(stream).map_or(&[][..], Vec::as_slice);
            Ok(rows[rows.len().saturating_sub(limit)..].to_vec())
        })
        .await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault> {
        self.call("journal.snapshot", |state| {
            Ok(state.snapshots.get(stream).cloned())
        })
        .await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        self.call("journal.append", |state| {
            state.append(stream, expected, record, head)
        })
        .await
    }

    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        self.call("journal.head", |state| Ok(state.heads.get(stream).cloned()))
            .await
    }

    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        self.call("journal.heads", |state| {
            Ok(state.heads(prefix, cursor, limit))
        })
        .await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Head>, Fault> {
        self.call("journal.due", |state| Ok(state.due(now, limit)))
            .await
    }

    async fn reschedule(
        &self,
        stream: &StreamId,
        number: u64,
        due: Option<Timestamp>,
        failures: u32,
    ) -> Result<(), Fault> {
        self.call("journal.reschedule", |state| {
            let due = due.map(to_ms).transpose()?;
            if let Some(head) = state.heads.get_mut(stream)
                && head.number == number
            {
                head.due = due;
                head.failures = failures;
            }
            Ok(())
        })
        .await
    }

    async fn quarantine(&self, stream: &StreamId, reason: Option<&str>) -> Result<(), Fault> {
        self.call("journal.quarantine", |state| {
            if let Some(head) = state.heads.get_mut(stream) {
                head.quarantine = reason.map(str::to_owned);
                if reason.is_none() {
                    head.failures = 0;
                    head.due = Some(Timestamp::UNIX_EPOCH);
                }
            }
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Inbox for MemoryJournal {
    async fn accept(&self, delivery: &Delivery) -> Result<Accepted, Fault> {
        self.call("inbox.accept", |state| state.accept(delivery))
            .await
    }

    async fn delivery(&self, guid: &str) -> Result<Option<Delivery>, Fault> {
        self.call("inbox.delivery", |state| {
            Ok(state.deliveries.get(&delivery_stream(guid)?).cloned())
        })
        .await
    }
}
