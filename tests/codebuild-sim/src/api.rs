//! Purpose: the API: `StartBuild`, `BatchGetBuilds`, `ListBuildsForProject`, `StopBuild`, in JSON 1.1.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use crate::build::{Build, text};
use crate::endpoint::Endpoint;
use crate::switches::{Refusal, Switches};
use crate::{World, phases};

/// How long a token is remembered.
const TOKEN_LIFE: Duration = Duration::from_secs(300);
/// Builds that one `BatchGetBuilds` may ask for.
const MAX_BATCH: usize = 100;

/// Who calls, by the access key of the signature, which nobody checks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    pub account: String,
    pub region: String,
}

impl Caller {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let scope = value.split_once("Credential=")?.1.split(',').next()?;
        let mut parts = scope.split('/');
        let account = parts.next()?.to_owned();
        let region = parts.nth(1)?.to_owned();
        Some(Self { account, region })
    }
}

/// Builds, and tokens of the last five minutes.
#[derive(Default)]
pub struct State {
    pub builds: BTreeMap<String, Build>,
    tokens: BTreeMap<(String, String), (Instant, Value, String)>,
    pub threads: Vec<JoinHandle<()>>,
}

/// An error of the service: its name and a sentence.
pub struct ApiError(StatusCode, &'static str, String);

impl ApiError {
    fn bad(kind: &'static str, message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, kind, message.into())
    }

    pub fn internal(message: impl Into<String>) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self(status, "InternalServerError", message.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({"__type": self.1, "message": self.2});
        answer(self.0, &body)
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    let headers = [
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("x-amzn-requestid", id),
    ];
    (status, headers, body.to_string()).into_response()
}

pub fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/", post(call))
        .route("/_sim/switches", post(switch))
        .with_state(world)
}

async fn switch(Shared(world): Shared<Arc<World>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Switches>(&body) {
        Ok(switches) => {
            *world.switches() = switches;
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => ApiError::bad("SerializationException", error.to_string()).into_response(),
    }
}

async fn call(Shared(world): Shared<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    // What is behind it answers over blocking connections.
    let work = move || dispatch(&world, &headers, &body);
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => answer(StatusCode::OK, &value),
        Ok(Err(error)) => error.into_response(),
        Err(error) => ApiError::internal(error.to_string()).into_response(),
    }
}

fn dispatch(world: &Arc<World>, headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    let caller = Caller::of(headers).ok_or_else(|| {
        ApiError(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "no signature".to_owned(),
        )
    })?;
    let asked: Value = serde_json::from_slice(body)
        .map_err(|error| ApiError::bad("SerializationException", error.to_string()))?;
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    match target.and_then(|target| target.strip_prefix("CodeBuild_20161006.")) {
        Some("StartBuild") => start(world, &caller, &asked),
        Some("BatchGetBuilds") => batch_get(world, &caller, &asked),
        Some("ListBuildsForProject") => list(world, &caller, &asked),
        Some("StopBuild") => stop(world, &caller, &asked),
        other => Err(ApiError::bad(
            "UnknownOperationException",
            format!("{other:?}"),
        )),
    }
}

fn start(world: &Arc<World>, caller: &Caller, asked: &Value) -> Result<Value, ApiError> {
    let refuse = world.switches().refuse;
    if let Some(refusal) = refuse {
        return Err(match refusal {
            Refusal::AccountLimit => limit(0),
            Refusal::Throttling => ApiError::bad("ThrottlingException", "Rate exceeded"),
            Refusal::InvalidInput => ApiError::bad("InvalidInputException", "refused by a switch"),
        });
    }
    check_input(asked)?;
    let name = text(asked, "projectName");
    let endpoint = Endpoint::new(&world.settings.endpoint, caller);
    let mut project = endpoint
        .project(name)
        .map_err(ApiError::internal)?
        .ok_or_else(|| {
            ApiError::bad(
                "ResourceNotFoundException",
                format!("Project cannot be found: {name}"),
            )
        })?;
    project["cache"] = match &world.settings.caches {
        Some(caches) => json!({ "type": "S3", "location": format!("{caches}/{name}") }),
        None => json!({ "type": "NO_CACHE" }),
    };
    let mut state = world.state();
    state
        .tokens
        .retain(|_, (at, _, _)| at.elapsed() < TOKEN_LIFE);
    let token = (
        caller.account.clone(),
        text(asked, "idempotencyToken").to_owned(),
    );
    if let Some((_, before, build)) = state.tokens.get(&token).filter(|_| !token.1.is_empty()) {
        if before != asked {
            return Err(ApiError::bad(
                "InvalidInputException",
                "Idempotency token parameter mismatch",
            ));
        }
        let build = state.builds.get(build).map(Build::shown);
        return Ok(json!({ "build": build }));
    }
    let of_project = |build: &&Build| build.account == caller.account && build.project == name;
    let number = state.builds.values().filter(of_project).count();
    let running = state.builds.values().filter(of_project);
    let running = running
        .filter(|build| build.status() == "IN_PROGRESS")
        .count();
    let most = world.settings.limits.get(name).copied();
    if let Some(most) = most.filter(|most| running >= *most) {
        return Err(limit(most));
    }
    let build = Build::new(caller, &project, asked, number + 1);
    let key = format!("{}/{}:{}", caller.account, name, build.uuid);
    state
        .tokens
        .insert(token, (Instant::now(), asked.clone(), key.clone()));
    state.builds.insert(key, build.clone());
    let answer = json!({ "build": build.shown() });
    let (running, caller, asked) = (Arc::clone(world), caller.clone(), asked.clone());
    let thread = std::thread::spawn(move || phases::carry_out(&running, &caller, &asked, &build));
    state.threads.push(thread);
    drop(state);
    let mut switches = world.switches();
    if switches.lose_replies > 0 {
        switches.lose_replies -= 1;
        return Err(ApiError::internal("the reply is lost"));
    }
    Ok(answer)
}

/// Bounds of the service: <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html>
fn check_input(asked: &Value) -> Result<(), ApiError> {
    let invalid = |why: String| Err(ApiError::bad("InvalidInputException", why));
    for (name, range) in [
        ("timeoutInMinutesOverride", 5..=2160),
        ("queuedTimeoutInMinutesOverride", 5..=480),
    ] {
        let value = asked.get(name).map(|value| value.as_i64().unwrap_or(-1));
        if let Some(value) = value.filter(|value| !range.contains(value)) {
            return invalid(format!("{name}: {value}"));
        }
    }
    let variables = asked
        .get("environmentVariablesOverride")
        .and_then(Value::as_array);
    for variable in variables.into_iter().flatten() {
        if text(variable, "name").is_empty() || variable.get("value").is_none() {
            return invalid("environment variables have a name and a value".to_owned());
        }
    }
    match text(asked, "projectName") {
        "" => invalid("projectName is required".to_owned()),
        _ => Ok(()),
    }
}

fn limit(most: usize) -> ApiError {
    let said = format!("Cannot have more than {most} builds in queue for the account");
    ApiError::bad("AccountLimitExceededException", said)
}

/// `project:uuid`, also out of an ARN.
fn plain(id: &str) -> &str {
    id.rsplit_once("build/").map_or(id, |(_, plain)| plain)
}

fn found(world: &World, caller: &Caller, id: &str) -> Option<Build> {
    let key = format!("{}/{}", caller.account, plain(id));
    world.state().builds.get(&key).cloned()
}

fn batch_get(world: &World, caller: &Caller, asked: &Value) -> Result<Value, ApiError> {
    let ids: Vec<&str> = asked["ids"]
        .as_array()
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if ids.is_empty() || ids.len() > MAX_BATCH || ids.iter().any(|id| !id.contains(':')) {
        return Err(ApiError::bad("InvalidInputException", "1 to 100 build ids"));
    }
    let (mut builds, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match found(world, caller, id) {
            Some(build) => builds.push(build.shown()),
            None => missing.push(id),
        }
    }
    Ok(json!({ "builds": builds, "buildsNotFound": missing }))
}

fn list(world: &World, caller: &Caller, asked: &Value) -> Result<Value, ApiError> {
    let name = text(asked, "projectName");
    let state = world.state();
    let of = |build: &&Build| build.account == caller.account && build.project == name;
    let mut builds: Vec<Value> = state.builds.values().filter(of).map(Build::shown).collect();
    builds.sort_by_key(|build| build["buildNumber"].as_u64());
    if text(asked, "sortOrder") != "ASCENDING" {
        builds.reverse();
    }
    let ids: Vec<&Value> = builds.iter().map(|build| &build["id"]).collect();
    Ok(json!({ "ids": ids }))
}

fn stop(world: &World, caller: &Caller, asked: &Value) -> Result<Value, ApiError> {
    let id = text(asked, "id");
    let build = found(world, caller, id).ok_or_else(|| {
        ApiError::bad(
            "ResourceNotFoundException",
            format!("Build {id} was not found"),
        )
    })?;
    build.stop.ask();
    Ok(json!({ "build": build.shown() }))
}
