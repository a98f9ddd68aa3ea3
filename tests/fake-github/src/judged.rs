//! Purpose: what every exchange of an endpoint goes through: request and answer are judged by GitHub's description.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{OriginalUri, RawPathParams, Request, State};
use axum::http::{Response, StatusCode};
use axum::middleware::Next;
use serde_json::Value;

use crate::answer::{Answer, Deliberate};
use crate::description::{Answered, Asked, Description, Operation};
use crate::world::{Route, World};

/// Largest request that is read, bytes.
const MAX_REQUEST: usize = 1 << 20;
/// Largest answer, bytes: a comparison with all its files.
const MAX_ANSWER: usize = 64 << 20;

/// The endpoint whose exchanges are judged.
pub(crate) struct Judge {
    pub world: Arc<World>,
    pub route: Route,
    /// As the description calls it.
    pub path: String,
}

pub(crate) async fn judged(
    State(judge): State<Arc<Judge>>,
    OriginalUri(original): OriginalUri,
    parts: RawPathParams,
    request: Request,
    next: Next,
) -> Response<Body> {
    let description = match Description::official() {
        Ok(description) => description,
        Err(why) => return refused(why),
    };
    let (head, body) = request.into_parts();
    let body = match to_bytes(body, MAX_REQUEST).await {
        Ok(body) => body,
        Err(error) => return refused(&error.to_string()),
    };
    let operation = Operation {
        method: head.method.as_str().to_lowercase(),
        path: judge.path.clone(),
    };
    let path: Vec<(String, String)> = parts
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let headers = head.headers.clone();
    let uri = original;
    let asked = Asked {
        operation: &operation,
        path: &path,
        query: uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    let what = format!("{} {uri}", head.method);
    // Before it is answered: some are not.
    judge.note(&format!("{what}: request"), description.request(&asked));
    let answer = next
        .run(Request::from_parts(head, body.clone().into()))
        .await;
    let (mut head, body) = answer.into_parts();
    let body = match to_bytes(body, MAX_ANSWER).await {
        Ok(body) => judge.spoiled(body),
        Err(error) => return refused(&error.to_string()),
    };
    if head.extensions.remove::<Deliberate>().is_none() {
        let answered = Answered {
            status: head.status,
            headers: &head.headers,
            body: &body,
        };
        let wrong = description.response(&asked, &answered);
        let status = head.status.as_u16();
        judge.note(&format!("{what}: response {status}"), wrong);
        let exchange = format!("{operation} {status}");
        judge.world.state().judged.insert(exchange);
    }
    Response::from_parts(head, body.into())
}

impl Judge {
    fn note(&self, what: &str, wrong: Vec<String>) {
        let wrong = wrong.into_iter().map(|wrong| format!("{what}: {wrong}"));
        self.world.state().violations.extend(wrong);
    }

    /// The answer with what a test wants to be wrong in it.
    fn spoiled(&self, body: Bytes) -> Bytes {
        let Some((pointer, value)) = self.world.state().spoiled.get(&self.route).cloned() else {
            return body;
        };
        let Ok(mut whole) = serde_json::from_slice::<Value>(&body) else {
            return body;
        };
        if let Some(place) = whole.pointer_mut(&pointer) {
            *place = value;
        }
        whole.to_string().into()
    }
}

fn refused(why: &str) -> Response<Body> {
    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
}
