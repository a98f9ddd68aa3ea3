//! Purpose: what a test in another process asks of this GitHub: counts, and what is to go wrong.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use crate::answer::Answer;
use crate::conversations;
use crate::world::{Route, Trouble, World};

#[derive(Deserialize)]
struct Wish {
    route: Route,
    trouble: Trouble,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/_fake/calls", get(calls))
        .route("/_fake/deployments", get(deployments))
        .route("/_fake/troubles", post(trouble))
        .merge(conversations::control())
}

/// `{"calls": {"reference": 3, …}, "quota_used": 3, "leaks": 0, "violations": []}`
async fn calls(State(world): State<Arc<World>>) -> Response<Body> {
    let state = world.state();
    Answer::json(&json!({
        "calls": state.calls,
        "quota_used": state.used,
        "leaks": state.leaks,
        "violations": state.violations,
    }))
    .into_response()
}

/// All of them with their statuses, oldest first: `[{"environment": "staging", "statuses": [{"state": …}], …}]`
async fn deployments(State(world): State<Arc<World>>) -> Response<Body> {
    let state = world.state();
    Answer::json(&json!(state.deployments)).into_response()
}

/// `{"route": "reference", "trouble": {"status": 502}, "times": 2}`
async fn trouble(State(world): State<Arc<World>>, body: Bytes) -> Response<Body> {
    let answer = match serde_json::from_slice::<Wish>(&body) {
        Err(error) => Answer::error(StatusCode::BAD_REQUEST, &error.to_string()),
        Ok(wish) => {
            let troubles = std::iter::repeat_n(wish.trouble, wish.times);
            let mut state = world.state();
            state
                .troubles
                .entry(wish.route)
                .or_default()
                .extend(troubles);
            Answer::json(&json!({}))
        }
    };
    answer.into_response()
}
