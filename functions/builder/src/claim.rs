//! Purpose: `POST /claims`: the first step of a build asks whether it may run code of the repository.

use domain::ids::BuildId;
use domain::kernel::StreamId;
use domain::run::{Attempt, Command, Run, TaskId};
use engine::ports::BuildStatus;
use engine::tasks::{Claim, ClaimAnswer, claim_secret, parse_intent};
use engine::{Fault, Invocation, Refused, freeze, load};
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use subtle::ConstantTimeEq;

use crate::Deps;

/// Bytes of a claim at most.
const MAX_BODY_BYTES: usize = 4096;

/// Answers a claim: 200 = go on, 409 = do not, 403 = not one of our builds, 503 = ask again.
pub async fn claim(deps: &Deps<'_>, request: Request, call: &str) -> Response<Body> {
    match decide(deps, &request, call).await {
        Ok(()) => answer(StatusCode::OK, true, "granted"),
        Err((status, why)) => {
            tracing::info!(status = status.as_u16(), why, "a claim was refused");
            answer(status, false, &why)
        }
    }
}

type Refusal = (StatusCode, String);

async fn decide(deps: &Deps<'_>, request: &Request, call: &str) -> Result<(), Refusal> {
    let body = request.body().as_ref();
    if request.method() != Method::POST || body.len() > MAX_BODY_BYTES {
        return Err((
            StatusCode::BAD_REQUEST,
            "a claim is a small POST".to_owned(),
        ));
    }
    let claim: Claim = serde_json::from_slice(body)
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("not a claim: {error}")))?;
    let forbidden = || {
        (
            StatusCode::FORBIDDEN,
            "this claim is not one of ours".to_owned(),
        )
    };
    let (stream, attempt) = parse_intent(&claim.intent).ok_or_else(forbidden)?;
    let secret = claim_secret(deps.keys, &claim.intent)
        .await
        .map_err(unavailable)?;
    if !bool::from(secret.as_bytes().ct_eq(claim.secret.as_bytes())) {
        return Err(forbidden());
    }
    // The host of builds says itself that this build exists and goes on.
    match deps
        .builds
        .describe(&claim.build)
        .await
        .map_err(unavailable)?
    {
        BuildStatus::Running => {}
        BuildStatus::Ended(_) | BuildStatus::Unknown => return Err(forbidden()),
    }
    may_deploy(deps, &stream, &attempt, &claim.build).await?;
    let invocation = Invocation::new(
        deps.journal,
        deps.clock,
        deps.doorbells,
        "function:builder",
        call,
    );
    let command = Command::Claim {
        attempt,
        build: claim.build,
    };
    match invocation.submit::<Run>(&stream, &command).await {
        Ok(_) => Ok(()),
        Err(Refused::Rejected(rejection)) => Err((StatusCode::CONFLICT, rejection.to_string())),
        Err(Refused::Fault(fault)) => Err(unavailable(fault)),
    }
}

/// Somebody may have frozen deploys after this one was asked for. One that has claimed goes on, and may ask again.
async fn may_deploy(
    deps: &Deps<'_>,
    stream: &StreamId,
    attempt: &Attempt,
    build: &BuildId,
) -> Result<(), Refusal> {
    let (TaskId::Deploy(_), Some(repository)) = (&attempt.task, stream.repository_id()) else {
        return Ok(());
    };
    let frozen = freeze(deps.journal, repository).await;
    if frozen.map_err(unavailable)?.is_none() {
        return Ok(());
    }
    let run = load::<Run>(deps.journal, stream).await;
    if run.map_err(unavailable)?.state.has_claimed(attempt, build) {
        return Ok(());
    }
    let why = "deploys of the repository are frozen".to_owned();
    Err((StatusCode::CONFLICT, why))
}

#[allow(clippy::needless_pass_by_value, reason = "fits map_err")]
fn unavailable(fault: Fault) -> Refusal {
    tracing::warn!(%fault, "a claim could not be decided");
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "the claim could not be decided; ask again".to_owned(),
    )
}

fn answer(status: StatusCode, granted: bool, why: &str) -> Response<Body> {
    let answer = ClaimAnswer {
        granted,
        why: why.to_owned(),
    };
    let text = serde_json::to_string(&answer).unwrap_or_default();
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
