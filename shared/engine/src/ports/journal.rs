//! Purpose: the journal, its heads, the inbox and the blob store, as the engine sees them.

use async_trait::async_trait;
use domain::ids::Digest;
use domain::kernel::StreamId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// One event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// The type: the tag of the event's enum variant.
    #[serde(rename = "y")]
    pub kind: String,
    /// The version of the type, from 1.
    #[serde(rename = "v")]
    pub version: u16,
    /// The content: JSON text.
    #[serde(rename = "b")]
    pub body: String,
}

/// One commit: what one append adds to a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// 1, 2, 3 … without a gap.
    #[serde(rename = "n")]
    pub number: u64,
    /// Unique to the attempt that made it: this is how a lost reply is told from a conflict.
    #[serde(rename = "c")]
    pub id: String,
    /// Hash of the commit before; 64 zeros for the first.
    #[serde(rename = "h")]
    pub previous: Digest,
    /// SHA-256 over everything else here; see [`crate::chain`].
    #[serde(rename = "x")]
    pub hash: Digest,
    /// When it was recorded, milliseconds since the epoch.
    #[serde(rename = "t")]
    pub at_ms: i64,
    /// Who: `person:7`, `function:builder`.
    #[serde(rename = "a")]
    pub actor: String,
    /// The message or request that led to it.
    #[serde(rename = "k")]
    pub cause: String,
    /// What happened, at least one.
    #[serde(rename = "e")]
    pub events: Vec<StoredEvent>,
}

/// A place in a stream that somebody has seen. Only reading makes one, so nobody invents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    number: u64,
    hash: Digest,
}

impl Position {
    /// The end of what was read; the beginning of the stream when that is nothing.
    pub fn after(records: &[Record]) -> Self {
        match records.last() {
            Some(last) => Self {
                number: last.number,
                hash: last.hash.clone(),
            },
            None => Self {
                number: 0,
                hash: Digest::new("0".repeat(64)),
            },
        }
    }

    /// Just before a commit that was read.
    pub(crate) fn before(record: &Record) -> Self {
        Self {
            number: record.number.saturating_sub(1),
            hash: record.previous.clone(),
        }
    }

    /// Where a snapshot was taken.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self {
            number: snapshot.number,
            hash: snapshot.hash.clone(),
        }
    }

    /// Number of the last commit seen, 0 before the first.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Hash of the last commit seen.
    pub fn hash(&self) -> &Digest {
        &self.hash
    }
}

/// What an append writes into the stream's head, in the same transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadUpdate {
    /// When the sweep looks at the stream; `None` = never.
    pub due: Option<Timestamp>,
    pub ended: bool,
    /// The read model that lists show, at most 2 KB.
    pub summary: serde_json::Value,
    /// The state after this commit, to be kept in place of an older one; `None` leaves that alone.
    pub snapshot: Option<Folded>,
}

/// A state as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The [`Machine::FOLD`](domain::kernel::Machine::FOLD) that made it.
    pub version: u32,
    /// JSON text.
    pub state: String,
}

/// A stream's state after one of its commits, so that a long stream need not be read from its beginning. The journal alone
/// is the truth; see [`crate::snapshot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Of the commit.
    pub number: u64,
    /// Of the commit.
    pub hash: Digest,
    pub folded: Folded,
}

/// A time as heads keep it: milliseconds since the epoch, a fraction rounded up so that nothing is due before its time.
pub fn due_ms(at: Timestamp) -> i64 {
    let whole = (at.as_nanosecond() + 999_999).div_euclid(1_000_000);
    i64::try_from(whole).unwrap_or(i64::MAX)
}

