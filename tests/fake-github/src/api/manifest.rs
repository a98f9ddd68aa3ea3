//! Purpose: an App of a manifest: the page that takes it, as if its reader pressed the button at once, and the code's exchange.
//!
//! <https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::TEST_KEY;
use crate::answer::Answer;
use crate::shapes;
use crate::world::{Registered, World};

#[derive(Deserialize)]
struct Manifest {
    name: String,
    redirect_url: String,
    hook_attributes: Hook,
    default_permissions: Value,
    default_events: Value,
}

#[derive(Deserialize)]
struct Hook {
    url: String,
}

/// Takes the form and sends the browser back with a code.
pub(crate) fn register(world: &World, owner: &str, state: Option<&str>, form: &[u8]) -> Answer {
    let form: BTreeMap<String, String> = form_urlencoded::parse(form).into_owned().collect();
    let manifest = form.get("manifest").map(String::as_str).unwrap_or_default();
    let Ok(manifest) = serde_json::from_str::<Manifest>(manifest) else {
        return Answer::error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Invalid GitHub App configuration",
        );
    };
    let (mut permissions, mut events) = (manifest.default_permissions, manifest.default_events);
    let mut known = world.state();
    if let Some(change) = known.granting {
        change(&mut permissions, &mut events);
    }
    let code = format!("c0de{:036}", known.codes.len() + 1);
    let made = Registered {
        slug: manifest.name.to_lowercase(),
        owner: owner.to_owned(),
        permissions,
        events,
        hook: json!({
            "url": manifest.hook_attributes.url,
            "content_type": "json",
            "insecure_ssl": "0",
            "secret": "********",
        }),
        webhook_secret: format!("webhook-secret-{}", hex::encode(&code)),
    };
    known.codes.insert(code.clone(), made);
    let state = state.unwrap_or_default();
    let url = format!("{}?code={code}&state={state}", manifest.redirect_url);
    Answer::found(&url)
}

/// Exchanges a code, once. <https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>
pub(crate) fn convert(world: &World, code: &str) -> Answer {
    let mut state = world.state();
    let Some(made) = state.codes.remove(code) else {
        return Answer::not_found();
    };
    let mut answer = shapes::app(&world.api, world.app_id, &made);
    answer["client_secret"] = json!("client-secret");
    answer["webhook_secret"] = json!(made.webhook_secret);
    answer["pem"] = json!(TEST_KEY);
    state.app = made;
    Answer::created(&answer)
}
