//! Purpose: what a road takes, noted as it happens: calls of ports, invocations, what is read and written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use domain::kernel::StreamId;
use engine::ports::{Delivery, Head, HeadUpdate, Record};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A port was called, by its name and its method: `journal.append`.
    Call(&'static str),
    /// A function began to answer, by its name; `person` is somebody's tool.
    Invoked(&'static str),
    /// These commits of a stream were read.
    Read {
        stream: StreamId,
        records: Vec<Record>,
    },
    /// A delivery was made durable.
    Accepted(Delivery),
    /// A commit was appended.
    Committed(Box<Committed>),
}

/// A commit with all that was written beside it.
#[derive(Clone, Debug)]
pub struct Committed {
    pub stream: StreamId,
    pub record: Record,
    pub update: HeadUpdate,
    /// The head as it stood before; `None` for the first commit of a stream that was no delivery.
    pub before: Option<Head>,
}

/// The notes of one world. Closed, it keeps nothing.
#[derive(Debug, Default)]
pub struct Ledger {
    open: AtomicBool,
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    /// From now on everything is noted.
    pub fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// Whether anything is noted.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Notes this, when it is open.
    pub fn note(&self, entry: impl FnOnce() -> Entry) {
        if self.is_open() {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.push(entry());
        }
    }

    /// Everything noted since the last call.
    pub fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