/// One stream's mutable item: where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub stream: StreamId,
    /// Number of the last commit; 0 for a delivery that nobody has planned yet.
    pub number: u64,
    /// Hash of the last commit; 64 zeros at 0.
    pub hash: Digest,
    /// To the millisecond, see [`due_ms`].
    pub due: Option<Timestamp>,
    pub ended: bool,
    /// `null` for a delivery that nobody has planned yet.
    pub summary: serde_json::Value,
    /// Consecutive failures; a commit is progress and sets them to 0.
    pub failures: u32,
    /// Why nobody works on it any more, until a person lifts it.
    pub quarantine: Option<String>,
    /// When the first commit (or the delivery) was written, by its own timestamp.
    pub created_ms: i64,
    /// When the last commit (or the delivery) was written, by its own timestamp.
    pub updated_ms: i64,
}

impl Head {
    /// Where a list goes on after this head.
    pub fn cursor(&self) -> HeadCursor {
        HeadCursor {
            created_ms: self.created_ms,
            stream: self.stream.clone(),
        }
    }
}

/// A place in a list of heads. The stream is part of it, because many heads may be made in one millisecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeadCursor {
    pub created_ms: i64,
    pub stream: StreamId,
}

/// How an append ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Durable. Also the answer when this very commit id was already there: our own retry.
    Done,
    /// Somebody else was faster: read again, decide again.
    Conflict,
}

/// The append-only store of streams, with one mutable head for each.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Commits with a number above `after`, all of them, in order, strongly consistent.
    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Record>, Fault>;

    /// The last commits, at most `limit`, in order, strongly consistent.
    async fn tail(&self, stream: &StreamId, limit: usize) -> Result<Vec<Record>, Fault>;

    /// The latest snapshot that an append kept, strongly consistent.
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, Fault>;

    /// Adds one commit, if the stream still ends at `expected`; durable when it answers `Done`.
    ///
    /// `Unavailable` says nothing: it may have happened. Trying the same record again is safe. A record that does not chain
    /// to `expected` is `Malformed`, and nothing is stored.
    async fn append(
        &self,
        stream: &StreamId,
        expected: &Position,
        record: &Record,
        head: &HeadUpdate,
    ) -> Result<Appended, Fault>;

    /// The head of one stream.
    async fn head(&self, stream: &StreamId) -> Result<Option<Head>, Fault>;

    /// Heads whose stream name begins with `prefix` (`run/`, `lane/12/`, nothing for all), newest first by creation and in
    /// one millisecond by descending name, at most `limit`, after `cursor` (the last head of the page before) if given.
    async fn heads(
        &self,
        prefix: &str,
        cursor: Option<&HeadCursor>,
        limit: usize,
    ) -> Result<Vec<Head>, Fault>;

    /// Heads that are due at `now`, not quarantined, the longest overdue first, at most `limit`.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Head>, Fault>;

    /// Moves the due time and the failure count of a stream that still stands at commit `number`; else does nothing, because
    /// whoever appended since has said when to look again.
    async fn reschedule(
        &self,
        stream: &StreamId,
        number: u64,
        due: Option<Timestamp>,
        failures: u32,
    ) -> Result<(), Fault>;

    /// Takes a stream out of the sweep with a reason, or (`None`) puts it back with no failures, due since the epoch: before
    /// all others. Appending stays possible meanwhile and does not lift it.
    async fn quarantine(&self, stream: &StreamId, reason: Option<&str>) -> Result<(), Fault>;
}

/// A delivery as GitHub sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// GitHub's `X-GitHub-Delivery`; a redelivery keeps it.
    pub guid: String,
    /// GitHub's `X-GitHub-Event`.
    pub event: String,
    /// The body, exactly as it was signed.
    pub body: String,
    /// When it came in, milliseconds since the epoch.
    pub at_ms: i64,
}

/// Whether a delivery was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    New,
    Duplicate,
}

/// Where deliveries become durable: one conditional put of the stream's head, with number 0.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Durable when it answers; the head of `delivery/<guid>` is due at once.
    async fn accept(&self, delivery: &Delivery) -> Result<Accepted, Fault>;

    /// The delivery, as it was accepted.
    async fn delivery(&self, guid: &str) -> Result<Option<Delivery>, Fault>;
}

/// Content-addressed bytes.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Stores the bytes; the same bytes twice is one blob.
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault>;

    /// The bytes, checked against the digest; `None` when there are none.
    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault>;
}
