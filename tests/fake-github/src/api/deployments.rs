//! Purpose: deployments and their statuses, with what GitHub refuses of them.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoints::Entry;
use crate::git::{Git, GitError};
use crate::routes::{Call, Need};
use crate::shapes::{self, node_id};
use crate::world::{Deployment, Route, State};

/// Characters of a status's description.
/// <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>
const MAX_DESCRIPTION: usize = 140;
/// The states that a status may be created with; `waiting` is none of them.
const STATES: [&str; 7] = [
    "error",
    "failure",
    "inactive",
    "in_progress",
    "queued",
    "pending",
    "success",
];
/// What a page has if nothing is said, and at most.
const USUAL_PAGE: usize = 30;
const MAX_PAGE: usize = 100;
/// When everything here was made.
const THEN: &str = "2026-01-01T00:00:00Z";

/// What may be said of a new deployment. <https://docs.github.com/en/rest/deployments/deployments#create-a-deployment>
#[derive(Deserialize)]
struct Wish {
    #[serde(rename = "ref")]
    reference: String,
    task: Option<String>,
    auto_merge: Option<bool>,
    required_contexts: Option<Vec<String>>,
    payload: Option<Value>,
    environment: Option<String>,
    description: Option<String>,
    transient_environment: Option<bool>,
    production_environment: Option<bool>,
}

/// What may be said of a new status.
#[derive(Deserialize)]
struct StatusWish {
    state: String,
    log_url: Option<String>,
    description: Option<String>,
    environment_url: Option<String>,
    auto_inactive: Option<bool>,
}

/// The endpoints of a repository.
pub(crate) const ENDPOINTS: &[Entry] = &[
    ("get", "/deployments", Route::Deployments, READS, list),
    (
        "post",
        "/deployments",
        Route::CreateDeployment,
        WRITES,
        create,
    ),
    (
        "get",
        "/deployments/{deployment_id}/statuses",
        Route::DeploymentStatuses,
        READS,
        statuses,
    ),
    (
        "post",
        "/deployments/{deployment_id}/statuses",
        Route::CreateDeploymentStatus,
        WRITES,
        create_status,
    ),
];
const READS: Need = Need::Permission("deployments");
const WRITES: Need = Need::Write("deployments");

fn unprocessable(why: &str) -> Answer {
    Answer::error(StatusCode::UNPROCESSABLE_ENTITY, why)
}

fn conflict(why: &str) -> Answer {
    Answer::error(StatusCode::CONFLICT, why)
}

/// Creates a deployment, whatever there is already.
pub(crate) fn create(call: &Call) -> Answer {
    created(call).unwrap_or_else(Answer::from)
}

fn created(call: &Call) -> Result<Answer, GitError> {
    let wish: Wish = match serde::Deserialize::deserialize(&call.body) {
        Ok(wish) => wish,
        Err(error) => return Ok(unprocessable(&format!("Invalid request: {error}"))),
    };
    let git = Git(&call.repository.path);
    let Some(sha) = git.resolve(&wish.reference)? else {
        let why = format!("No ref found for: {}", wish.reference);
        return Ok(unprocessable(&why));
    };
    let payload = wish.payload.unwrap_or_else(|| json!({}));
    if !(payload.is_object() || payload.is_string()) {
        return Ok(unprocessable("Invalid request: payload is no object"));
    }
    // By default, GitHub merges the default branch into a ref that is behind it; a commit cannot take that.
    if wish.auto_merge.unwrap_or(true)
        && let Some((main, _)) = git.reference("refs/heads/main")?
        && git.apart(&main, &sha)?.0 > 0
    {
        let why = format!("Conflict merging main into {}.", wish.reference);
        return Ok(conflict(&why));
    }
    let mut state = call.world.state();
    if !is_green(
        &state,
        call.repository.id,
        &sha,
        wish.required_contexts.as_deref(),
    ) {
        let why = format!(
            "Conflict: Commit status checks failed for {}.",
            wish.reference
        );
        return Ok(conflict(&why));
    }
    let environment = wish.environment.unwrap_or_else(|| "production".to_owned());
    let deployment = Deployment {
        repository: call.repository.id,
        id: 2_000 + u64::try_from(state.deployments.len()).unwrap_or(0),
        commit: sha,
        task: wish.task.unwrap_or_else(|| "deploy".to_owned()),
        payload,
        production: wish
            .production_environment
            .unwrap_or(environment == "production"),
        transient: wish.transient_environment.unwrap_or(false),
        environment,
        description: wish.description.unwrap_or_default(),
        asked: call.body.clone(),
        statuses: Vec::new(),
    };
    let shown = shape(call, &deployment);
    state.deployments.push(deployment);
    Ok(Answer::created(&shown))
}

/// Whether every context that is asked for is; without a list, every one that the commit has.
fn is_green(state: &State, repository: u64, sha: &str, contexts: Option<&[String]>) -> bool {
    let here = state
        .check_runs
        .iter()
        .filter(|run| run.repository == repository && run.commit == sha);
    // Of one name the newest counts.
    let newest: BTreeMap<&str, bool> = here
        .map(|run| {
            let name = run.shown["name"].as_str().unwrap_or_default();
            (name, run.shown["conclusion"] == "SUCCESS")
        })
        .collect();
    match contexts {
        None => newest.values().all(|good| *good),
        Some(names) => names
            .iter()
            .all(|name| newest.get(name.as_str()).copied().unwrap_or(false)),
    }
}

