//! Purpose: the in-memory stores hold what every store must hold.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use engine::ports::{Blobs, Inbox, Journal};
use testkit::memory::{MemoryBlobs, MemoryJournal};
use testkit::yielding::block_on;

fn run(check: impl AsyncFnOnce(&dyn Journal, &dyn Inbox)) {
    let store = MemoryJournal::default();
    block_on(check(&store, &store));
}

fn run_blobs(check: impl AsyncFnOnce(&dyn Blobs)) {
    block_on(check(&MemoryBlobs::default()));
}

testkit::journal_conformance!(crate::run);
testkit::blobs_conformance!(crate::run_blobs);
