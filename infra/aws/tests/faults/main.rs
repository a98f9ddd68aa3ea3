//! Purpose: whatever happens on the way to DynamoDB and S3, each ends in exactly one commit, delivery or blob, and no call is
//! made that need not be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../counterpart/mod.rs"]
mod counterpart;

mod append;
mod blobs;
mod inbox;
mod pages;

use std::sync::Arc;
use std::time::Duration;

use aws::client::MAX_ATTEMPTS;
use aws::journal::{DynamoJournal, Tables, tables};
use aws_config::SdkConfig;
use aws_smithy_types::retry::RetryConfig;
use testkit::memory::MemoryBlobs;

use counterpart::faulty::Faulty;

/// A journal on dynoxide behind a client that fails as planned.
struct Bench {
    http: Faulty,
    config: SdkConfig,
    tables: Tables,
    blobs: MemoryBlobs,
    journal: DynamoJournal,
}

/// Drives a test on a bench of its own.
fn on_bench(test: impl AsyncFnOnce(Bench)) {
    let Some(server) = counterpart::dynoxide() else {
        return;
    };
    counterpart::runtime().block_on(async {
        let http = Faulty::new();
        let (url, account) = (server.url(), testbed::account());
        // All clients of a process in one region have one budget of retries; this test has its own.
        let region = format!("test-{}", counterpart::next());
        let config = counterpart::config_over(&url, &account, &region, http.clone()).await;
        let config = impatient(&config);
        let tables = counterpart::new_tables();
        tables::create(&config, &tables).await.unwrap();
        let blobs = MemoryBlobs::default();
        let journal = DynamoJournal::new(&config, tables.clone(), Arc::new(blobs.clone()));
        http.plan([]);
        let bench = Bench {
            http,
            config,
            tables,
            blobs,
            journal,
        };
        test(bench).await;
    });
}

/// The same number of attempts, without the pauses.
fn impatient(config: &SdkConfig) -> SdkConfig {
    let retries = RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(1))
        .with_max_backoff(Duration::from_millis(2));
    config.to_builder().retry_config(retries).build()
}
