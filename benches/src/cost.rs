//! Purpose: what a pipeline costs on AWS, from what it was counted to take and from public prices.
//!
//! List prices of us-east-1 in US dollars, without the free tier. Idle costs are not in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lambda::lines::{Lines, targets};
use testkit::sim::ledger::Entry;
use testkit::sim::road::Road;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::Error;
use crate::counts::{Units, called, invocations, of, take};

/// A write unit on demand: <https://aws.amazon.com/dynamodb/pricing/on-demand/>
pub const WRITE_UNIT: f64 = 0.625e-6;
/// A read unit on demand.
pub const READ_UNIT: f64 = 0.125e-6;
/// An invocation of Lambda: <https://aws.amazon.com/lambda/pricing/>
pub const INVOCATION: f64 = 0.20e-6;
/// A second of one gigabyte on arm64.
pub const GIGABYTE_SECOND: f64 = 0.000_013_333_4;
/// A request to a standard queue: <https://aws.amazon.com/sqs/pricing/>
pub const QUEUE_REQUEST: f64 = 0.40e-6;
/// A request to an HTTP API: <https://aws.amazon.com/api-gateway/pricing/>
pub const HTTP_REQUEST: f64 = 1.00e-6;
/// A gigabyte of log: <https://aws.amazon.com/cloudwatch/pricing/>
pub const LOG_GIGABYTE: f64 = 0.50;
/// A PUT, a COPY or a LIST of S3: <https://aws.amazon.com/s3/pricing/>
pub const S3_PUT: f64 = 5e-6;
/// A GET or a HEAD of S3.
pub const S3_GET: f64 = 0.4e-6;
/// A mail: <https://aws.amazon.com/ses/pricing/>
pub const MAIL: f64 = 1e-4;
/// A signature of KMS with a key of elliptic curves: <https://aws.amazon.com/kms/pricing/>
pub const SIGNATURE: f64 = 1.5e-5;
/// A minute of an action of CodePipeline V2: <https://aws.amazon.com/codepipeline/pricing/>
pub const ACTION_MINUTE: f64 = 0.002;
/// Minutes of actions that are set against a pipeline of ours.
pub const ACTION_MINUTES: f64 = 7.0;

/// Assumed: seconds that a function waits for one call of AWS.
const SECONDS_OF_CALL: f64 = 0.005;
/// Assumed: seconds of an invocation beside its calls.
const SECONDS_OF_INVOCATION: f64 = 0.003;
/// Gigabytes of a function, more than the mean of what `template.yaml` gives them.
const GIGABYTES: f64 = 0.75;
/// Send, receive, delete.
const REQUESTS_OF_MESSAGE: u64 = 3;

/// What one pipeline took.
#[derive(Clone, Debug)]
pub struct Counted {
    pub units: Units,
    pub invocations: BTreeMap<&'static str, u64>,
    pub called: BTreeMap<&'static str, u64>,
    pub log_bytes: u64,
}

impl Counted {
    /// Takes the road and counts, with the log that its functions write on Lambda.
    ///
    /// # Errors
    /// When the road does not end well.
    pub fn on(road: Road) -> Result<Self, Error> {
        let (taken, log_bytes) = logged(|| take(road));
        let entries: Vec<Entry> = taken?.entries;
        Ok(Self {
            units: of(&entries)?,
            invocations: invocations(&entries),
            called: called(&entries),
            log_bytes,
        })
    }

    /// Invocations of functions; a person's tool is none.
    pub fn all_invocations(&self) -> u64 {
        let ours = self
            .invocations
            .iter()
            .filter(|(name, _)| **name != "person");
        ours.map(|(_, count)| count).sum()
    }

    fn calls(&self, names: &[&str]) -> f64 {
        let counts = names.iter().filter_map(|name| self.called.get(name));
        counts.sum::<u64>() as f64
    }

    fn invoked(&self, names: &[&str]) -> f64 {
        let counts = names.iter().filter_map(|name| self.invocations.get(name));
        counts.sum::<u64>() as f64
    }

    /// The cost in dollars by its parts.
    pub fn parts(&self) -> [(&'static str, f64); 7] {
        let invocations = self.all_invocations() as f64;
        let waited: u64 = self.called.values().sum();
        let seconds = waited as f64 * SECONDS_OF_CALL + invocations * SECONDS_OF_INVOCATION;
        let messages = self.calls(&["SendMessage"]) * REQUESTS_OF_MESSAGE as f64;
        [
            ("writes", self.units.writes() as f64 * WRITE_UNIT),
            ("reads", self.units.reads as f64 * READ_UNIT),
            (
                "functions",
                invocations * INVOCATION + seconds * GIGABYTES * GIGABYTE_SECOND,
            ),
            ("doorbells", messages * QUEUE_REQUEST),
            (
                "HTTP",
                self.invoked(&["webhook", "claim", "approval"]) * HTTP_REQUEST,
            ),
            ("logs", self.log_bytes as f64 / 1e9 * LOG_GIGABYTE),
            (
                "S3, mail, signatures",
                self.calls(&["PutObject"]) * S3_PUT
                    + self.calls(&["GetObject", "HeadObject"]) * S3_GET
                    + self.calls(&["SendEmail"]) * MAIL
                    + self.calls(&["Sign", "Verify"]) * SIGNATURE,
            ),
        ]
    }

    /// The cost in dollars.
    pub fn dollars(&self) -> f64 {
        self.parts().iter().map(|(_, dollars)| dollars).sum()
    }
}

/// Does it, and counts the bytes that it writes into the log of Lambda.
pub fn logged<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let written = Arc::new(Mutex::new(0));
    let sink = Arc::clone(&written);
    let lines = Lines::new("slipway-production-scheduler", move |line: &str| {
        *sink.lock().unwrap_or_else(PoisonError::into_inner) += line.len() as u64;
    });
    let subscriber =
        tracing_subscriber::registry().with(lines.with_filter(targets(LevelFilter::INFO)));
    let done = tracing::subscriber::with_default(subscriber, || {
        // As long as the ids that Lambda gives to calls.
        let request = "8c2f6d1e-1b7a-4a53-9d1e-0f6a5b4c3d2e";
        let span = tracing::info_span!(target: "lambda", "call", request);
        span.in_scope(work)
    });
    let bytes = *written.lock().unwrap_or_else(PoisonError::into_inner);
    (done, bytes)
}
