//! Purpose: journal, inbox and blobs on AWS hold what every store must hold: on dynoxide and on ministack, over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod counterpart;

mod on_dynoxide {
    use std::sync::Arc;

    use engine::ports::{Inbox, Journal};
    use testkit::memory::MemoryBlobs;

    use crate::counterpart::{config, dynoxide, journal, runtime};

    fn run(check: impl AsyncFnOnce(&dyn Journal, &dyn Inbox)) {
        let Some(server) = dynoxide() else { return };
        runtime().block_on(async {
            let config = config(&server.url(), &testbed::account()).await;
            let store = journal(&config, Arc::new(MemoryBlobs::default())).await;
            check(&store, &store).await;
        });
    }

    testkit::journal_conformance!(crate::on_dynoxide::run);
}

mod on_ministack {
    use std::sync::Arc;

    use engine::ports::{Blobs, Inbox, Journal};

    use crate::counterpart::{bucket, config, journal, ministack, runtime};

    fn run(check: impl AsyncFnOnce(&dyn Journal, &dyn Inbox)) {
        let Some(server) = ministack() else { return };
        runtime().block_on(async {
            let config = config(&server.url(), &testbed::account()).await;
            let blobs = bucket(&config).await;
            let store = journal(&config, Arc::new(blobs)).await;
            check(&store, &store).await;
        });
    }

    fn run_blobs(check: impl AsyncFnOnce(&dyn Blobs)) {
        let Some(server) = ministack() else { return };
        runtime().block_on(async {
            let config = config(&server.url(), &testbed::account()).await;
            let blobs = bucket(&config).await;
            check(&blobs).await;
        });
    }

    testkit::journal_conformance!(crate::on_ministack::run);
    testkit::blobs_conformance!(crate::on_ministack::run_blobs);
}
