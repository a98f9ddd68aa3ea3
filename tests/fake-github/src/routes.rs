//! Purpose: what every call of an endpoint goes through: counts, troubles, permission, quota, ETag.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::Value;

use crate::answer::Answer;
use crate::api::{apps, deliveries as log};
use crate::auth;
use crate::world::{Repository, Route, Trouble, World};

/// Largest body that is read, bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// Longer than any client waits.
const FOREVER: Duration = Duration::from_secs(3_600);

/// A call of an endpoint of one repository, let in.
pub(crate) struct Call {
    pub world: Arc<World>,
    pub repository: Repository,
    path: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    pub headers: HeaderMap,
    /// What was sent; `null` = nothing.
    pub body: Value,
}

impl Call {
    /// A part of the path; every handler's parts are in its route.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }
}

pub(crate) type Handler = fn(&Call) -> Answer;

/// Who may call an endpoint.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// The App itself.
    App,
    /// A token that may read this of the repository.
    Permission(&'static str),
    /// The same, to write.
    Write(&'static str),
}

/// An endpoint of one repository, the same by name and by number.
pub(crate) fn serve(
    method: MethodFilter,
    route: Route,
    need: Need,
    handler: Handler,
) -> MethodRouter<Arc<World>> {
    on(
        method,
        move |State(world): State<Arc<World>>, parts: RawPathParams, request: Request| async move {
            let uri = whole(&request);
            let (head, body) = request.into_parts();
            let lost = match note(&world, route, &uri) {
                Some(Trouble::LostReply) => true,
                Some(trouble) => match meet(&world, &trouble).await {
                    Some(answer) => return settle(&world, &head.headers, answer, need),
                    None => false,
                },
                None => false,
            };
            let path = parts
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let sent = Sent {
                path,
                uri,
                changes: method != MethodFilter::GET,
                headers: head.headers.clone(),
                body: axum::body::to_bytes(body, MAX_BODY).await.ok(),
            };
            let shared = Arc::clone(&world);
            let work = move || answer(&shared, need, handler, sent);
            let answer = match tokio::task::spawn_blocking(work).await {
                Ok(_) if lost => Answer::of(&Trouble::LostReply, &world.state()),
                Ok(answer) => answer,
                Err(error) => Answer::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            };
            settle(&world, &head.headers, answer, need)
        },
    )
}

/// What came in.
struct Sent {
    path: BTreeMap<String, String>,
    uri: Uri,
    /// It asks for more than to be read.
    changes: bool,
    headers: HeaderMap,
    /// `None` = too large.
    body: Option<Bytes>,
}

fn answer(world: &Arc<World>, need: Need, handler: Handler, sent: Sent) -> Answer {
    let repository = match target(world, &sent.path, &sent.uri) {
        Ok(repository) => repository,
        Err(answer) => return answer,
    };
    let allowed = match need {
        Need::App => auth::app(world, &sent.headers),
        Need::Permission(name) => {
            auth::installation(world, &sent.headers, repository.id, name, "read")
        }
        Need::Write(name) => auth::installation(world, &sent.headers, repository.id, name, "write"),
    };
    if let Err(answer) = allowed {
        return answer;
    }
    let body = match sent.body.as_deref() {
        None => return Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large"),
        Some([]) => Value::Null,
        Some(body) => match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(_) => return Answer::error(StatusCode::BAD_REQUEST, "Problems parsing JSON"),
        },
    };
    if sent.changes {
        let state = world.state();
        if state.used >= state.quota {
            return Answer::rate_limited(&state, 3_600);
        }
    }
    let query = form_urlencoded::parse(sent.uri.query().unwrap_or_default().as_bytes());
    handler(&Call {
        world: Arc::clone(world),
        repository,
        path: sent.path,
        query: query.into_owned().collect(),
        headers: sent.headers,
        body,
    })
}

/// The repository that a path names; one that was renamed has moved to its number.
fn target(world: &World, path: &BTreeMap<String, String>, uri: &Uri) -> Result<Repository, Answer> {
    if let Some(id) = path.get("id") {
        let id: Option<u64> = id.parse().ok();
        return world
            .repository(|one| Some(one.id) == id)
            .ok_or_else(Answer::not_found);
    }
    let part = |name: &str| path.get(name).map_or("", String::as_str);
    let name = format!("{}/{}", part("owner"), part("repo"));
    if let Some(found) = world.repository(|one| one.name == name) {
        return Ok(found);
    }
    let moved = world
        .repository(|one| one.former.contains(&name))
        .ok_or_else(Answer::not_found)?;
    let rest = uri
        .path_and_query()
        .map_or("", |whole| whole.as_str())
        .split_once(&name)
        .map_or("", |(_, rest)| rest);
    let url = format!("{}/repositories/{}{rest}", world.api, moved.id);
    Err(Answer::moved(&url))
}

/// Counts the call; says what goes wrong with it, if anything.
pub(crate) async fn begin(world: &World, route: Route, uri: &Uri) -> Option<Answer> {
    meet(world, &note(world, route, uri)?).await
}

