//! Purpose: check runs: what GraphQL's mutations make of them, and the list of those of a commit.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::routes::Call;
use crate::shapes::{self, node_id};
use crate::world::{CheckRun, State};

/// What GitHub takes at most. <https://docs.github.com/en/rest/checks/runs#create-a-check-run>
const MAX_ANNOTATIONS: usize = 50;
const MAX_TEXT: usize = 65_535;
const MAX_ACTIONS: usize = 3;
const MAX_LABEL: usize = 20;
const MAX_DESCRIPTION: usize = 40;
/// Check runs on a page, if nothing is said.
const USUAL_PAGE: usize = 30;

/// Why a mutation is refused: GraphQL's type of error, and GitHub's words.
pub(crate) struct Refused(pub &'static str, pub String);

fn unprocessable(why: &str) -> Refused {
    Refused("UNPROCESSABLE", why.to_owned())
}

/// Creates a check run, whatever there is already.
pub(crate) fn create(state: &mut State, repository: u64, input: &Value) -> Result<String, Refused> {
    check(input)?;
    let id = 1_000 + u64::try_from(state.check_runs.len()).unwrap_or(0);
    let commit = input["headSha"].as_str().unwrap_or_default().to_owned();
    let mut run = CheckRun {
        repository,
        id,
        commit,
        shown: json!({ "status": "QUEUED" }),
        annotations: Vec::new(),
    };
    run.change(input);
    state.check_runs.push(run);
    Ok(node_of(id))
}

/// Changes a check run of this repository.
pub(crate) fn update(state: &mut State, repository: u64, input: &Value) -> Result<String, Refused> {
    check(input)?;
    let node = input["checkRunId"].as_str().unwrap_or_default();
    let mut runs = state.check_runs.iter_mut();
    let run = runs
        .find(|run| run.repository == repository && node_of(run.id) == node)
        .ok_or_else(|| {
            let why = format!("Could not resolve to a node with the global id of '{node}'");
            Refused("NOT_FOUND", why)
        })?;
    run.change(input);
    Ok(node.to_owned())
}

impl CheckRun {
    /// Fields that are given replace what there is; annotations are added.
    fn change(&mut self, input: &Value) {
        let given = input.as_object().into_iter().flatten();
        for (name, value) in given.filter(|(name, _)| *name != "headSha") {
            self.shown[name] = value.clone();
        }
        if input["status"] != "COMPLETED" {
            self.shown["conclusion"] = Value::Null;
        }
        let added = input["output"]["annotations"].as_array();
        self.annotations
            .extend(added.into_iter().flatten().cloned());
    }
}

fn node_of(id: u64) -> String {
    node_id(&format!("check run {id}"))
}

fn check(input: &Value) -> Result<(), Refused> {
    let long = |value: &Value, max: usize| {
        value
            .as_str()
            .is_some_and(|text| text.chars().count() > max)
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if (input["status"] == "COMPLETED") != input["conclusion"].is_string() {
        return Err(unprocessable(
            "A completed check run has a conclusion, and no other has",
        ));
    }
    let output = &input["output"];
    if list(&output["annotations"]).len() > MAX_ANNOTATIONS {
        return Err(unprocessable("Too many annotations"));
    }
    if long(&output["summary"], MAX_TEXT) || long(&output["text"], MAX_TEXT) {
        return Err(unprocessable("Only 65535 characters are allowed"));
    }
    let actions = list(&input["actions"]);
    let too_long = |action: &Value| {
        long(&action["label"], MAX_LABEL)
            || long(&action["identifier"], MAX_LABEL)
            || long(&action["description"], MAX_DESCRIPTION)
    };
    if actions.len() > MAX_ACTIONS || actions.iter().any(too_long) {
        return Err(unprocessable(
            "An action is too long, or there are too many",
        ));
    }
    Ok(())
}

/// <https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>
pub(crate) fn list(call: &Call) -> Answer {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let all = call.query("filter") == Some("all");
    let of_app = number("app_id").is_none_or(|app| app as u64 == call.world.app_id);
    let size = number("per_page").unwrap_or(USUAL_PAGE);
    if size > 100 {
        return Answer::error(StatusCode::UNPROCESSABLE_ENTITY, "per_page is at most 100");
    }
    let state = call.world.state();
    let here = |run: &&CheckRun| {
        of_app && run.repository == call.repository.id && run.commit == call.part("ref")
    };
    // The newest first; of one name the newest only, if not all are asked for.
    let mut runs: Vec<&CheckRun> = Vec::new();
    for run in state.check_runs.iter().rev().filter(here) {
        if all
            || runs
                .iter()
                .all(|newer| newer.shown["name"] != run.shown["name"])
        {
            runs.push(run);
        }
    }
    let url = shapes::base(&call.world.api, &call.repository);
    let page = number("page").unwrap_or(1).max(1);
    let app = shapes::app(&call.world.api, call.world.app_id, &state.app);
    let shown = runs.iter().skip((page - 1) * size).take(size);
    let shown: Vec<Value> = shown.map(|run| shape(&url, &app, run)).collect();
    Answer::json(&json!({ "total_count": runs.len(), "check_runs": shown }))
}

fn shape(url: &str, app: &Value, run: &CheckRun) -> Value {
    let at = format!("{url}/check-runs/{}", run.id);
    let lower = |name: &str| run.shown[name].as_str().map(str::to_ascii_lowercase);
    json!({
        "id": run.id,
        "node_id": node_of(run.id),
        "head_sha": run.commit,
        "external_id": run.shown["externalId"],
        "name": run.shown["name"],
        "url": at,
        "html_url": at,
        "details_url": run.shown["detailsUrl"],
        "status": lower("status"),
        "conclusion": lower("conclusion"),
        "started_at": run.shown["startedAt"],
        "completed_at": run.shown["completedAt"],
        "output": {
            "title": run.shown["output"]["title"],
            "summary": run.shown["output"]["summary"],
            "text": null,
            "annotations_count": run.annotations.len(),
            "annotations_url": format!("{at}/annotations"),
        },
        "check_suite": { "id": 1 },
        "app": app,
        "pull_requests": [],
    })
}
