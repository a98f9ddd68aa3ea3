//! Purpose: the journal, its heads and the inbox in one SQLite file.
//!
//! One connection writes, on a thread of its own; a second one reads on another. Other processes may open the same file at
//! the same time: WAL lets them read while somebody writes (<https://sqlite.org/wal.html>), and writers wait for each other.

mod append;
mod check;
mod failure;
mod heads;
mod inbox;
mod rows;
mod schema;
mod thread;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::{
    Accepted, Appended, Delivery, Head, HeadCursor, HeadUpdate, Inbox, Journal, Position, Record,
    Snapshot,
};
use jiff::Timestamp;

use thread::ConnectionThread;

/// A journal in a SQLite file. Needs no runtime; dropping it waits for what it was asked to do and closes the file.
#[derive(Debug)]
pub struct SqliteJournal {
    // Fields drop in this order: the writer is the last to close and so can fold the WAL back into the file.
    reader: ConnectionThread,
    writer: Option<ConnectionThread>,
    path: PathBuf,
}

impl SqliteJournal {
    /// Opens the journal to read and write; makes the file, for its owner only, when there is none. Blocks.
    ///
    /// # Errors
    /// `Malformed` when the file is no journal, is damaged, or was written by a newer version; `Unavailable` when the disk
    /// does not let us.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let open = || {
            let writer = schema::open_writer(path)?;
            Ok((writer, schema::open_reader(path)?))
        };
        let (writer, reader) = open().map_err(|error: failure::Failure| error.into_fault(path))?;
        Ok(Self {
            reader: ConnectionThread::start("journal-read", path, reader)?,
            writer: Some(ConnectionThread::start("journal-write", path, writer)?),
            path: path.to_owned(),
        })
    }

    /// Opens a journal that exists, to read only; every call that writes is a `Malformed` fault. Blocks.
    ///
    /// # Errors
    /// As [`Self::open`], and `Malformed` when there is no file.
    pub fn open_read_only(path: &Path) -> Result<Self, Fault> {
        let reader = schema::open_reader(path).map_err(|error| error.into_fault(path))?;
        Ok(Self {
            reader: ConnectionThread::start("journal-read", path, reader)?,
            writer: None,
            path: path.to_owned(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with the file itself, one sentence each, nothing when it is sound: pages that are damaged, guards that
    /// were removed, commits whose head was removed. Hash chains are checked by [`engine::audit`].
    pub async fn check_file(&self) -> Result<Vec<String>, Fault> {
        self.reader.run(check::check).await
    }

    fn writer(&self) -> Result<&ConnectionThread, Fault> {
        self.writer.as_ref().ok_or_else(|| {
            let path = self.path.display();
            Fault::Malformed(format!("the journal {path} was opened to read only"))
        })
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault> {
        let stream = stream.clone();
        self.reader
            .run(move |connection| rows::read(connection, &stream, after))
            .await
    }

    async fn tail(&self, stream: &StreamId, limit: usize) -> Result<Vec<Record>, Fault> {
        let stream = stream.clone();
        self.reader
            .run(move |connection| rows::tail(connection, &stream, limit))
            .await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault> {
        let stream = stream.clone();
        self.reader
            .run(move |connection| rows::snapshot(connection, &stream))
            .await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault> {
        let append = append::Append::new(stream, expected, record, head)?;
        self.writer()?
            .run(move |connection| append.execute(connection))
            .await
    }

    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault> {
        let stream = stream.clone();
        self.reader
            .run(move |connection| heads::one(connection, &stream))
            .await
    }

    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault> {
        let (prefix, cursor) = (prefix.to_owned(), cursor.cloned());
        self.reader
            .run(move |connection| heads::list(connection, &prefix, cursor.as_ref(), limit))
            .await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Head>, Fault> {
        self.reader
            .run(move |connection| heads::due(connection, now, limit))
            .await
    }

    async fn reschedule(
        &self,
        stream: &StreamId,
        number: u64,
        due: Option<Timestamp>,
        failures: u32,
    ) -> Result<(), Fault> {
        let stream = stream.clone();
        self.writer()?
            .run(move |connection| heads::reschedule(connection, &stream, number, due, failures))
            .await
    }

    async fn quarantine(&self, stream: &StreamId, reason: Option<&str>) -> Result<(), Fault> {
        let (stream, reason) = (stream.clone(), reason.map(str::to_owned));
        self.writer()?
            .run(move |connection| heads::quarantine(connection, &stream, reason.as_deref()))
            .await
    }
}

#[async_trait]
impl Inbox for SqliteJournal {
    async fn accept(&self, delivery: &Delivery) -> Result<Accepted, Fault> {
        let delivery = delivery.clone();
        self.writer()?
            .run(move |connection| inbox::accept(connection, &delivery))
            .await
    }

    async fn delivery(&self, guid: &str) -> Result<Option<Delivery>, Fault> {
        let guid = guid.to_owned();
        self.reader
            .run(move |connection| inbox::delivery(connection, &guid))
            .await
    }
}

#[cfg(test)]
mod tests;