/// Counts the call; which trouble it meets, if any.
pub(crate) fn note(world: &World, route: Route, uri: &Uri) -> Option<Trouble> {
    let mut state = world.state();
    *state.calls.entry(route).or_default() += 1;
    state.paths.push(uri.to_string());
    state.trouble(route)
}

/// The answer of a call that meets this trouble; `None` = it is answered as always.
pub(crate) async fn meet(world: &World, trouble: &Trouble) -> Option<Answer> {
    match trouble {
        Trouble::Hang => tokio::time::sleep(FOREVER).await,
        Trouble::Slow(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            return None;
        }
        _ => {}
    }
    Some(Answer::of(trouble, &world.state()))
}

/// What every answer gets: the quota, which an unchanged one does not cost, and the ETag.
pub(crate) fn settle(
    world: &World,
    headers: &HeaderMap,
    answer: Answer,
    need: Need,
) -> Response<Body> {
    if matches!(need, Need::App) {
        return answer.into_response();
    }
    let mut answer = answer;
    let etag = (answer.status == StatusCode::OK).then(|| answer.etag());
    let unchanged = etag.is_some()
        && headers
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            == etag.as_deref();
    if unchanged {
        answer.status = StatusCode::NOT_MODIFIED;
        answer.body.clear();
        answer.headers.clear();
    } else {
        let mut state = world.state();
        if state.used >= state.quota {
            return Answer::rate_limited(&state, 3_600).into_response();
        }
        state.used += 1;
    }
    if let Some(etag) = &etag {
        answer = answer.with("etag", etag);
    }
    let state = world.state();
    let left = state.quota.saturating_sub(state.used).to_string();
    for (name, value) in [
        ("x-ratelimit-limit", state.quota.to_string()),
        ("x-ratelimit-remaining", left),
        ("x-ratelimit-used", state.used.to_string()),
        ("x-ratelimit-resource", "core".to_owned()),
        ("x-github-request-id", "FAKE:1".to_owned()),
    ] {
        if !answer.headers.contains_key(name) {
            answer = answer.with(name, &value);
        }
    }
    answer.into_response()
}

pub(crate) async fn access_token(
    State(world): State<Arc<World>>,
    parts: RawPathParams,
    request: Request,
) -> Response<Body> {
    if let Some(answer) = begin(&world, Route::AccessToken, &whole(&request)).await {
        return answer.into_response();
    }
    let number = number(&parts);
    let (head, body) = request.into_parts();
    let body: Bytes = match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(body) => body,
        Err(error) => {
            return Answer::error(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string())
                .into_response();
        }
    };
    let answer = match auth::app(&world, &head.headers) {
        Ok(()) => apps::access_token(&world, number, &body),
        Err(answer) => answer,
    };
    answer.into_response()
}

pub(crate) async fn deliveries(
    State(world): State<Arc<World>>,
    request: Request,
) -> Response<Body> {
    let query = request.uri().query().unwrap_or_default();
    let query = form_urlencoded::parse(query.as_bytes()).into_owned();
    let query = query.collect();
    of_app(&world, Route::Deliveries, request, |world| {
        log::list(world, &query)
    })
    .await
}

pub(crate) async fn delivery(
    State(world): State<Arc<World>>,
    parts: RawPathParams,
    request: Request,
) -> Response<Body> {
    let id = number(&parts);
    of_app(&world, Route::Delivery, request, |world| {
        log::show(world, id)
    })
    .await
}

pub(crate) async fn redeliver(
    State(world): State<Arc<World>>,
    parts: RawPathParams,
    request: Request,
) -> Response<Body> {
    let id = number(&parts);
    of_app(&world, Route::Delivery, request, |world| {
        log::redeliver(world, id)
    })
    .await
}

/// The whole path of a request; a nested route sees the rest of it only.
pub(crate) fn whole(request: &Request) -> Uri {
    let original = request.extensions().get::<OriginalUri>();
    original.map_or_else(|| request.uri().clone(), |original| original.0.clone())
}

/// The number that a path has.
fn number(parts: &RawPathParams) -> Option<u64> {
    let (_, number) = parts.iter().next()?;
    number.parse().ok()
}

/// An endpoint that only the App itself may call.
pub(crate) async fn of_app(
    world: &World,
    route: Route,
    request: Request,
    answer: impl FnOnce(&World) -> Answer,
) -> Response<Body> {
    let uri = whole(&request);
    let (head, _) = request.into_parts();
    if let Some(answer) = begin(world, route, &uri).await {
        return answer.into_response();
    }
    let allowed = auth::app(world, &head.headers);
    let answer = allowed.map_or_else(|refused| refused, |()| answer(world));
    answer.into_response()
}

/// What nobody describes; asking for it is a mistake.
pub(crate) async fn unknown(
    State(world): State<Arc<World>>,
    method: Method,
    uri: Uri,
) -> Response<Body> {
    let what = format!("{method} {uri}: it is not described");
    world.state().violations.push(what);
    match begin(&world, Route::Unknown, &uri).await {
        Some(answer) => answer.into_response(),
        None => Answer::not_found().into_response(),
    }
}
