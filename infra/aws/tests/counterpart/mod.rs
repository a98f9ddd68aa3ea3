//! Purpose: one dynoxide and one ministack for a test program, and a store of its own on them for each test.
#![allow(
    dead_code,
    reason = "each test program uses the part of it that it needs"
)]

pub mod faulty;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use aws::blobs::S3Blobs;
use aws::client::MAX_ATTEMPTS;
use aws::journal::{DynamoJournal, Tables, tables};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_types::retry::RetryConfig;
use engine::ports::Blobs;
use testbed::{Dynoxide, Ministack, or_skip};

/// Where buckets are made without saying where.
pub const REGION: &str = "us-east-1";

pub fn dynoxide() -> Option<&'static Dynoxide> {
    static SERVER: OnceLock<Option<Dynoxide>> = OnceLock::new();
    SERVER.get_or_init(|| or_skip(Dynoxide::start())).as_ref()
}

pub fn ministack() -> Option<&'static Ministack> {
    static SERVER: OnceLock<Option<Ministack>> = OnceLock::new();
    SERVER.get_or_init(|| or_skip(Ministack::start())).as_ref()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// As the product's own, with an endpoint, an account and plain HTTP.
pub async fn config(url: &str, account: &str) -> SdkConfig {
    config_over(url, account, REGION, Builder::new().build_http()).await
}

/// The same over another client.
pub async fn config_over(
    url: &str,
    account: &str,
    region: &str,
    client: impl HttpClient + 'static,
) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .credentials_provider(Credentials::new(account, "secret", None, None, "test"))
        .endpoint_url(url)
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .http_client(client)
        .load()
        .await
}

/// An empty journal in tables of its own.
pub async fn journal(config: &SdkConfig, blobs: Arc<dyn Blobs>) -> DynamoJournal {
    let tables = new_tables();
    tables::create(config, &tables).await.unwrap();
    DynamoJournal::new(config, tables, blobs)
}

pub fn new_tables() -> Tables {
    let number = next();
    Tables {
        journal: format!("journal-{number}"),
        heads: format!("heads-{number}"),
    }
}

/// An empty blob store in a bucket of its own.
pub async fn bucket(config: &SdkConfig) -> S3Blobs {
    S3Blobs::new(config, new_bucket(config).await)
}

/// An empty bucket; all accounts share their names.
pub async fn new_bucket(config: &SdkConfig) -> String {
    let name = format!("state-{}", next());
    let client = aws::client::s3(config);
    client.create_bucket().bucket(&name).send().await.unwrap();
    name
}

/// A number that no other test of this program gets.
pub fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
