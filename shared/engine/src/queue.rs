//! Purpose: doorbells as SQS delivers them, one at a time, failures named one by one.
//!
//! Contract: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use std::collections::BTreeSet;
use std::future::Future;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::kernel::StreamId;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::fault::Fault;
use crate::ports::Doorbell;

/// Answers a batch: each stream once, in order; a message that failed is named, so that only it comes again.
pub async fn answer<F, Next>(event: SqsEvent, mut each: F) -> SqsBatchResponse
where
    F: FnMut(StreamId) -> Next,
    Next: Future<Output = Result<(), Fault>>,
{
    let mut response = SqsBatchResponse::default();
    let mut seen = BTreeSet::new();
    for message in event.records {
        let id = message.message_id.clone().unwrap_or_default();
        let outcome = match stream_of(&message) {
            Ok(stream) if seen.contains(&stream) => Ok(()),
            Ok(stream) => {
                seen.insert(stream.clone());
                // Every line below names the stream; the commit is filled in when there is one.
                let span = tracing::info_span!("doorbell", %stream, commit = Empty);
                each(stream).instrument(span).await
            }
            Err(fault) => Err(fault),
        };
        if let Err(fault) = outcome {
            tracing::warn!(metric.DoorbellsFailed = 1u64, doorbell = id, %fault, "a doorbell failed");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// The batch that a host hands to a function for these doorbells.
pub fn event(doorbells: &[Doorbell]) -> Result<SqsEvent, Fault> {
    let mut event = SqsEvent::default();
    for (index, doorbell) in doorbells.iter().enumerate() {
        let body = serde_json::to_string(doorbell)
            .map_err(|error| Fault::Malformed(format!("a doorbell: {error}")))?;
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("{index}"));
        message.body = Some(body);
        event.records.push(message);
    }
    Ok(event)
}

fn stream_of(message: &SqsMessage) -> Result<StreamId, Fault> {
    let body = message.body.as_deref().unwrap_or_default();
    let doorbell: Doorbell = serde_json::from_str(body)
        .map_err(|error| Fault::Malformed(format!("not a doorbell: {error}")))?;
    StreamId::parse(doorbell.stream.as_str())
        .ok_or_else(|| Fault::Malformed(format!("`{}` is not a stream", doorbell.stream)))
}
