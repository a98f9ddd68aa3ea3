//! Purpose: doorbells on SQS, and what became of those that nobody could answer.

mod dead;

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue};
use engine::Fault;
use engine::ports::{Doorbell, Doorbells, Function};

use crate::client::fault;

pub use dead::{DeadLetter, DeadLetters, MAX_LISTED};

/// Where Lambda says which trace the call belongs to that is going on.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
const TRACE: &str = "_X_AMZN_TRACE_ID";

/// Rings functions by standard queues: a doorbell may come late, twice or out of order, and carries no truth.
#[derive(Clone, Debug)]
pub struct SqsDoorbells {
    client: Client,
    urls: BTreeMap<Function, String>,
}

impl SqsDoorbells {
    /// Doorbells of the functions whose queues are given; a function rings only those that it may.
    pub fn new(config: &SdkConfig, urls: BTreeMap<Function, String>) -> Self {
        Self {
            client: Client::new(config),
            urls,
        }
    }
}

#[async_trait]
impl Doorbells for SqsDoorbells {
    async fn ring(&self, function: Function, doorbell: &Doorbell) -> Result<(), Fault> {
        let url = self.urls.get(&function).ok_or_else(|| {
            Fault::Malformed(format!(
                "this function has no queue of the {}; set SLIPWAY_QUEUE_{}",
                function.name(),
                function.name().to_ascii_uppercase()
            ))
        })?;
        let body = serde_json::to_string(doorbell)
            .map_err(|error| Fault::Malformed(format!("a doorbell: {error}")))?;
        let mut send = self.client.send_message().queue_url(url).message_body(body);
        if let Ok(trace) = std::env::var(TRACE) {
            let trace = of_trace(trace)?;
            send = send.message_system_attributes(
                MessageSystemAttributeNameForSends::AwsTraceHeader,
                trace,
            );
        }
        let sent = send.send().await;
        sent.map(|_| ())
            .map_err(|error| fault("SQS SendMessage", &error))
    }
}

/// Whoever takes the doorbell goes on in the same trace.
fn of_trace(header: String) -> Result<MessageSystemAttributeValue, Fault> {
    MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(header)
        .build()
        .map_err(|error| Fault::Malformed(format!("a trace header: {error}")))
}
