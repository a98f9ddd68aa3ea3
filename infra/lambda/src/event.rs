//! Purpose: the events of a function that several sources call, told apart by their shape.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use engine::Fault;
use lambda_http::http::header::SET_COOKIE;
use lambda_http::{Body, Request, Response};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// What a function may be called with.
#[derive(Debug)]
pub enum Event {
    /// From its queue.
    Doorbells(SqsEvent),
    /// From the HTTP API, payload format 2.0.
    Request(Box<Request>),
    /// From EventBridge: something happened to a build.
    Build(Box<EventBridgeEvent>),
    /// From a schedule: `{"sweep": true}`.
    Sweep,
    /// From a schedule: `{"repair": true}`.
    Repair,
}

/// What it answers.
#[derive(Debug)]
pub enum Answer {
    Batch(SqsBatchResponse),
    Response(Box<Response<Body>>),
    /// Nobody reads the answer.
    Done,
}

/// The keys by which events are told apart.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "Records")]
    records: Option<IgnoredAny>,
    #[serde(rename = "requestContext")]
    request: Option<IgnoredAny>,
    #[serde(rename = "detail-type")]
    detail: Option<IgnoredAny>,
    sweep: Option<bool>,
    repair: Option<bool>,
}

impl Event {
    /// Reads the payload of a call.
    ///
    /// # Errors
    /// `Malformed` when it is none of the events above; the payload is not repeated.
    pub fn parse(payload: &str) -> Result<Self, Fault> {
        // The parser's own sentence repeats what it stumbled over.
        let wrong = |error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            Fault::Malformed(format!(
                "this event cannot be read at line {line}, column {column}"
            ))
        };
        let shape: Shape = serde_json::from_str(payload).map_err(wrong)?;
        if shape.records.is_some() {
            return Ok(Self::Doorbells(
                serde_json::from_str(payload).map_err(wrong)?,
            ));
        }
        if shape.request.is_some() {
            let request = lambda_http::request::from_str(payload).map_err(wrong)?;
            return Ok(Self::Request(Box::new(request)));
        }
        if shape.detail.is_some() {
            let event = serde_json::from_str(payload).map_err(wrong)?;
            return Ok(Self::Build(Box::new(event)));
        }
        if shape.sweep == Some(true) {
            return Ok(Self::Sweep);
        }
        if shape.repair == Some(true) {
            return Ok(Self::Repair);
        }
        Err(Fault::Malformed(
            "this event comes from no queue, no HTTP API, no rule and no schedule".to_owned(),
        ))
    }

    /// What a function says to an event that it has no use for.
    pub fn refused(&self, function: &str) -> Fault {
        let what = match self {
            Self::Doorbells(_) => "doorbells",
            Self::Request(_) => "requests",
            Self::Build(_) => "events of builds",
            Self::Sweep => "sweeps",
            Self::Repair => "repairs",
        };
        Fault::Malformed(format!("the {function} takes no {what}"))
    }
}

impl Answer {
    /// As Lambda hands it on.
    pub(crate) fn into_json(self) -> Result<Value, serde_json::Error> {
        match self {
            Self::Batch(response) => serde_json::to_value(response),
            Self::Response(response) => serde_json::to_value(of_api(*response)),
            Self::Done => Ok(Value::Null),
        }
    }
}

/// Payload format 2.0, which takes cookies out of the headers:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
fn of_api(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (mut parts, body) = response.into_parts();
    let cookies = parts.headers.get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned));
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.cookies = cookies.collect();
    parts.headers.remove(SET_COOKIE);
    answer.status_code = i64::from(parts.status.as_u16());
    answer.headers = parts.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = (!matches!(body, Body::Empty)).then_some(body);
    answer
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
