//! Purpose: the loop of a function on Lambda, for each way in which it is called. The call's id is Lambda's request id, which is
//! another one at each attempt.

use std::convert::Infallible;
use std::future::Future;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use engine::Fault;
use lambda_http::{Body, Request, RequestExt as _, Response};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::event::{Answer, Event};

/// Milliseconds that a doorbell may wait before its age is counted; SQS's own metric tells the rest.
const OLD_DOORBELL_MS: i64 = 60_000;

/// Answers requests of the HTTP API.
pub async fn http<H, F>(handler: H) -> Result<(), Error>
where
    H: Fn(Request, String) -> F,
    F: Future<Output = Response<Body>> + Send,
{
    let answer = |request: Request| {
        let context = request.lambda_context_ref();
        let call = context.map_or_else(String::new, |context| context.request_id.clone());
        let span = span(
            &call,
            context.and_then(|context| context.xray_trace_id.as_deref()),
        );
        let answered = handler(request, call);
        async move {
            let response = answered.await;
            count(&response);
            Ok::<_, Infallible>(response)
        }
        .instrument(span)
    };
    lambda_http::run(service_fn(answer)).await
}

/// Answers batches of doorbells; those that failed are named, and only they come again.
pub async fn queue<H, F>(handler: H) -> Result<(), Error>
where
    H: Fn(SqsEvent, String) -> F,
    F: Future<Output = SqsBatchResponse>,
{
    let answer = |event: LambdaEvent<SqsEvent>| {
        let call = event.context.request_id;
        let span = span(&call, event.context.xray_trace_id.as_deref());
        span.in_scope(|| note_age(&event.payload, jiff::Timestamp::now().as_millisecond()));
        let answered = handler(event.payload, call);
        async move { Ok::<_, Infallible>(answered.await) }.instrument(span)
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Answers events of several sources.
///
/// A fault is an error of the function: EventBridge and its schedules call again, and count it.
pub async fn any<H, F>(handler: H) -> Result<(), Error>
where
    H: Fn(Event, String) -> F,
    F: Future<Output = Result<Answer, Fault>>,
{
    let handler = &handler;
    let answer = |event: LambdaEvent<Box<RawValue>>| {
        let call = event.context.request_id;
        let span = span(&call, event.context.xray_trace_id.as_deref());
        async move { one(handler, event.payload.get(), call).await }.instrument(span)
    };
    lambda_runtime::run(service_fn(answer)).await
}

async fn one<H, F>(handler: &H, payload: &str, call: String) -> Result<Value, Error>
where
    H: Fn(Event, String) -> F,
    F: Future<Output = Result<Answer, Fault>>,
{
    let event = Event::parse(payload);
    if let Ok(Event::Doorbells(event)) = &event {
        note_age(event, jiff::Timestamp::now().as_millisecond());
    }
    let answered = match event {
        Ok(event) => handler(event, call).await,
        Err(fault) => Err(fault),
    };
    let answer = answered.inspect_err(|fault| {
        tracing::error!(metric.CallsFailed = 1u64, %fault, "a call failed");
    })?;
    if let Answer::Response(response) = &answer {
        count(response);
    }
    Ok(answer.into_json()?)
}

/// Lines of one call; those of a call that X-Ray follows name its trace.
fn span(call: &str, trace: Option<&str>) -> Span {
    let span = tracing::info_span!("call", request = call, trace = Empty);
    if let Some(root) = trace.and_then(sampled) {
        span.record("trace", root);
    }
    span
}

/// The trace that this header says is followed: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1`.
fn sampled(header: &str) -> Option<&str> {
    let field = |name: &str| header.split(';').find_map(|part| part.strip_prefix(name));
    field("Root=").filter(|_| field("Sampled=") == Some("1"))
}

fn count(response: &Response<Body>) {
    let status = response.status();
    if status.is_server_error() {
        let status = status.as_u16();
        tracing::error!(metric.CallsFailed = 1u64, status, "a request failed");
    }
}

/// Counts the age of the oldest doorbell of a batch, where it is old.
fn note_age(event: &SqsEvent, now_ms: i64) {
    let sent = event.records.iter().filter_map(|message| {
        let sent = message.attributes.get("SentTimestamp")?;
        sent.parse::<i64>().ok()
    });
    let age = sent.min().map_or(0, |oldest| now_ms.saturating_sub(oldest));
    if age >= OLD_DOORBELL_MS {
        tracing::warn!(
            metric.OldestDoorbellMilliseconds = age,
            "a doorbell waited long"
        );
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
