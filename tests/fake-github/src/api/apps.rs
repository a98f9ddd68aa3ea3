//! Purpose: the App's own endpoints: its installation on a repository, and tokens of it.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::answer::Answer;
use crate::routes::Call;
use crate::shapes;
use crate::world::{Repository, World};

/// What the App was granted when it was installed.
const GRANTED: &[(&str, &[&str])] = &[
    ("checks", &["read", "write"]),
    ("contents", &["read"]),
    ("deployments", &["read", "write"]),
    ("issues", &["read", "write"]),
    ("metadata", &["read"]),
    ("pull_requests", &["read", "write"]),
];

/// <https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app>
pub(crate) fn installation(call: &Call) -> Answer {
    if !call.repository.installed {
        return Answer::not_found();
    }
    let owner = call.repository.owner();
    let number = call.world.state().installation(owner);
    Answer::json(&shapes::installation(&call.world, number, owner))
}

/// One for each account; they fit on one page.
/// <https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app>
pub(crate) fn installations(world: &World) -> Answer {
    let state = world.state();
    let installed = state.repositories.values().filter(|one| one.installed);
    let owners: BTreeSet<String> = installed.map(|one| one.owner().to_owned()).collect();
    let numbered = owners.into_iter().map(|owner| {
        let number = state.installation(&owner);
        (number, owner)
    });
    let numbered: Vec<(u64, String)> = numbered.collect();
    drop(state);
    let listed = numbered.iter();
    let listed = listed.map(|(number, owner)| shapes::installation(world, *number, owner));
    Answer::json(&listed.collect())
}

/// <https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app>
pub(crate) fn show(world: &World) -> Answer {
    let state = world.state();
    Answer::json(&shapes::app(&world.api, world.app_id, &state.app))
}

/// <https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app>
pub(crate) fn hook(world: &World) -> Answer {
    Answer::json(&world.state().app.hook)
}

#[derive(Default, Deserialize)]
struct Wish {
    repository_ids: Option<BTreeSet<u64>>,
    permissions: Option<BTreeMap<String, String>>,
}

/// <https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>
pub(crate) fn access_token(world: &World, number: Option<u64>, body: &[u8]) -> Answer {
    let unprocessable = |why: &str| Answer::error(StatusCode::UNPROCESSABLE_ENTITY, why);
    let wish = match body {
        [] => Wish::default(),
        body => match serde_json::from_slice(body) {
            Ok(wish) => wish,
            Err(_) => return Answer::error(StatusCode::BAD_REQUEST, "Problems parsing JSON"),
        },
    };
    let mut state = world.state();
    let of = |one: &&Repository| one.installed && Some(state.installation(one.owner())) == number;
    let all: BTreeSet<u64> = state
        .repositories
        .values()
        .filter(of)
        .map(|one| one.id)
        .collect();
    if all.is_empty() {
        return Answer::not_found();
    }
    let selected = wish.repository_ids.is_some();
    let repositories = wish.repository_ids.unwrap_or_else(|| all.clone());
    if !repositories.is_subset(&all) {
        return unprocessable(
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        );
    }
    let withdrawn = state.withdrawn.clone();
    let granted = |name: &str, level: &str| {
        GRANTED
            .iter()
            .filter(|(known, _)| !withdrawn.contains(*known))
            .any(|(known, levels)| *known == name && levels.contains(&level))
    };
    let permissions = wish.permissions.unwrap_or_else(|| {
        let highest = |levels: &[&str]| levels.last().copied().unwrap_or_default().to_owned();
        GRANTED
            .iter()
            .filter(|(known, _)| !withdrawn.contains(*known))
            .map(|(name, levels)| ((*name).to_owned(), highest(levels)))
            .collect()
    });
    if !permissions.iter().all(|(name, level)| granted(name, level)) {
        return unprocessable("The permissions requested are not granted to this installation.");
    }
    let (name, token) = state.mint(repositories, permissions);
    Answer::created(&json!({
        "token": name,
        "expires_at": token.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "permissions": token.permissions,
        "repository_selection": if selected { "selected" } else { "all" },
    }))
}
