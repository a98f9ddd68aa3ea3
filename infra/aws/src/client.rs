//! Purpose: what all AWS clients share: one configuration, one HTTPS client, bounded waiting, and errors in the engine's words.

use std::env;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use engine::Fault;

pub use aws_config::SdkConfig;

/// Times that a call is made at most, the first one among them.
pub const MAX_ATTEMPTS: u32 = 3;
/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(2);
/// Until the first byte of an answer. The same for every client: clients whose socket times differ share no connections.
const READ: Duration = Duration::from_secs(30);
/// One attempt of a call that carries little. GitHub waits ten seconds for the answer to a delivery, all attempts together:
/// <https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries>
const ATTEMPT: Duration = Duration::from_secs(3);
const OPERATION: Duration = Duration::from_secs(9);
/// One attempt of a call that moves files or starts machines.
const SLOW_ATTEMPT: Duration = Duration::from_secs(30);
const SLOW_OPERATION: Duration = Duration::from_secs(80);
/// Characters of a service's own explanation at most.
const MAX_EXPLANATION: usize = 300;

/// The configuration of every client, made once at start.
///
/// Region and credentials are taken from the environment directly when they are there, as on Lambda, so nothing else is asked;
/// otherwise the standard chain looks for them. `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are honoured.
pub async fn sdk_config() -> SdkConfig {
    with_environment(base()).load().await
}

/// The configuration with a profile's region and credentials instead of the environment's.
pub async fn sdk_config_of_profile(profile: &str) -> SdkConfig {
    base().profile_name(profile).load().await
}

/// The configuration for what stands for AWS at this address, with the credentials of nobody.
pub async fn sdk_config_at(url: &str) -> SdkConfig {
    let nobody = Credentials::new("AKIA", "secret", None, None, "nobody");
    let loader = base().region(Region::new("us-east-1"));
    loader
        .credentials_provider(nobody)
        .endpoint_url(url)
        .load()
        .await
}

/// The same configuration for calls that take longer: files, builds.
pub fn slow(config: &SdkConfig) -> SdkConfig {
    let timeouts = timeouts(SLOW_ATTEMPT, SLOW_OPERATION);
    config.to_builder().timeout_config(timeouts).build()
}

/// A client of S3. Buckets are in the path where an endpoint was named, because only S3 itself has a host for each.
#[cfg(feature = "blobs")]
pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let named = config.endpoint_url().is_some() || variable("AWS_ENDPOINT_URL_S3").is_some();
    let path_style = aws_sdk_s3::config::Builder::from(&slow(config)).force_path_style(named);
    aws_sdk_s3::Client::from_conf(path_style.build())
}

fn base() -> ConfigLoader {
    let https = Builder::new()
        .tls_provider(Provider::rustls(CryptoMode::Ring))
        .build_https();
    // Pinned, so that an update of a crate changes no behaviour by itself.
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(https)
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .timeout_config(timeouts(ATTEMPT, OPERATION))
}

fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}

fn with_environment(loader: ConfigLoader) -> ConfigLoader {
    let loader = match variable("AWS_REGION") {
        Some(region) => loader.region(Region::new(region)),
        None => loader,
    };
    let id = variable("AWS_ACCESS_KEY_ID");
    match (id, variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => {
            let token = variable("AWS_SESSION_TOKEN");
            // Lambda changes these variables only together with the process, so they hold as long as it lives.
            loader.credentials_provider(Credentials::new(id, secret, token, None, "environment"))
        }
        _ => loader,
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// An SDK's error in the engine's words, with the operation, the code and the request id, and never what was sent.
///
/// `operation` reads like `DynamoDB PutItem`.
pub fn fault<E: ProvideErrorMetadata>(operation: &str, error: &SdkError<E, HttpResponse>) -> Fault {
    match error {
        SdkError::ConstructionFailure(_) => Fault::Malformed(format!(
            "{operation} could not be asked: the request is incomplete"
        )),
        SdkError::TimeoutError(_) => {
            Fault::Unavailable(format!("{operation} did not answer in time"))
        }
        SdkError::DispatchFailure(failure) => {
            let why = failure.as_connector_error().map_or_else(String::new, chain);
            Fault::Unavailable(format!("{operation} could not be reached{why}"))
        }
        SdkError::ResponseError(_) => Fault::Unavailable(format!(
            "{operation} gave an answer that nobody can read{}",
            request_id(error)
        )),
        _ => answered(operation, error),
    }
}

/// An error and what is behind it: the outermost words alone are as little as "other" when credentials are missing.
fn chain(error: &ConnectorError) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        text.push_str(&format!(": {error}"));
        next = error.source();
    }
    text
}

fn answered<E: ProvideErrorMetadata>(operation: &str, error: &SdkError<E, HttpResponse>) -> Fault {
    let status = error
        .raw_response()
        .map_or(0, |response| response.status().as_u16());
    let code = error.code().unwrap_or("an unknown error");
    let id = request_id(error);
    if status >= 500 || status == 429 || is_passing(code) {
        return Fault::Unavailable(format!("{operation} answered {code}{id}"));
    }
    if is_setup(code) {
        // Not the fault of the stream that met it: it goes on when the deployment has been put right.
        let said: String = error
            .message()
            .unwrap_or_default()
            .chars()
            .take(MAX_EXPLANATION)
            .collect();
        return Fault::Unavailable(format!("{operation} is not set up: {code}: {said}{id}"));
    }
    Fault::Malformed(format!("{operation} refused: {code}{id}"))
}

fn request_id<E>(error: &SdkError<E, HttpResponse>) -> String {
    let headers = error.raw_response().map(HttpResponse::headers);
    let id = headers.and_then(|headers| {
        headers
            .get("x-amzn-requestid")
            .or_else(|| headers.get("x-amz-request-id"))
    });
    id.map_or_else(String::new, |id| format!(" (request {id})"))
}

/// Codes that stand for "not now", whatever their status:
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "BandwidthLimitExceeded"
            | "DependencyTimeoutException"
            | "InternalError"
            | "InternalServerError"
            | "KMSInternalException"
            | "LimitExceededException"
            | "PriorRequestNotComplete"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "SlowDown"
            | "Throttling"
            | "ThrottledException"
            | "ThrottlingException"
            | "TooManyRequestsException"
            | "TransactionConflictException"
            | "TransactionInProgressException"
    )
}

/// Codes of a deployment that lacks something: a permission, a table, valid credentials.
fn is_setup(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "AWS.SimpleQueueService.NonExistentQueue"
            | "DisabledException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "NoSuchBucket"
            | "NotFoundException"
            | "QueueDoesNotExist"
            | "ResourceNotFoundException"
            | "UnrecognizedClientException"
    )
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
