//! Purpose: the keys of the two indexes: shards that spread the load, and an order that is exact within a millisecond.

use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::ports::HeadCursor;

/// Partitions of what is global: 1,000 writes a second each.
const SHARDS: &str = "0123456789abcdef";

/// Bytes of a stream's name at most: it is part of a sort key, which holds 1,024 with the time before it.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub(super) const MAX_NAME_BYTES: usize = 1_000;

/// `w#0` … `w#f`
pub(super) fn due_shards() -> impl Iterator<Item = String> {
    SHARDS.chars().map(|shard| format!("w#{shard}"))
}

/// The shard of a stream in the due index.
pub(super) fn due_shard(stream: &StreamId) -> String {
    format!("w#{}", digit(stream.as_str()))
}

/// The partition of a stream in the list index: `run#a`. All runs of a repository are in one of them, so that its list reads
/// one.
pub(super) fn list_partition(stream: &StreamId) -> String {
    let first = stream.rest().split('/').next().unwrap_or_default();
    format!("{}#{}", stream.kind(), digit(first))
}

/// The partitions in which names with this prefix are; `None` = no partition can be left out.
pub(super) fn list_partitions(prefix: &str) -> Option<Vec<String>> {
    let (kind, rest) = prefix.split_once('/')?;
    Some(match rest.split_once('/') {
        Some((first, _)) => vec![format!("{kind}#{}", digit(first))],
        None => SHARDS
            .chars()
            .map(|shard| format!("{kind}#{shard}"))
            .collect(),
    })
}

/// Whether every name in the partitions of this prefix begins with it.
pub(super) fn is_whole_kind(prefix: &str) -> bool {
    prefix
        .split_once('/')
        .is_some_and(|(_, rest)| rest.is_empty())
}

/// The order in a list: creation, then name. Sixteen hexadecimal digits of the milliseconds, moved so that those before the
/// epoch sort before it, then the name.
pub(super) fn list_order(created_ms: i64, stream: &StreamId) -> String {
    format!("{:016x}#{stream}", created_ms.cast_unsigned() ^ (1 << 63))
}

/// The place of a cursor in that order.
pub(super) fn after(cursor: &HeadCursor) -> String {
    list_order(cursor.created_ms, &cursor.stream)
}

fn digit(text: &str) -> char {
    let digest = Digest::of(text.as_bytes());
    digest.as_str().chars().next().unwrap_or('0')
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
