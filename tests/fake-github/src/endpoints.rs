//! Purpose: the table of the endpoints: the router is made of it, and so is the part of GitHub's description that they are
//! held to.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::routing::{MethodFilter, MethodRouter, get, post};

use crate::api::{
    activity, apps, branches, checks, compare, contents, deployments, objects, repository,
};
use crate::description::Operation;
use crate::judged::{Judge, judged};
use crate::routes::{Handler, Need, access_token, deliveries, delivery, redeliver, serve, unknown};
use crate::world::{Route, World};
use crate::{app_routes, control, conversations, graphql};

/// What the endpoints of a repository begin with, by name and by number.
const BY_NAME: &str = "/repos/{owner}/{repo}";
const BY_NUMBER: &str = "/repositories/{id}";

const CHECKS: Need = Need::Permission("checks");
const CONTENTS: Need = Need::Permission("contents");
const METADATA: Need = Need::Permission("metadata");

/// An endpoint of a repository: the method, the path, what counts call it, who may call it. The path is GitHub's below the
/// repository; a part that has slashes in it has a star.
pub(crate) type Entry = (&'static str, &'static str, Route, Need, Handler);

/// Files, commits, checks.
const ENDPOINTS: &[Entry] = &[
    ("get", "", Route::Repository, METADATA, repository::show),
    (
        "get",
        "/activity",
        Route::Activity,
        CONTENTS,
        activity::list,
    ),
    (
        "get",
        "/installation",
        Route::Installation,
        Need::App,
        apps::installation,
    ),
    (
        "get",
        "/git/ref/{*ref}",
        Route::Reference,
        CONTENTS,
        objects::reference,
    ),
    (
        "get",
        "/git/commits/{commit_sha}",
        Route::Commit,
        CONTENTS,
        objects::commit,
    ),
    (
        "get",
        "/git/tags/{tag_sha}",
        Route::Tag,
        CONTENTS,
        objects::tag,
    ),
    (
        "get",
        "/git/trees/{tree_sha}",
        Route::Tree,
        CONTENTS,
        objects::tree,
    ),
    (
        "get",
        "/commits/{ref}/check-runs",
        Route::CheckRuns,
        CHECKS,
        checks::list,
    ),
    (
        "get",
        "/contents/{*path}",
        Route::Contents,
        CONTENTS,
        contents::show,
    ),
    (
        "get",
        "/rules/branches/{*branch}",
        Route::Rules,
        METADATA,
        branches::rules,
    ),
    (
        "get",
        "/branches/{*branch}",
        Route::Branch,
        CONTENTS,
        branches::show,
    ),
    (
        "get",
        "/compare/{basehead}",
        Route::Compare,
        CONTENTS,
        compare::show,
    ),
    (
        "get",
        "/zipball/{*ref}",
        Route::Zipball,
        CONTENTS,
        repository::zipball,
    ),
];

/// One endpoint.
struct Endpoint {
    method: &'static str,
    path: String,
    route: Route,
    answering: MethodRouter<Arc<World>>,
}

impl Endpoint {
    /// What the description calls it.
    fn operation(&self) -> Operation {
        Operation {
            method: self.method.to_owned(),
            path: self.path.replace("{*", "{"),
        }
    }
}

/// All that GitHub describes and this one answers.
fn endpoints() -> Vec<Endpoint> {
    let tokens = "/app/installations/{installation_id}/access_tokens";
    let attempts = "/app/hook/deliveries/{delivery_id}/attempts";
    let own = [
        ("post", tokens, Route::AccessToken, post(access_token)),
        (
            "get",
            "/app/hook/deliveries",
            Route::Deliveries,
            get(deliveries),
        ),
        (
            "get",
            "/app/hook/deliveries/{delivery_id}",
            Route::Delivery,
            get(delivery),
        ),
        ("post", attempts, Route::Delivery, post(redeliver)),
    ];
    let own =
        own.into_iter()
            .chain(app_routes::endpoints())
            .map(|(method, path, route, answering)| Endpoint {
                method,
                path: path.to_owned(),
                route,
                answering,
            });
    let all = [ENDPOINTS, deployments::ENDPOINTS, conversations::ENDPOINTS];
    let of_repository = all.into_iter().flatten();
    let of_repository = of_repository.map(|(method, path, route, need, handler)| Endpoint {
        method,
        path: format!("{BY_NAME}{path}"),
        route: *route,
        answering: serve(filter(method), *route, *need, *handler),
    });
    own.chain(of_repository).collect()
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "patch" => MethodFilter::PATCH,
        "post" => MethodFilter::POST,
        _ => MethodFilter::GET,
    }
}

/// The operations of GitHub's description that are answered here, and by which every exchange is judged.
pub fn operations() -> Vec<Operation> {
    endpoints().iter().map(Endpoint::operation).collect()
}

/// All of it, and what somebody shows beside it. GraphQL has a schema of its own.
pub(crate) fn router(world: Arc<World>, beside: Beside) -> Router {
    let mut api = Router::new();
    for endpoint in endpoints() {
        let judge = Judge {
            world: Arc::clone(&world),
            route: endpoint.route,
            path: endpoint.operation().path,
        };
        let judged = from_fn_with_state(Arc::new(judge), judged);
        let answering = endpoint.answering.layer(judged);
        if let Some(rest) = endpoint.path.strip_prefix(BY_NAME) {
            api = api.route(&format!("{BY_NUMBER}{rest}"), answering.clone());
        }
        api = api.route(&endpoint.path, answering);
    }
    // A GitHub Enterprise Server has its API below its pages.
    Router::new()
        .nest("/api/v3", api.clone())
        .merge(api)
        .merge(app_routes::pages())
        .route("/graphql", post(graphql::answer))
        .route("/api/graphql", post(graphql::answer))
        .merge(match beside {
            Beside::Control => control::router(),
            Beside::Pages(pages) => pages.with_state(()),
        })
        .fallback(unknown)
        .layer(map_response_with_state(
            Arc::clone(&world),
            app_routes::clock,
        ))
        .with_state(world)
}

/// What is served beside GitHub's own.
pub(crate) enum Beside {
    /// What a test in another process needs.
    Control,
    /// Pages of whoever has started this GitHub.
    Pages(Router),
}
