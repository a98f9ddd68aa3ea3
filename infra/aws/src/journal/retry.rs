//! Purpose: the client, which asks again by itself where DynamoDB says "not now", and what a cancelled transaction says.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::{Client, error::ProvideErrorMetadata as _};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// A client that also repeats what met another transaction on the same items. The number of attempts, the pauses and the
/// time-outs are those of `config`. A repeated transaction has the same token, which the append sets itself.
pub(super) fn client(config: &SdkConfig) -> Client {
    let config = Builder::from(config).retry_classifier(MetATransaction);
    Client::from_conf(config.build())
}

/// Why a transaction was cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cancelled {
    /// A condition did not hold: somebody has written since, or this very commit is there already.
    Condition,
    /// Another transaction was at work on an item, or the table was asked too much at once.
    Passing,
    /// Anything else, by its code.
    Refused(String),
}

impl Cancelled {
    /// `None` when the error is no cancelled transaction. A condition that failed outweighs the rest: it is a fact, and what
    /// is passing would only find it again.
    pub(super) fn of(error: &TransactWriteItemsError) -> Option<Self> {
        let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
            return None;
        };
        let reasons = cancelled.cancellation_reasons().iter();
        let codes: Vec<&str> = reasons.filter_map(CancellationReason::code).collect();
        let is_passing = |code: &&str| {
            matches!(
                *code,
                "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
            )
        };
        Some(if codes.contains(&"ConditionalCheckFailed") {
            Self::Condition
        } else if codes.iter().any(is_passing) {
            Self::Passing
        } else {
            let code = codes.into_iter().find(|code| *code != "None");
            Self::Refused(code.unwrap_or("no reason").to_owned())
        })
    }
}

/// The SDK repeats throttling, time-outs and server errors; a meeting with another transaction it leaves to us:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling>
#[derive(Debug)]
struct MetATransaction;

impl ClassifyRetry for MetATransaction {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(error) = error.as_operation_error() else {
            return RetryAction::NoActionIndicated;
        };
        let cancelled = error
            .downcast_ref::<TransactWriteItemsError>()
            .and_then(Cancelled::of);
        let single = error
            .downcast_ref::<aws_sdk_dynamodb::operation::put_item::PutItemError>()
            .map(|error| error.code());
        let update = error
            .downcast_ref::<aws_sdk_dynamodb::operation::update_item::UpdateItemError>()
            .map(|error| error.code());
        let code = single.or(update).flatten();
        if cancelled == Some(Cancelled::Passing) || code == Some("TransactionConflictException") {
            return RetryAction::transient_error();
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "met another transaction"
    }
}
