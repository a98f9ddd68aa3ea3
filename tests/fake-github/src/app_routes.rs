//! Purpose: which path is which endpoint of the App itself, and of how it is made; and GitHub's clock.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{MethodRouter, get, post};

use crate::answer::Answer;
use crate::api::{apps, manifest};
use crate::routes::{MAX_BODY, begin, of_app, whole};
use crate::world::{Route, World};

type Shared = State<Arc<World>>;

/// Below the API: the method, the path, what counts call it.
pub(crate) fn endpoints() -> Vec<(&'static str, &'static str, Route, MethodRouter<Arc<World>>)> {
    vec![
        (
            "post",
            "/app-manifests/{code}/conversions",
            Route::Conversion,
            post(convert),
        ),
        (
            "get",
            "/app",
            Route::App,
            get(|State(world): Shared, request: Request| async move {
                of_app(&world, Route::App, request, apps::show).await
            }),
        ),
        (
            "get",
            "/app/hook/config",
            Route::HookConfig,
            get(|State(world): Shared, request: Request| async move {
                of_app(&world, Route::HookConfig, request, apps::hook).await
            }),
        ),
        (
            "get",
            "/app/installations",
            Route::Installations,
            get(|State(world): Shared, request: Request| async move {
                of_app(&world, Route::Installations, request, apps::installations).await
            }),
        ),
    ]
}

/// Pages for a browser.
pub(crate) fn pages() -> Router<Arc<World>> {
    Router::new()
        .route("/settings/apps/new", post(register))
        .route(
            "/organizations/{organization}/settings/apps/new",
            post(register_for),
        )
}

async fn register(State(world): Shared, request: Request) -> Response<Body> {
    take(&world, "ana", request).await
}

async fn register_for(
    State(world): Shared,
    Path(organization): Path<String>,
    request: Request,
) -> Response<Body> {
    take(&world, &organization, request).await
}

async fn take(world: &World, owner: &str, request: Request) -> Response<Body> {
    if let Some(answer) = begin(world, Route::Manifest, request.uri()).await {
        return answer.into_response();
    }
    let query = request.uri().query().unwrap_or_default();
    let mut query = form_urlencoded::parse(query.as_bytes());
    let state = query.find(|(name, _)| name == "state");
    let state = state.map(|(_, value)| value.into_owned());
    match axum::body::to_bytes(request.into_body(), MAX_BODY).await {
        Ok(form) => manifest::register(world, owner, state.as_deref(), &form),
        Err(error) => Answer::error(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
    }
    .into_response()
}

async fn convert(
    State(world): Shared,
    Path(code): Path<String>,
    request: Request,
) -> Response<Body> {
    if let Some(answer) = begin(&world, Route::Conversion, &whole(&request)).await {
        return answer.into_response();
    }
    manifest::convert(&world, &code).into_response()
}

/// Every answer tells GitHub's time.
pub(crate) async fn clock(State(world): Shared, mut response: Response<Body>) -> Response<Body> {
    let now = world.state().now();
    let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(header::DATE, value);
    }
    response
}
