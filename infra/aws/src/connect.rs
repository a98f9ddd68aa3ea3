//! Purpose: connections that stand before the first event comes: the first TLS handshake is the slowest part of a cold start,
//! and the processor is not limited during init.
//!
//! What is sent is `GET /` to the service's own address: it calls no operation, needs no permission, and is the only request
//! whose answer nobody reads.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

/// Connects with DynamoDB.
#[cfg(feature = "journal")]
pub async fn dynamodb(config: &SdkConfig) {
    let client = aws_sdk_dynamodb::Client::new(&without_retries(config));
    let call = client.list_tables().customize().mutate_request(greet);
    log("DynamoDB", call.send().await.err());
}

/// Connects with SQS.
#[cfg(feature = "queues")]
pub async fn sqs(config: &SdkConfig) {
    let client = aws_sdk_sqs::Client::new(&without_retries(config));
    let call = client.list_queues().customize().mutate_request(greet);
    log("SQS", call.send().await.err());
}

fn without_retries(config: &SdkConfig) -> SdkConfig {
    let none = aws_config::retry::RetryConfig::disabled();
    config.to_builder().retry_config(none).build()
}

/// Makes any request of a JSON protocol one that calls nothing.
fn greet(request: &mut HttpRequest) {
    for header in ["x-amz-target", "content-type", "content-length"] {
        request.headers_mut().remove(header);
    }
    *request.body_mut() = SdkBody::empty();
    if let Err(error) = request.set_method("GET") {
        tracing::debug!(%error, "no connection was made ahead of time");
    }
}

/// An answer of any kind means that the connection stands; without one, the first call makes it, as it would have anyway.
fn log<E: std::fmt::Debug, R: std::fmt::Debug>(
    service: &str,
    error: Option<aws_smithy_runtime_api::client::result::SdkError<E, R>>,
) {
    if let Some(error) = error.filter(|error| error.raw_response().is_none()) {
        tracing::warn!(service, ?error, "no connection was made ahead of time");
    }
}
