//! Purpose: GraphQL: documents and variables are held to GitHub's own schema before anything is done.

use std::sync::{Arc, LazyLock};

use apollo_compiler::executable::{Field, Selection};
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::api::checks::{self, Refused};
use crate::auth;
use crate::git::Git;
use crate::routes::{meet, note};
use crate::shapes::node_id;
use crate::world::{Repository, Route, Token, Trouble, World};

/// Cut from @octokit/graphql-schema by `schemas/cut-graphql.mjs`.
const SCHEMA: &str = include_str!("../schemas/github.graphql");

static PARSED: LazyLock<Result<Valid<Schema>, String>> = LazyLock::new(|| {
    Schema::parse_and_validate(SCHEMA, "github.graphql").map_err(|error| error.to_string())
});

#[derive(Deserialize)]
struct Request {
    query: String,
    #[serde(default)]
    variables: JsonMap,
}

/// One field of a mutation, with its input.
struct Wish {
    alias: String,
    field: String,
    input: Value,
}

/// <https://docs.github.com/en/graphql/guides/forming-calls-with-graphql>
pub(crate) async fn answer(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let lost = match note(&world, Route::Graphql, &uri) {
        Some(Trouble::LostReply) => true,
        Some(trouble) => match meet(&world, &trouble).await {
            Some(answer) => return answer.into_response(),
            None => false,
        },
        None => false,
    };
    let token = match auth::token(&world, &headers) {
        Ok(token) => token,
        Err(answer) => return answer.into_response(),
    };
    {
        let mut state = world.state();
        if state.used >= state.quota {
            let errors = json!([{ "type": "RATE_LIMITED", "message": "API rate limit exceeded" }]);
            return Answer::json(&json!({ "errors": errors }))
                .with("x-ratelimit-remaining", "0")
                .with(
                    "x-ratelimit-reset",
                    &(state.now().as_second() + 3_600).to_string(),
                )
                .into_response();
        }
        state.used += 1;
    }
    let wishes = match read(&body) {
        Ok(wishes) => wishes,
        Err(why) => {
            let errors = json!([{ "message": why }]);
            return Answer::json(&json!({ "errors": errors })).into_response();
        }
    };
    let work = move || carry_out(&world, &token, &wishes);
    let answer = match tokio::task::spawn_blocking(work).await {
        Ok(_) if lost => Answer::error(StatusCode::BAD_GATEWAY, "The reply is lost, as asked for"),
        Ok(answer) => Answer::json(&answer),
        Err(error) => Answer::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    answer.into_response()
}

/// What a request asks for; why not, if it is not what the schema says.
fn read(body: &[u8]) -> Result<Vec<Wish>, String> {
    let schema = PARSED.as_ref().map_err(Clone::clone)?;
    let request: Request = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let document = ExecutableDocument::parse_and_validate(schema, request.query, "request")
        .map_err(|error| error.to_string())?;
    let operation = document
        .operations
        .get(None)
        .map_err(|_| "there is no operation".to_owned())?;
    let variables = coerce_variable_values(schema, operation, &request.variables)
        .map_err(|error| format!("{error:?}"))?;
    let variables = serde_json::to_value(&*variables).map_err(|error| error.to_string())?;
    let fields = operation.selection_set.selections.iter();
    fields
        .map(|selection| match selection {
            Selection::Field(field) => wish(field, &variables),
            _ => Err("only fields are answered here".to_owned()),
        })
        .collect()
}

fn wish(field: &Field, variables: &Value) -> Result<Wish, String> {
    let argument = field.arguments.iter().find(|one| one.name == "input");
    let input = argument
        .and_then(|argument| argument.value.as_variable())
        .map(|name| variables[name.as_str()].clone())
        .ok_or_else(|| "only variables are taken as input here".to_owned())?;
    Ok(Wish {
        alias: field.response_key().to_string(),
        field: field.name.to_string(),
        input,
    })
}

/// One mutation after another, as GraphQL says; those that are refused keep no other from being made.
fn carry_out(world: &World, token: &Token, wishes: &[Wish]) -> Value {
    let (mut data, mut errors) = (Map::new(), Vec::new());
    for Wish {
        alias,
        field,
        input,
    } in wishes
    {
        let done = repository(world, token, input).and_then(|repository| {
            let commit = input["headSha"].as_str();
            if let Some(sha) = commit.filter(|sha| !exists(&repository, sha)) {
                let why = format!("No commit found for SHA: {sha}");
                return Err(Refused("UNPROCESSABLE", why));
            }
            let mut state = world.state();
            match field.as_str() {
                "createCheckRun" => checks::create(&mut state, repository.id, input),
                _ => checks::update(&mut state, repository.id, input),
            }
        });
        match done {
            Ok(id) => {
                data.insert(alias.clone(), json!({ "checkRun": { "id": id } }));
            }
            Err(Refused(kind, message)) => {
                data.insert(alias.clone(), Value::Null);
                errors.push(json!({ "type": kind, "path": [alias], "message": message }));
            }
        }
    }
    match errors.is_empty() {
        true => json!({ "data": data }),
        false => json!({ "data": data, "errors": errors }),
    }
}

fn repository(world: &World, token: &Token, input: &Value) -> Result<Repository, Refused> {
    let node = input["repositoryId"].as_str().unwrap_or_default();
    let found = world
        .repository(|one| node_id(&one.id.to_string()) == node)
        .filter(|one| one.installed && token.repositories.contains(&one.id));
    let found = found.ok_or_else(|| {
        let why = format!("Could not resolve to a node with the global id of '{node}'");
        Refused("NOT_FOUND", why)
    })?;
    if token.permissions.get("checks").map(String::as_str) != Some("write") {
        let why = "Resource not accessible by integration".to_owned();
        return Err(Refused("FORBIDDEN", why));
    }
    Ok(found)
}

fn exists(repository: &Repository, sha: &str) -> bool {
    matches!(Git(&repository.path).kind(sha), Ok(Some(kind)) if kind == "commit")
}
