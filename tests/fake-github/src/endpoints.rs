//! Purpose: the table of the endpoints: the router is made of it, and so is the part of GitHub's description that they are
//! held to.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use crate::api::{activity, apps, checks, compare, contents, objects, repository};
use crate::description::Operation;
use crate::judged::{Judge, judged};
use crate::routes::{Handler, Need, access_token, deliveries, delivery, read, redeliver, unknown};
use crate::world::{Route, World};
use crate::{control, graphql};

/// What the endpoints of a repository begin with, by name and by number.
const BY_NAME: &str = "/repos/{owner}/{repo}";
const BY_NUMBER: &str = "/repositories/{id}";

const CHECKS: Need = Need::Permission("checks");
const CONTENTS: Need = Need::Permission("contents");
const METADATA: Need = Need::Permission("metadata");

/// What is read of a repository. The path is GitHub's below the repository; a part that has slashes in it has a star.
const READS: &[(&str, Route, Need, Handler)] = &[
    ("", Route::Repository, METADATA, repository::show),
    ("/activity", Route::Activity, CONTENTS, activity::list),
    (
        "/installation",
        Route::Installation,
        Need::App,
        apps::installation,
    ),
    (
        "/git/ref/{*ref}",
        Route::Reference,
        CONTENTS,
        objects::reference,
    ),
    (
        "/git/commits/{commit_sha}",
        Route::Commit,
        CONTENTS,
        objects::commit,
    ),
    ("/git/tags/{tag_sha}", Route::Tag, CONTENTS, objects::tag),
    (
        "/git/trees/{tree_sha}",
        Route::Tree,
        CONTENTS,
        objects::tree,
    ),
    (
        "/commits/{ref}/check-runs",
        Route::CheckRuns,
        CHECKS,
        checks::list,
    ),
    (
        "/contents/{*path}",
        Route::Contents,
        CONTENTS,
        contents::show,
    ),
    (
        "/compare/{basehead}",
        Route::Compare,
        CONTENTS,
        compare::show,
    ),
    (
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
    let own = own
        .into_iter()
        .map(|(method, path, route, answering)| Endpoint {
            method,
            path: path.to_owned(),
            route,
            answering,
        });
    let reads = READS.iter().map(|(path, route, need, handler)| Endpoint {
        method: "get",
        path: format!("{BY_NAME}{path}"),
        route: *route,
        answering: read(*route, *need, *handler),
    });
    own.chain(reads).collect()
}

/// The operations of GitHub's description that are answered here, and by which every exchange is judged.
pub fn operations() -> Vec<Operation> {
    endpoints().iter().map(Endpoint::operation).collect()
}

/// All of it. GraphQL has a schema of its own.
pub(crate) fn router(world: Arc<World>) -> Router {
    let mut router = Router::new();
    for endpoint in endpoints() {
        let judge = Judge {
            world: Arc::clone(&world),
            route: endpoint.route,
            path: endpoint.operation().path,
        };
        let judged = from_fn_with_state(Arc::new(judge), judged);
        let answering = endpoint.answering.layer(judged);
        if let Some(rest) = endpoint.path.strip_prefix(BY_NAME) {
            router = router.route(&format!("{BY_NUMBER}{rest}"), answering.clone());
        }
        router = router.route(&endpoint.path, answering);
    }
    router
        .route("/graphql", post(graphql::answer))
        .merge(control::router())
        .fallback(unknown)
        .with_state(world)
}
