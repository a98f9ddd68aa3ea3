//! Purpose: the manifest that GitHub makes an App of, and the page that takes it.
//!
//! Rule: <https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>

use serde_json::{Map, Value, json};

use super::{EVENTS, PERMISSIONS};

/// GitHub's own API and pages.
const API: &str = "https://api.github.com";
const WEB: &str = "https://github.com";
/// What the API of a GitHub Enterprise Server ends with.
const SERVER_API: &str = "/api/v3";
/// Characters of an account's or an App's name in a URL at most.
const MAX_NAME: usize = 100;

/// What differs from App to App.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What it is called at first; whoever makes it may change that.
    pub name: &'a str,
    /// The machine's public address, without a slash at the end.
    pub url: &'a str,
    /// Where GitHub delivers to.
    pub webhook: &'a str,
    /// Where GitHub sends the browser with the code.
    pub redirect: &'a str,
}

/// The manifest. An App of one's own is not public: nobody else can install it.
pub fn manifest(wish: &Wish<'_>) -> Value {
    let permissions = PERMISSIONS.iter();
    let permissions: Map<String, Value> = permissions
        .map(|row| (row.name.to_owned(), row.level.name().into()))
        .collect();
    let events: Vec<&str> = EVENTS.iter().map(|row| row.name).collect();
    json!({
        "name": wish.name,
        "description": "Builds, tests and deploys what was pushed; asks before production.",
        "url": wish.url,
        "hook_attributes": { "url": wish.webhook, "active": true },
        "redirect_url": wish.redirect,
        "public": false,
        "default_permissions": permissions,
        "default_events": events,
    })
}

/// Where the pages of the GitHub with this API are; `None` for an API that no GitHub has.
pub fn web_of(api: &str) -> Option<String> {
    if api == API {
        return Some(WEB.to_owned());
    }
    if let Some(server) = api.strip_suffix(SERVER_API) {
        return Some(server.to_owned());
    }
    // GitHub Enterprise Cloud with data residency.
    let tenant = api
        .strip_prefix("https://api.")
        .filter(|host| host.ends_with(".ghe.com"));
    if let Some(host) = tenant {
        return Some(format!("https://{host}"));
    }
    // What stands for GitHub on this computer has all of it at one place.
    let here = ["http://127.0.0.1:", "http://localhost:"]
        .iter()
        .find_map(|start| api.strip_prefix(start))?;
    here.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| api.to_owned())
}

/// The page that takes the manifest: of the signed-in person, or of an organisation.
pub fn registration(web: &str, organization: Option<&str>, state: &str) -> String {
    let owner = organization.map_or_else(
        || "settings".to_owned(),
        |name| format!("organizations/{name}/settings"),
    );
    format!("{web}/{owner}/apps/new?state={state}")
}

/// Whether it can be the name of a user or an organisation.
pub fn is_account(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(inner) && !name.starts_with('-')
}

/// Whether it can be what an App is called in URLs.
pub fn is_slug(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(inner)
}
