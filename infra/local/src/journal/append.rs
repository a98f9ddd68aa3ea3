//! Purpose: adding one commit and moving its head, in one transaction.

use domain::kernel::StreamId;
use engine::ports::{Appended, Folded, HeadUpdate, Position, Record, due_ms};
use engine::{Fault, chain};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::failure::Failure;
use super::rows::number;

/// One append with everything it needs, so that it can move to the writer's thread.
pub(super) struct Append {
    stream: StreamId,
    expected: Position,
    record: Record,
    events: String,
    due_ms: Option<i64>,
    ended: bool,
    summary: String,
    snapshot: Option<Folded>,
}

impl Append {
    /// Checks that the record chains to `expected`.
    pub(super) fn new(
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Self, Fault> {
        chain::verify(stream, expected, std::slice::from_ref(record))
            .map_err(|fault| Fault::Malformed(format!("nothing was appended: {fault}")))?;
        let events = serde_json::to_string(&record.events)
            .map_err(|error| Fault::Malformed(format!("the events are no JSON: {error}")))?;
        Ok(Self {
            stream: stream.clone(),
            expected: expected.clone(),
            record: record.clone(),
            events,
            due_ms: head.due.map(due_ms),
            ended: head.ended,
            summary: head.summary.to_string(),
            snapshot: head.snapshot.clone(),
        })
    }

    /// `IMMEDIATE` takes the right to write before it reads, so nothing changes between the check and the commit.
    pub(super) fn execute(&self, connection: &mut Connection) -> Result<Appended, Failure> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(id) = self.id_there(&transaction)? {
            return Ok(if id == self.record.id {
                Appended::Done
            } else {
                Appended::Conflict
            });
        }
        if !self.move_head(&transaction)? {
            return Ok(Appended::Conflict);
        }
        self.insert(&transaction)?;
        self.keep_snapshot(&transaction)?;
        transaction.commit()?;
        Ok(Appended::Done)
    }

    fn id_there(&self, transaction: &Transaction<'_>) -> Result<Option<String>, Failure> {
        let id = transaction
            .prepare_cached("SELECT c FROM journal WHERE p = ?1 AND n = ?2")?
            .query_row(
                params![self.stream.as_str(), number(self.record.number)],
                |row| row.get(0),
            )
            .optional()?;
        Ok(id)
    }

    /// Whether the head stood where it was expected, and now stands at the record.
    fn move_head(&self, transaction: &Transaction<'_>) -> Result<bool, Failure> {
        let moved = transaction
            .prepare_cached(
                "UPDATE heads
                 SET n = ?4, x = ?5, ended = ?6, due_ms = ?7, summary = ?8, updated_ms = ?9, failures = 0
                 WHERE p = ?1 AND n = ?2 AND x = ?3",
            )?
            .execute(params![
                self.stream.as_str(),
                number(self.expected.number()),
                self.expected.hash().as_str(),
                number(self.record.number),
                self.record.hash.as_str(),
                self.ended,
                self.due_ms,
                self.summary,
                self.record.at_ms,
            ])?;
        if moved > 0 || self.expected.number() > 0 {
            return Ok(moved > 0);
        }
        let made = transaction
            .prepare_cached(
                "INSERT INTO heads (p, n, x, ended, due_ms, summary, created_ms, updated_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.stream.as_str(),
                number(self.record.number),
                self.record.hash.as_str(),
                self.ended,
                self.due_ms,
                self.summary,
                self.record.at_ms,
            ])?;
        Ok(made > 0)
    }

    fn keep_snapshot(&self, transaction: &Transaction<'_>) -> Result<(), Failure> {
        if let Some(folded) = &self.snapshot {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO snapshots (p, n, x, v, s) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    self.stream.as_str(),
                    number(self.record.number),
                    self.record.hash.as_str(),
                    folded.version,
                    folded.state,
                ])?;
        }
        Ok(())
    }

    fn insert(&self, transaction: &Transaction<'_>) -> Result<(), Failure> {
        let record = &self.record;
        transaction
            .prepare_cached(
                "INSERT INTO journal (p, n, c, h, x, t, a, k, e)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.stream.as_str(),
                number(record.number),
                record.id,
                record.previous.as_str(),
                record.hash.as_str(),
                record.at_ms,
                record.actor,
                record.cause,
                self.events,
            ])?;
        Ok(())
    }
}
