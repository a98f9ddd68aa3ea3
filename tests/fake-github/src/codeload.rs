//! Purpose: the host that archives are downloaded from: it knows links, not tokens.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};

use crate::answer::Answer;
use crate::git::Git;
use crate::routes::begin;
use crate::world::{Route, World};

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new().fallback(download).with_state(world)
}

async fn download(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        world.state().leaks += 1;
    }
    if let Some(answer) = begin(&world, Route::Codeload, request.uri()).await {
        return answer.into_response();
    }
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let work = move || archive(&world, &uri, &headers);
    let answer = tokio::task::spawn_blocking(work).await;
    answer
        .unwrap_or_else(|error| {
            Answer::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        })
        .into_response()
}

fn archive(world: &World, uri: &Uri, headers: &HeaderMap) -> Answer {
    if headers.contains_key(header::AUTHORIZATION) {
        return Answer::error(StatusCode::BAD_REQUEST, "Only one auth mechanism allowed");
    }
    let word = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, word)| word.into_owned());
    if !word.is_some_and(|word| world.state().links.remove(&word)) {
        return Answer::not_found();
    }
    let mut parts = uri.path().trim_start_matches('/').splitn(4, '/');
    let (Some(owner), Some(name), Some("legacy.zip"), Some(reference)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Answer::not_found();
    };
    let full = format!("{owner}/{name}");
    let Some(repository) = world.repository(|one| one.name == full) else {
        return Answer::not_found();
    };
    let git = Git(&repository.path);
    let found = git.resolve(reference).and_then(|commit| {
        let Some(commit) = commit else {
            return Ok(None);
        };
        let short: String = commit.chars().take(7).collect();
        git.zip(&commit, &format!("{owner}-{name}-{short}"))
    });
    match found {
        Err(error) => error.into(),
        Ok(None) => Answer::not_found(),
        Ok(Some(bytes)) => Answer::zip(bytes),
    }
}
