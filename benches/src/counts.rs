//! Purpose: what a road through the real handlers takes on AWS: calls, commits, units of DynamoDB.
//!
//! The road is taken over ports in memory; what each call of a port is on AWS is written down here, as `infra/aws` makes it.

use std::collections::BTreeMap;

use aws::journal::size;
use domain::kernel::StreamId;
use engine::ports::{Delivery, HeadUpdate, Record, due_ms};
use testkit::sim::ledger::{Committed, Entry};
use testkit::sim::road::{Road, Taken};

use crate::Error;

/// Bytes of a write unit: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
const WRITE_BYTES: usize = 1_024;
/// Bytes of a read unit of a strongly consistent read.
const READ_BYTES: usize = 4_096;
/// Units of a write in a transaction: one to prepare, one to commit.
const OF_TRANSACTION: u64 = 2;

/// The operations of AWS behind a call of a port. Repositories are GitHub's; claims and codes are made in the process.
pub fn operations(call: &str) -> &'static [&'static str] {
    match call {
        "journal.read" | "journal.tail" => &["Query"],
        "journal.append" => &["TransactWriteItems"],
        "journal.head" | "journal.snapshot" | "inbox.delivery" => &["GetItem"],
        "journal.reschedule" | "journal.quarantine" => &["UpdateItem"],
        "inbox.accept" => &["PutItem"],
        "doorbells.ring" => &["SendMessage"],
        // Whether the archive of the commit lies in the bucket already.
        "builds.start" => &["HeadObject", "StartBuild"],
        "builds.describe" => &["BatchGetBuilds"],
        "builds.stop" => &["StopBuild"],
        "blobs.put" => &["PutObject"],
        "blobs.get" => &["GetObject"],
        "keys.sign" => &["Sign"],
        "keys.verify" => &["Verify"],
        "mailer.send" => &["SendEmail"],
        call if call.starts_with("people.") || call.starts_with("repositories.") => &["GetObject"],
        _ => &[],
    }
}

/// Takes the road.
///
/// # Errors
/// When a law of the simulator does not hold on it.
pub fn take(road: Road) -> Result<Taken, Error> {
    let jobs = road.jobs;
    road.take()
        .map_err(|violation| format!("a road of {jobs} jobs: {violation}").into())
}

/// The operations until the first build of this road is asked for, in order, over all functions.
pub fn until_first_build(entries: &[Entry]) -> Vec<&'static str> {
    let mut all = Vec::new();
    for entry in entries {
        let Entry::Call(call) = entry else { continue };
        all.extend(operations(call));
        if *call == "builds.start" {
            break;
        }
    }
    all
}

/// Units and commits of a road.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    pub commits: u64,
    /// Of commits and their heads, twice each for the transaction.
    pub transactions: u64,
    /// The same, were every item below one kilobyte.
    pub least: u64,
    /// Outside of transactions: deliveries that were made durable, heads whose time was moved.
    pub singles: u64,
    /// Of the two indexes of heads.
    pub indexes: u64,
    pub reads: u64,
}

impl Units {
    /// Everything that is written.
    pub fn writes(&self) -> u64 {
        self.transactions + self.singles + self.indexes
    }
}

fn units(bytes: usize, of: usize) -> u64 {
    bytes.div_ceil(of).max(1) as u64
}

/// What is known of a head while the road goes on.
#[derive(Default)]
struct Heads {
    deliveries: BTreeMap<StreamId, Delivery>,
    bytes: BTreeMap<StreamId, usize>,
}

/// The units of a road.
///
/// # Errors
/// When a commit could not be stored.
pub fn of(entries: &[Entry]) -> Result<Units, Error> {
    let mut sum = Units::default();
    let mut heads = Heads::default();
    for entry in entries {
        match entry {
            Entry::Accepted(delivery) => {
                let stream = StreamId::delivery(&delivery.guid);
                let bytes = size::of_accepted(&stream, delivery);
                sum.singles += units(bytes, WRITE_BYTES);
                // It comes into both indexes.
                sum.indexes += 2;
                heads.bytes.insert(stream.clone(), bytes);
                heads.deliveries.insert(stream, delivery.clone());
            }
            Entry::Committed(commit) => sum.add(commit, &mut heads)?,
            Entry::Read { stream, records } => {
                let sizes = records.iter().map(|record| size::of_commit(stream, record));
                let bytes: usize = sizes.sum::<Result<usize, _>>()?;
                sum.reads += units(bytes, READ_BYTES);
            }
            Entry::Call("journal.head" | "journal.snapshot" | "inbox.delivery") => sum.reads += 1,
            Entry::Call("journal.reschedule") => {
                sum.singles += 1;
                sum.indexes += 2;
            }
            Entry::Call(_) | Entry::Invoked(_) => {}
        }
    }
    Ok(sum)
}

impl Units {
    fn add(&mut self, commit: &Committed, heads: &mut Heads) -> Result<(), Error> {
        let Committed {
            stream,
            record,
            update,
            before,
        } = commit;
        let after = size_of_head(stream, record, update, heads);
        let largest = heads.bytes.get(stream).copied().unwrap_or(0).max(after);
        heads.bytes.insert(stream.clone(), after);
        self.commits += 1;
        self.least += 2 * OF_TRANSACTION;
        let row = units(size::of_commit(stream, record)?, WRITE_BYTES);
        let snapshot = update.snapshot.as_ref().map_or(0, |folded| {
            units(size::of_snapshot(stream, record, folded), WRITE_BYTES)
        });
        self.transactions += OF_TRANSACTION * (row + units(largest, WRITE_BYTES) + snapshot);
        let was_due = before.as_ref().and_then(|head| head.due).map(due_ms);
        let is_due = update.due.map(due_ms);
        if was_due != is_due {
            // The old place goes, the new one comes.
            self.indexes += u64::from(was_due.is_some()) + u64::from(is_due.is_some());
        }
        if before.is_none() {
            self.indexes += 1;
        }
        Ok(())
    }
}

fn size_of_head(stream: &StreamId, record: &Record, update: &HeadUpdate, heads: &Heads) -> usize {
    size::of_head(stream, record, update, heads.deliveries.get(stream))
}

/// Invocations by function, and messages that were sent.
pub fn invocations(entries: &[Entry]) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for entry in entries {
        if let Entry::Invoked(function) = entry {
            *all.entry(*function).or_default() += 1;
        }
    }
    all
}

/// How often an operation of AWS is called on the road.
pub fn called(entries: &[Entry]) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for entry in entries {
        let Entry::Call(call) = entry else { continue };
        for operation in operations(call) {
            *all.entry(*operation).or_default() += 1;
        }
    }
    all
}
