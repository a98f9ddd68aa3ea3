//! Purpose: the journal as the machine sees it, with a note of every commit that was acknowledged.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{
    Accepted, Appended, Delivery, Head, HeadCursor, HeadUpdate, Inbox, Journal, Position, Record,
    Snapshot,
};
use jiff::Timestamp;

use super::super::ledger::{Committed, Entry, Ledger};
use crate::memory::MemoryJournal;

/// A commit that somebody was told is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    pub stream: StreamId,
    pub number: u64,
    pub id: String,
}

/// A journal whose acknowledgements are remembered.
pub struct AckedJournal {
    pub memory: MemoryJournal,
    acks: Mutex<Vec<Ack>>,
    ledger: Arc<Ledger>,
}

impl AckedJournal {
    /// Around this store; what is read and written is noted in the ledger.
    pub fn new(memory: MemoryJournal, ledger: Arc<Ledger>) -> Self {
        Self {
            memory,
            ledger,
            acks: Mutex::default(),
        }
    }

    /// The acknowledgements since the last call.
    pub fn take_acks(&self) -> Vec<Ack> {
        std::mem::take(&mut self.acks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Journal for AckedJournal {
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault> {
        let records = self.memory.read(stream, after).await?;
        self.ledger.note(|| Entry::Read {
            stream: stream.clone(),
            records: records.clone(),
        });
        Ok(records)
    }

    async fn tail(&self, stream: &StreamId, limit: usize) -> Result<Vec<Record>, Fault> {
        let records = self.memory.tail(stream, limit).await?;
        self.ledger.note(|| Entry::Read {
            stream: stream.clone(),
            records: records.clone(),
        });
        Ok(records)
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault> {
        self.memory.snapshot(stream).await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        let open = self.ledger.is_open();
        let before = open.then(|| self.memory.peek_head(stream)).flatten();
        let answer = self.memory.append(stream, expected, record, head).await?;
        if answer == Appended::Done {
            self.ledger.note(|| {
                Entry::Committed(Box::new(Committed {
                    stream: stream.clone(),
                    record: record.clone(),
                    update: head.clone(),
                    before,
                }))
            });
            let ack = Ack {
                stream: stream.clone(),
                number: record.number,
                id: record.id.clone(),
            };
            self.acks
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(ack);
        }
        Ok(answer)
    }

    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        self.memory.head(stream).await
    }

    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        self.memory.heads(prefix, cursor, limit).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Head>, Fault> {
        self.memory.due(now, limit).await
    }

    async fn reschedule(
        &self,
        stream: &StreamId,
        number: u64,
        due: Option<Timestamp>,
        failures: u32,
    ) -> Result<(), Fault> {
        self.memory.reschedule(stream, number, due, failures).await
    }

    async fn quarantine(&self, stream: &StreamId, reason: Option<&str>) -> Result<(), Fault> {
        self.memory.quarantine(stream, reason).await
    }
}

#[async_trait]
impl Inbox for AckedJournal {
    async fn accept(&self, delivery: &Delivery) -> Result<Accepted, Fault> {
        let accepted = self.memory.accept(delivery).await?;
        if accepted == Accepted::New {
            self.ledger.note(|| Entry::Accepted(delivery.clone()));
        }
        Ok(accepted)
    }

    async fn delivery(&self, guid: &str) -> Result<Option<Delivery>, Fault> {
        self.memory.delivery(guid).await
    }
}