/// <https://docs.github.com/en/rest/deployments/deployments#list-deployments>
pub(crate) fn list(call: &Call) -> Answer {
    let state = call.world.state();
    let here = state.deployments.iter().rev().filter(|one| {
        let is = |name: &str, value: &str| call.query(name).is_none_or(|asked| asked == value);
        one.repository == call.repository.id
            && is("sha", &one.commit)
            && is("task", &one.task)
            && is("environment", &one.environment)
    });
    page(call, here.map(|one| shape(call, one)))
}

/// Gives a deployment another status.
pub(crate) fn create_status(call: &Call) -> Answer {
    let wish: StatusWish = match serde::Deserialize::deserialize(&call.body) {
        Ok(wish) => wish,
        Err(error) => return unprocessable(&format!("Invalid request: {error}")),
    };
    if !STATES.contains(&wish.state.as_str()) {
        return unprocessable("Validation Failed: state is not included in the list");
    }
    let description = wish.description.unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION {
        return unprocessable(
            "Validation Failed: description is too long (maximum is 140 characters)",
        );
    }
    let urls = [wish.log_url, wish.environment_url].map(Option::unwrap_or_default);
    let is_web =
        |url: &String| url.is_empty() || url.starts_with("https://") || url.starts_with("http://");
    if !urls.iter().all(is_web) {
        return unprocessable("Validation Failed: a URL must use http(s) scheme");
    }
    let [log_url, environment_url] = urls;
    let mut state = call.world.state();
    let Some(index) = found(&state, call) else {
        return Answer::not_found();
    };
    if wish.state == "success" && wish.auto_inactive.unwrap_or(true) {
        make_inactive(&mut state, index);
    }
    let deployment = &mut state.deployments[index];
    deployment.statuses.push(json!({
        "state": wish.state,
        "description": description,
        "log_url": log_url,
        "environment_url": environment_url,
    }));
    let number = deployment.statuses.len();
    Answer::created(&status_shape(call, deployment, number))
}

fn found(state: &State, call: &Call) -> Option<usize> {
    let id: u64 = call.part("deployment_id").parse().ok()?;
    let mut all = state.deployments.iter();
    all.position(|one| one.repository == call.repository.id && one.id == id)
}

/// What was a success in this environment before, and is neither transient nor of production.
fn make_inactive(state: &mut State, index: usize) {
    let (before, rest) = state.deployments.split_at_mut(index);
    let Some(now) = rest.first() else { return };
    let former = before.iter_mut().filter(|one| {
        one.repository == now.repository
            && one.environment == now.environment
            && !one.production
            && !one.transient
            && one
                .statuses
                .last()
                .is_some_and(|last| last["state"] == "success")
    });
    for one in former {
        let mut inactive = one.statuses.last().cloned().unwrap_or_default();
        inactive["state"] = "inactive".into();
        one.statuses.push(inactive);
    }
}

/// The newest first. <https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses>
pub(crate) fn statuses(call: &Call) -> Answer {
    let state = call.world.state();
    let Some(index) = found(&state, call) else {
        return Answer::not_found();
    };
    let deployment = &state.deployments[index];
    let numbers = (1..=deployment.statuses.len()).rev();
    page(
        call,
        numbers.map(|number| status_shape(call, deployment, number)),
    )
}

fn page(call: &Call, all: impl Iterator<Item = Value>) -> Answer {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(USUAL_PAGE).min(MAX_PAGE);
    let page = number("page").unwrap_or(1).max(1);
    let shown: Vec<Value> = all.skip((page - 1) * size).take(size).collect();
    Answer::json(&Value::from(shown))
}

fn shape(call: &Call, one: &Deployment) -> Value {
    let repository = shapes::base(&call.world.api, &call.repository);
    let url = format!("{repository}/deployments/{}", one.id);
    json!({
        "url": url,
        "id": one.id,
        "node_id": node_id(&format!("deployment {}", one.id)),
        "sha": one.commit,
        "ref": one.commit,
        "task": one.task,
        "payload": one.payload,
        "original_environment": one.environment,
        "environment": one.environment,
        "description": one.description,
        "creator": null,
        "created_at": THEN,
        "updated_at": THEN,
        "statuses_url": format!("{url}/statuses"),
        "repository_url": repository,
        "transient_environment": one.transient,
        "production_environment": one.production,
        "performed_via_github_app": null,
    })
}

/// The status of this number, from 1.
fn status_shape(call: &Call, one: &Deployment, number: usize) -> Value {
    let repository = shapes::base(&call.world.api, &call.repository);
    let url = format!("{repository}/deployments/{}", one.id);
    let status = &one.statuses[number - 1];
    json!({
        "url": format!("{url}/statuses/{number}"),
        "id": one.id * 1_000 + number as u64,
        "node_id": node_id(&format!("deployment status {} {number}", one.id)),
        "state": status["state"],
        "creator": null,
        "description": status["description"],
        "environment": one.environment,
        "target_url": status["log_url"],
        "log_url": status["log_url"],
        "environment_url": status["environment_url"],
        "created_at": THEN,
        "updated_at": THEN,
        "deployment_url": url,
        "repository_url": repository,
        "performed_via_github_app": null,
    })
}
