//! Purpose: what every store must hold, as checks that take the ports and panic where a store does not hold it. Each check
//! wants an empty store of its own; the macros make one test of each.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a check is the body of a test: it fails by panicking"
)]

pub mod append;
pub mod blobs;
pub mod heads;
pub mod inbox;
pub mod snapshots;

use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::chain;
use engine::ports::{Appended, HeadUpdate, Journal, Position, Record, StoredEvent};
use jiff::Timestamp;

/// One `#[test]` for each check of journal and inbox. `$run`, named from the crate's root, opens an empty
/// store and drives the check: `fn run(check: impl AsyncFnOnce(&dyn Journal, &dyn Inbox))`.
#[macro_export]
macro_rules! journal_conformance {
    ($run:path) => {
        $crate::journal_conformance! { @tests $run, append:
            empty_stream_reads_empty
            numbers_are_contiguous_and_hashes_chain
            read_gives_what_comes_after
            stored_as_it_was_written
            large_bodies_are_kept
            many_commits_are_all_read
            tail_gives_the_last_commits
            tail_is_whole_beyond_a_page
            stale_position_conflicts
            position_of_another_history_conflicts
            same_record_twice_is_done_and_stored_once
            same_record_is_done_after_later_commits
            other_id_at_the_same_number_conflicts
            racing_appends_have_one_winner
            racing_streams_do_not_disturb_each_other
            racing_retries_of_one_commit_store_it_once
            record_that_does_not_chain_is_refused
            the_audit_finds_nothing
        }
        $crate::journal_conformance! { @tests $run, heads:
            unknown_stream_has_no_head
            head_follows_the_last_commit
            conflict_leaves_the_head_alone
            due_is_sparse_ordered_and_limited
            due_times_round_up_to_the_millisecond
            reschedule_needs_the_right_number
            commit_clears_failures
            quarantine_hides_from_the_sweep_until_lifted
            quarantine_survives_an_append
            unknown_stream_can_be_neither_moved_nor_quarantined
            list_is_newest_first_by_prefix
            prefix_is_text_and_no_pattern
            pages_are_exact_within_one_millisecond
            pages_are_exact_while_heads_are_added
        }
        $crate::journal_conformance! { @tests $run, snapshots:
            there_is_none_before_one_is_kept
            a_snapshot_is_kept_with_its_commit
            a_later_snapshot_takes_its_place
            a_refused_commit_keeps_no_snapshot
            a_snapshot_is_no_head
        }
        $crate::journal_conformance! { @tests $run, inbox:
            accepts_once_and_is_due_at_once
            duplicate_changes_nothing
            racing_deliveries_are_accepted_once
            planning_starts_at_commit_one
            unknown_delivery_is_none
            empty_guid_is_refused
            body_is_kept_to_the_byte
        }
    };
    (@tests $run:path, $module:ident: $($check:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $check() {
                    $run($crate::conformance::$module::$check);
                }
            )*
        }
    };
}

/// One `#[test]` for each check of a blob store, as [`journal_conformance!`]: `fn run(check: impl AsyncFnOnce(&dyn Blobs))`.
#[macro_export]
macro_rules! blobs_conformance {
    ($run:path) => {
        $crate::blobs_conformance! { @tests $run,
            stored_bytes_come_back
            same_bytes_are_one_blob
            unknown_digest_is_none
            text_that_is_no_digest_is_refused
            racing_puts_agree
        }
    };
    (@tests $run:path, $($check:ident)*) => {
        mod blobs {
            $(
                #[test]
                fn $check() {
                    $run($crate::conformance::blobs::$check);
                }
            )*
        }
    };
}

/// A stream name for a test.
pub fn stream(name: &str) -> StreamId {
    StreamId::parse(name).unwrap()
}

/// A record that chains to `position`, with one event of this body.
pub fn record(stream: &StreamId, position: &Position, id: &str, at_ms: i64, body: &str) -> Record {
    let mut record = Record {
        number: position.number() + 1,
        id: id.to_owned(),
        previous: position.hash().clone(),
        hash: Digest::new(""),
        at_ms,
        actor: "person:7".to_owned(),
        cause: "conformance".to_owned(),
        events: vec![StoredEvent {
            kind: "noted".to_owned(),
            version: 1,
            body: body.to_owned(),
        }],
    };
    record.hash = chain::hash(stream, &record);
    record
}

/// A head that nobody waits for.
pub fn idle() -> HeadUpdate {
    HeadUpdate {
        due: None,
        ended: false,
        summary: serde_json::json!({}),
        snapshot: None,
    }
}

/// A head that is due at this millisecond.
pub fn due_at(ms: i64) -> HeadUpdate {
    HeadUpdate {
        due: Some(time(ms)),
        ..idle()
    }
}

/// Milliseconds since the epoch.
pub fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

/// Where the stream ends now.
pub async fn end(journal: &dyn Journal, stream: &StreamId) -> Position {
    Position::after(&journal.read(stream, 0).await.unwrap())
}

/// Appends one commit to the end of the stream, with this id and time.
pub async fn add(
    journal: &dyn Journal,
    stream: &StreamId,
    id: &str,
    at_ms: i64,
    head: &HeadUpdate,
) -> Record {
    let position = end(journal, stream).await;
    let record = record(stream, &position, id, at_ms, "{}");
    let appended = journal.append(stream, &position, &record, head).await;
    assert_eq!(appended, Ok(Appended::Done));
    record
}
