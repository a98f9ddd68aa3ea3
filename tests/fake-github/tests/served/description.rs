//! GitHub's own OpenAPI description: whose it is, and that nothing passes which is not as it says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fake_github::{DESCRIPTION, Operation, Route, Trouble, cut, operations};
use serde_json::{Value, json};
use testbed::or_skip;

use super::{ID, Scene, jwt, scene};

/// `GOLDEN=openapi cargo test -p fake-github` writes the part that is in use anew: after another version of the package, or
/// another endpoint.
#[test]
fn the_description_in_use_is_the_official_one() {
    let Some(official) = or_skip(testbed::github_description()) else {
        return;
    };
    let official = std::fs::read_to_string(official).unwrap();
    let part = cut(&serde_json::from_str(&official).unwrap(), &operations()).unwrap();
    if std::env::var("GOLDEN").is_ok_and(|v| v == "openapi") {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
        let text = serde_json::to_string_pretty(&part).unwrap();
        std::fs::write(file, format!("{text}\n")).unwrap();
        return;
    }
    let ours: Value = serde_json::from_str(DESCRIPTION).unwrap();
    assert!(
        ours == part,
        "schemas/openapi.json is not what the package says of our endpoints; GOLDEN=openapi writes it anew"
    );
}

#[test]
fn a_cut_has_what_the_operations_refer_to_and_nothing_else() {
    let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let whole = json!({
        "openapi": "3.0.3",
        "info": { "version": "1", "license": { "name": "MIT" }, "title": "t" },
        "paths": {
            "/a/{b}": {
                "get": {
                    "summary": "s", "x-github": {},
                    "parameters": [{ "$ref": "#/components/parameters/b" }],
                    "responses": { "200": { "description": "d", "content": { "application/json": { "schema": of("one") } } } },
                },
                "put": { "responses": { "200": { "content": { "application/json": { "schema": of("put") } } } } },
            },
            "/other": { "get": { "responses": {} } },
        },
        "components": {
            "parameters": { "b": { "name": "b", "in": "path", "x-multi-segment": true } },
            "schemas": {
                "one": { "type": "object", "title": "t", "properties": { "description": of("two"), "title": { "enum": ["title"] } } },
                "two": { "items": of("one") },
                "put": {},
            },
        },
    });
    let operation = |path: &str| Operation {
        method: "get".to_owned(),
        path: path.to_owned(),
    };
    let expected = json!({
        "openapi": "3.0.3",
        "info": { "version": "1", "license": { "name": "MIT" } },
        "paths": {
            "/a/{b}": {
                "get": {
                    "parameters": [{ "$ref": "#/components/parameters/b" }],
                    "responses": { "200": { "content": { "application/json": { "schema": of("one") } } } },
                },
            },
        },
        "components": {
            "parameters": { "b": { "name": "b", "in": "path", "x-multi-segment": true } },
            "schemas": {
                "one": { "type": "object", "properties": { "description": of("two"), "title": { "enum": ["title"] } } },
                "two": { "items": of("one") },
            },
        },
    });
    assert_eq!(cut(&whole, &[operation("/a/{b}")]), Ok(expected));
    assert!(cut(&whole, &[operation("/b")]).is_err());
    let broken = json!({ "paths": { "/b": { "get": of("gone") } } });
    assert!(cut(&broken, &[operation("/b")]).is_err());
}

/// A repository with a commit, and a token that reads it.
fn shop() -> (Scene, String) {
    let scene = scene();
    let files = [("a", Some("a"))];
    let commit = scene.bare.commit("refs/heads/main", "first", &files);
    commit.unwrap();
    let token = scene.token(&json!({ "contents": "read", "metadata": "read", "checks": "write" }));
    (scene, token)
}

/// The one violation that this leaves.
#[track_caller]
fn violation(scene: &Scene) -> String {
    let violations = scene.github.take_violations();
    assert_eq!(violations.len(), 1, "{violations:#?}");
    violations[0].clone()
}

#[test]
fn an_answer_that_is_not_as_described_is_noticed() {
    let (scene, token) = shop();
    let path = format!("/repositories/{ID}/git/ref/heads/main");
    let wrong = [
        ("/object/sha", json!(7)),
        ("/object", json!({ "type": "commit" })),
        ("/node_id", Value::Null),
        ("/url", json!("not a URL")),
    ];
    for (pointer, value) in wrong {
        scene.github.spoil(Route::Reference, pointer, value);
        let read = scene.get(&path, &[("authorization", &token)]);
        assert_eq!(read.status, 200);
        let violations = scene.github.take_violations();
        let of = format!("GET {path}: response 200: {pointer}");
        assert!(!violations.is_empty(), "{pointer}");
        assert!(
            violations.iter().all(|one| one.starts_with(&of)),
            "{violations:#?}"
        );
    }
}

#[test]
fn a_request_that_is_not_as_described_is_noticed() {
    let (scene, token) = shop();
    let bearer = [("authorization", token.as_str())];
    let of_checks = format!("/repositories/{ID}/commits/main/check-runs");
    let wrong = [
        (format!("{of_checks}?app=7"), "query app is not described"),
        (
            format!("{of_checks}?app_id=x"),
            "\"x\" is not of type \"integer\"",
        ),
        (format!("{of_checks}?filter=some"), "\"some\" is not one of"),
        (
            format!("/repositories/{ID}/branches"),
            "it is not described",
        ),
    ];
    for (path, what) in wrong {
        scene.get(&path, &bearer);
        let noticed = violation(&scene);
        assert!(noticed.contains(what), "{noticed}");
    }
    let tokens = "/app/installations/9000/access_tokens";
    let bodies = [
        (json!({ "repository_ids": ["42"] }), "/repository_ids/0"),
        (
            json!({ "permissions": { "contents": "all" } }),
            "/permissions/contents",
        ),
    ];
    for (body, place) in bodies {
        scene.post(tokens, &jwt(|_| ()), &body);
        let noticed = scene.github.take_violations().remove(0);
        assert!(
            noticed.starts_with(&format!("POST {tokens}: request: {place}")),
            "{noticed}"
        );
    }
    let again = "/app/hook/deliveries/1000/attempts";
    scene.github.deliver("g1", "push", json!({}), 502, 60);
    scene.post(again, &jwt(|_| ()), &json!({}));
    assert!(violation(&scene).ends_with("a body, and none is described"));
}

#[test]
fn what_a_test_makes_go_wrong_is_no_violation() {
    let (scene, token) = shop();
    let troubles = [
        Trouble::Status(502),
        Trouble::Status(418),
        Trouble::Body("{".to_owned()),
        Trouble::RateLimit(60),
    ];
    scene.github.trouble(Route::Reference, troubles);
    let path = format!("/repositories/{ID}/git/ref/heads/main");
    let statuses = [502, 418, 200, 403, 200];
    for status in statuses {
        let read = scene.get(&path, &[("authorization", &token)]);
        assert_eq!(read.status, status);
    }
    assert_eq!(scene.github.take_violations(), Vec::<String>::new());
}

#[test]
fn a_test_with_a_violation_fails() {
    let (scene, token) = shop();
    scene.get(
        &format!("/repositories/{ID}/nothing"),
        &[("authorization", &token)],
    );
    let ended = catch_unwind(AssertUnwindSafe(|| drop(scene)));
    let said = ended.unwrap_err().downcast::<String>().unwrap();
    assert!(said.starts_with("not as GitHub describes it"), "{said}");
}
