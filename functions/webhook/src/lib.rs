//! Purpose: the webhook function: verify, make durable, answer.
//!
//! It calls the world once per delivery: the conditional put that makes it durable. Nothing is parsed before the signature
//! over the raw bytes has been checked; nothing is answered with 2xx before the delivery is durable.

use domain::guard::{Guard, holds};
use engine::ports::{Accepted, Clock, Delivery, Doorbells, Inbox};
use engine::{Fault, ring_planner};
use github::Secrets;
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Request, Response};

/// GitHub sends no larger body: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap>
pub const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;
/// Characters of a delivery's guid at most.
const MAX_GUID_CHARS: usize = 64;

/// What the function may touch.
pub struct Deps<'a> {
    pub inbox: &'a dyn Inbox,
    pub doorbells: &'a dyn Doorbells,
    pub clock: &'a dyn Clock,
    pub secrets: &'a Secrets,
}

/// Answers one request to `POST /webhook`.
pub async fn handle(deps: &Deps<'_>, request: Request, _call: &str) -> Response<Body> {
    match accept(deps, &request).await {
        Ok((status, text)) => answer(status, text),
        Err(refusal) => {
            tracing::info!(
                metric.DeliveriesRefused = 1u64,
                status = refusal.0.as_u16(),
                why = refusal.1,
                "a delivery was refused"
            );
            answer(refusal.0, &refusal.1)
        }
    }
}

type Refusal = (StatusCode, String);

async fn accept(deps: &Deps<'_>, request: &Request) -> Result<(StatusCode, &'static str), Refusal> {
    if request.method() != Method::POST {
        return Err(refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "deliveries come by POST",
        ));
    }
    let body = request.body().as_ref();
    if body.len() > MAX_BODY_BYTES {
        return Err(refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 25 MB",
        ));
    }
    let signature = single(request, "x-hub-signature-256")?;
    let verified = deps.secrets.verify(body, signature);
    if let Err(error) = &verified
        && !holds(Guard::SignatureIsChecked, false)
    {
        return Err(refuse(StatusCode::UNAUTHORIZED, error.to_string()));
    }
    let event = single(request, "x-github-event")?.unwrap_or_default();
    let guid = single(request, "x-github-delivery")?.unwrap_or_default();
    check_headers(request, event, guid)?;
    if event == "ping" {
        return Ok((StatusCode::OK, "pong"));
    }
    if !github::payload::is_handled(event) {
        return Ok((StatusCode::OK, "ignored: nothing follows from this event"));
    }
    let text = std::str::from_utf8(body)
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "the body is not UTF-8"))?;
    match github::notice(event, text) {
        Err(error) => return Err(refuse(StatusCode::BAD_REQUEST, error.to_string())),
        Ok(notice) if !github::payload::is_kept(event, &notice) => {
            return Ok((StatusCode::OK, "ignored: nothing follows from this"));
        }
        Ok(_) => {}
    }
    let delivery = Delivery {
        guid: guid.to_owned(),
        event: event.to_owned(),
        body: text.to_owned(),
        at_ms: deps.clock.now().as_millisecond(),
    };
    store(deps, &delivery).await
}

async fn store(
    deps: &Deps<'_>,
    delivery: &Delivery,
) -> Result<(StatusCode, &'static str), Refusal> {
    match deps.inbox.accept(delivery).await {
        Ok(Accepted::New) => {}
        Ok(Accepted::Duplicate) => {
            let (delivery, event) = (&delivery.guid, &delivery.event);
            tracing::info!(
                metric.DeliveriesDuplicate = 1u64,
                delivery,
                event,
                "duplicate"
            );
            return Ok((StatusCode::ACCEPTED, "duplicate: known already"));
        }
        Err(fault) if !holds(Guard::DurableBeforeAnswer, false) => return Err(unavailable(&fault)),
        Err(_) => {}
    }
    ring_planner(deps.doorbells, &delivery.guid).await;
    let (delivery, event) = (&delivery.guid, &delivery.event);
    tracing::info!(
        metric.DeliveriesAccepted = 1u64,
        delivery,
        event,
        "accepted"
    );
    Ok((StatusCode::ACCEPTED, "accepted"))
}

fn check_headers(request: &Request, event: &str, guid: &str) -> Result<(), Refusal> {
    let bad = |why: &str| Err(refuse(StatusCode::BAD_REQUEST, why));
    let word = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    if event.is_empty() || !word(event) {
        return bad("the header X-GitHub-Event is missing or not a word");
    }
    if guid.is_empty() || guid.len() > MAX_GUID_CHARS || !word(guid) {
        return bad("the header X-GitHub-Delivery is missing or not a GUID");
    }
    let content_type = single(request, header::CONTENT_TYPE.as_str())?.unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "set the webhook's content type to application/json",
        ));
    }
    Ok(())
}

/// A header that may stand there once at most: two of them are somebody's trick.
fn single<'r>(request: &'r Request, name: &str) -> Result<Option<&'r str>, Refusal> {
    let mut values = request.headers().get_all(name).iter();
    let first = values.next();
    let bad = || {
        refuse(
            StatusCode::BAD_REQUEST,
            format!("the header {name} is doubled or not text"),
        )
    };
    if values.next().is_some() {
        return Err(bad());
    }
    first
        .map(|value| value.to_str().map_err(|_| bad()))
        .transpose()
}

fn refuse(status: StatusCode, why: impl Into<String>) -> Refusal {
    (status, why.into())
}

fn unavailable(fault: &Fault) -> Refusal {
    tracing::error!(%fault, "a delivery could not be stored");
    refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        "the delivery could not be stored; deliver it again",
    )
}

fn answer(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::Text(format!("{text}\n")));
    *response.status_mut() = status;
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}
