//! Purpose: the hash chain that makes a journal tamper-evident.

use domain::ids::Digest;
use domain::kernel::StreamId;
use sha2::Digest as _;

use crate::fault::Fault;
use crate::ports::{Position, Record};

/// The hash of a commit: SHA-256 over the stream's name and every stored field, each with its length before it, so that no
/// two different commits have the same bytes.
pub fn hash(stream: &StreamId, record: &Record) -> Digest {
    let mut sha = sha2::Sha256::new();
    let mut field = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    };
    field(stream.as_str().as_bytes());
    field(&record.number.to_be_bytes());
    field(record.id.as_bytes());
    field(record.previous.as_str().as_bytes());
    field(&record.at_ms.to_be_bytes());
    field(record.actor.as_bytes());
    field(record.cause.as_bytes());
    for event in &record.events {
        field(event.kind.as_bytes());
        field(&event.version.to_be_bytes());
        field(event.body.as_bytes());
    }
    Digest::new(hex::encode(sha.finalize()))
}

/// Checks that these commits follow `from` without a gap and that every hash is right; names the first that is not.
pub fn verify(stream: &StreamId, from: &Position, records: &[Record]) -> Result<(), Fault> {
    let mut number = from.number();
    let mut previous = from.hash();
    for record in records {
        let corrupt = |why: String| Fault::Corrupt {
            stream: stream.clone(),
            commit: record.number,
            why,
        };
        number += 1;
        if record.number != number {
            return Err(corrupt(format!("commit {number} is missing before it")));
        }
        if record.previous != *previous {
            return Err(corrupt(
                "it does not follow the commit before it".to_owned(),
            ));
        }
        if record.events.is_empty() {
            return Err(corrupt("it holds no event".to_owned()));
        }
        if hash(stream, record) != record.hash {
            return Err(corrupt("its content does not match its hash".to_owned()));
        }
        previous = &record.hash;
    }
    Ok(())
}
