//! Purpose: the list of deliveries of the App, one delivery, and a wish for another attempt.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{Attempt, World};

/// Of one page when the caller does not say. <https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook>
const USUAL_PAGE: usize = 30;

/// Newest first; the cursor is the id that the next page begins below.
pub(crate) fn list(world: &World, query: &BTreeMap<String, String>) -> Answer {
    let size = query
        .get("per_page")
        .and_then(|text| text.parse().ok())
        .unwrap_or(USUAL_PAGE)
        .min(100);
    let below = match query.get("cursor").map(|cursor| cursor.strip_prefix("v1_")) {
        None => u64::MAX,
        Some(cursor) => match cursor.and_then(|id| id.parse().ok()) {
            Some(id) => id,
            None => return Answer::error(StatusCode::BAD_REQUEST, "Invalid cursor"),
        },
    };
    let state = world.state();
    let mut older = state.attempts.iter().rev().filter(|one| one.id < below);
    let page: Vec<&Attempt> = older.by_ref().take(size).collect();
    let listed: Vec<Value> = page.iter().map(|one| item(one)).collect();
    let answer = Answer::json(&listed.into());
    match (page.last(), older.next()) {
        (Some(last), Some(_)) => {
            let (api, id) = (&world.api, last.id);
            let url = format!("{api}/app/hook/deliveries?per_page={size}&cursor=v1_{id}");
            answer.with("link", &format!("<{url}>; rel=\"next\""))
        }
        _ => answer,
    }
}

/// <https://docs.github.com/en/rest/apps/webhooks#get-a-delivery-for-an-app-webhook>
pub(crate) fn show(world: &World, id: Option<u64>) -> Answer {
    let state = world.state();
    let Some(one) = state.attempts.iter().find(|one| Some(one.id) == id) else {
        return Answer::not_found();
    };
    let mut whole = item(one);
    whole["url"] = json!("https://ci.example.org/webhook");
    whole["request"] = json!({
        "headers": { "X-GitHub-Delivery": one.guid, "X-GitHub-Event": one.event },
        "payload": one.payload,
    });
    whole["response"] = json!({ "headers": {}, "payload": "" });
    Answer::json(&whole)
}

/// <https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook>
pub(crate) fn redeliver(world: &World, id: Option<u64>) -> Answer {
    let mut state = world.state();
    let Some(one) = state.attempts.iter().find(|one| Some(one.id) == id) else {
        return Answer::not_found();
    };
    let guid = one.guid.clone();
    state.redelivered.push(guid);
    Answer::accepted()
}

fn item(one: &Attempt) -> Value {
    json!({
        "id": one.id,
        "guid": one.guid,
        "delivered_at": one.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "redelivery": false,
        "duration": 0.03,
        "status": if (200..300).contains(&one.status) { "OK" } else { "Invalid HTTP Response" },
        "status_code": one.status,
        "event": one.event,
        "action": null,
        "installation_id": 9_000,
        "repository_id": null,
        "throttled_at": null,
    })
}
