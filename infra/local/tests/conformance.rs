//! Purpose: the stores on disk hold what every store must hold.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use engine::ports::{Blobs, Inbox, Journal};
use local::blobs::FileBlobs;
use local::journal::SqliteJournal;
use testkit::yielding::block_on;

fn run(check: impl AsyncFnOnce(&dyn Journal, &dyn Inbox)) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteJournal::open(&folder.path().join("journal.db")).unwrap();
    block_on(check(&store, &store));
    assert_eq!(block_on(store.check_file()), Ok(vec![]));
}

fn run_blobs(check: impl AsyncFnOnce(&dyn Blobs)) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(check(&FileBlobs::new(folder.path().join("blobs"))));
}

testkit::journal_conformance!(crate::run);
testkit::blobs_conformance!(crate::run_blobs);
