//! Purpose: endpoints that change something: they take a body, need a permission to write, and their answer may get lost.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, RawPathParams, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{MethodRouter, post};

use crate::answer::Answer;
use crate::routes::{Handler, Need, meet, named, note, settle, work};
use crate::world::{Route, Trouble, World};

pub(crate) fn write(route: Route, need: Need, handler: Handler) -> MethodRouter<Arc<World>> {
    post(
        move |State(world): State<Arc<World>>,
              OriginalUri(uri): OriginalUri,
              parts: RawPathParams,
              headers: HeaderMap,
              body: Bytes| async move {
            let lost = match note(&world, route, &uri) {
                Some(Trouble::LostReply) => true,
                Some(trouble) => {
                    let answer = meet(&world, &trouble).await;
                    return settle(&world, &headers, answer, need);
                }
                None => false,
            };
            let called = (headers.clone(), body);
            let mut answer = work(&world, need, handler, named(&parts), uri, called).await;
            if lost {
                answer = Answer::error(StatusCode::BAD_GATEWAY, "The reply is lost, as asked for");
            }
            settle(&world, &headers, answer, need)
        },
    )
}
