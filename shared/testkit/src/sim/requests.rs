//! Purpose: the HTTP requests of the world: deliveries, true and forged, and claims.

use domain::ids::BuildId;
use engine::tasks::Claim;
use jiff::Timestamp;
use lambda_http::{Body, Request};

use super::people::login;
use super::world::{DEFAULT_BRANCH, FORK, Push, Sent, State, World};

/// The guid of a forged delivery.
pub fn forged_guid(push: &Push) -> String {
    format!("{}-forged", push.guid)
}

/// What a delivery says.
pub(super) fn body(state: &State, index: usize, push: &Push) -> String {
    let repository = serde_json::json!({ "id": push.repository, "full_name": "acme/shop" });
    let person = |id| serde_json::json!({ "id": id, "login": login(id), "type": "User" });
    match &push.sent {
        Sent::Push => pushed(push),
        Sent::Fork { number } | Sent::Closed { number } | Sent::Reopened { number } => {
            serde_json::json!({
                "action": match push.sent {
                    Sent::Closed { .. } => "closed",
                    Sent::Reopened { .. } => "reopened",
                    _ => "synchronize",
                },
                "number": number,
                "pull_request": {
                    "user": person(push.author),
                    "head": { "ref": push.branch, "sha": push.commit, "repo": { "id": FORK } },
                    "base": {
                        "ref": DEFAULT_BRANCH,
                        "sha": state.heads.get(&(push.repository, DEFAULT_BRANCH)),
                        "repo": repository,
                    },
                },
                "repository": repository,
                "sender": person(push.sender),
            })
            .to_string()
        }
        Sent::Group | Sent::GroupEnded => serde_json::json!({
            "action": match push.sent {
                Sent::Group => "checks_requested",
                _ => "destroyed",
            },
            "merge_group": {
                "head_sha": push.commit,
                "head_ref": format!("refs/heads/{}", push.branch),
                "base_sha": push.before,
                "base_ref": format!("refs/heads/{DEFAULT_BRANCH}"),
            },
            "repository": repository,
            "sender": person(push.sender),
        })
        .to_string(),
        Sent::Comment { number, body } => serde_json::json!({
            "action": "created",
            "issue": { "number": number, "user": person(push.author), "pull_request": {} },
            "comment": {
                "id": index,
                "user": person(push.sender),
                "body": body,
                "created_at": said_at(state, index),
            },
            "repository": repository,
            "sender": person(push.sender),
        })
        .to_string(),
    }
}

/// When it was said, to the second, as GitHub tells it.
fn said_at(state: &State, index: usize) -> String {
    let ms = state.said.get(&index).copied().unwrap_or_default();
    Timestamp::from_second(ms / 1_000)
        .unwrap_or_default()
        .to_string()
}

fn pushed(push: &Push) -> String {
    serde_json::json!({
        "ref": format!("refs/heads/{}", push.branch),
        "before": push.before,
        "after": push.commit,
        "deleted": false,
        "repository": { "id": push.repository, "full_name": "acme/shop" },
        "sender": { "id": push.sender, "login": "somebody" },
    })
    .to_string()
}

/// A delivery as GitHub sends it; or as somebody does who does not know the secret.
pub(super) fn delivery(world: &World, index: usize, forged: Option<u32>) -> Option<Request> {
    let state = world.state();
    let push = state.pushes.get(index)?;
    let body = body(&state, index, push);
    let good = world.secrets.sign(body.as_bytes());
    let (guid, signature) = match forged {
        None => (push.guid.clone(), Some(good)),
        Some(how) => (
            forged_guid(push),
            match how {
                0 => None,
                1 => Some(world.secrets.sign(b"another body")),
                2 => Some(good.replace("sha256=", "sha1=")),
                3 => Some(good.chars().take(40).collect()),
                _ => Some(format!("sha256={}", "0".repeat(64))),
            },
        ),
    };
    let mut request = lambda_http::http::Request::builder()
        .method("POST")
        .uri("http://127.0.0.1/webhook")
        .header("content-type", "application/json")
        .header("x-github-event", push.sent.event())
        .header("x-github-delivery", guid);
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    request.body(Body::Text(body)).ok()
}

/// The claim of a build, as its first step sends it.
pub(super) fn claim(world: &World, build: &BuildId) -> Option<Request> {
    let state = world.state();
    let asked = &state.builds.get(build)?.request;
    let claim = Claim {
        intent: asked.intent.clone(),
        build: build.clone(),
        secret: asked.claim_secret.clone(),
    };
    lambda_http::http::Request::builder()
        .method("POST")
        .uri("http://127.0.0.1/claims")
        .header("content-type", "application/json")
        .body(Body::Text(serde_json::to_string(&claim).ok()?))
        .ok()
}
