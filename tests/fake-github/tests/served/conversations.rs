//! People, pull requests, comments: in GitHub's shapes, with GitHub's permissions, and what a test in another process says.

use fake_github::{FakeGitHub, Pull, Role};
use serde_json::{Value, json};

use super::{ID, Reply, Scene, scene};

/// Cut from @octokit/openapi-webhooks by `schemas/cut.mjs`.
const WEBHOOKS: &str = include_str!("../../schemas/webhooks.json");

fn holds(name: &str, value: &Value) {
    let mut schema: Value = serde_json::from_str(WEBHOOKS).unwrap();
    // Draft 7 ignores what stands beside a reference, so it is wrapped.
    let definitions = schema["definitions"].take();
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "allOf": [{ "$ref": format!("#/definitions/{name}") }],
        "definitions": definitions,
    });
    let validator = jsonschema::validator_for(&whole).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

fn pull() -> Pull {
    Pull {
        repository: ID,
        number: 7,
        author: Some(11),
        head_branch: "fix".to_owned(),
        head: "a".repeat(40),
        head_repository: Some(99),
        base_branch: "main".to_owned(),
        base: "b".repeat(40),
        open: true,
    }
}

/// A pull request, 7, and an issue, 8.
fn shop() -> Scene {
    let scene = scene();
    scene.github.user(11, "ana");
    scene.github.user(12, "Bob-B");
    scene.github.admit(ID, 12, Some(Role::Maintain));
    scene.github.pull(pull());
    scene.github.issue(ID, 8, 12);
    scene
}

fn send(scene: &Scene, method: &str, path: &str, token: &str, body: &Value) -> Reply {
    let path = format!("/repositories/{ID}{path}");
    match method {
        "GET" => scene.get(&path, &[("authorization", token)]),
        "PATCH" => scene.patch(&path, token, body),
        _ => scene.post(&path, token, body),
    }
}

#[test]
fn what_is_said_and_by_whom_is_what_github_describes() {
    let scene = shop();
    let token = json!({ "issues": "write", "metadata": "read", "pull_requests": "write" });
    let token = scene.token(&token);
    let get = |path: &str| send(&scene, "GET", path, &token, &Value::Null);
    let standing = get("/collaborators/bob-b/permission").json();
    assert_eq!(standing["permission"], "write");
    assert_eq!(standing["role_name"], "maintain");
    let admitted = get("/collaborators/Bob-B");
    assert_eq!((admitted.status, admitted.body.len()), (204, 0));
    assert_eq!(get("/collaborators/ana").status, 404);
    assert_eq!(get("/collaborators/nobody/permission").status, 404);

    for thread in [7, 8] {
        let payload = scene.github.comment(ID, thread, 11, "/retry");
        holds("webhook-issue-comment-created", &payload);
        assert_eq!(payload["issue"]["pull_request"].is_object(), thread == 7);
        let path = format!("/issues/{thread}/comments");
        let body = json!({ "body": "It runs." });
        let made = send(&scene, "POST", &path, &token, &body);
        assert_eq!(made.status, 201);
        let path = format!("/issues/comments/{}", made.json()["id"]);
        let changed = send(
            &scene,
            "PATCH",
            &path,
            &token,
            &json!({ "body": "It ran." }),
        );
        assert_eq!(changed.status, 200);
        let path = format!("/issues/comments/{}/reactions", payload["comment"]["id"]);
        for expected in [201, 200] {
            let body = json!({ "content": "+1" });
            let reaction = send(&scene, "POST", &path, &token, &body);
            assert_eq!(reaction.status, expected);
        }
    }
    let said = scene.github.comments(ID, 7);
    let said: Vec<_> = said.iter().map(|one| (one.author, &*one.body)).collect();
    assert_eq!(said, [(11, "/retry"), (FakeGitHub::bot(7), "It ran.")]);
}

#[test]
fn what_a_token_may_not_do_is_refused() {
    let scene = shop();
    let comment = scene.github.comment(ID, 7, 11, "/retry")["comment"]["id"].clone();
    let one = format!("/issues/comments/{comment}");
    let reactions = format!("{one}/reactions");
    let (text, thumb) = (json!({ "body": "text" }), json!({ "content": "+1" }));
    let calls = [
        ("GET", "/pulls/7", &text),
        ("GET", "/issues/7/comments", &text),
        ("POST", "/issues/7/comments", &text),
        ("PATCH", one.as_str(), &text),
        ("POST", reactions.as_str(), &thumb),
        ("GET", "/issues/8/comments", &text),
        ("POST", "/issues/8/comments", &text),
    ];
    let statuses = |permissions: Value| {
        let token = scene.token(&permissions);
        let status = |(method, path, body): &(&str, &str, &Value)| {
            send(&scene, method, path, &token, body).status
        };
        calls.iter().map(status).collect::<Vec<u16>>()
    };
    let reads = json!({ "metadata": "read", "pull_requests": "read" });
    assert_eq!(statuses(reads), [200, 200, 403, 403, 403, 403, 403]);
    let pulls = json!({ "metadata": "read", "pull_requests": "write" });
    assert_eq!(statuses(pulls), [200, 200, 201, 200, 201, 403, 403]);
    let issues = json!({ "metadata": "read", "issues": "write" });
    assert_eq!(statuses(issues), [403, 403, 403, 403, 403, 200, 201]);

    let token = scene.token(&json!({ "metadata": "read", "pull_requests": "write" }));
    let status = |method, path: &str, body| send(&scene, method, path, &token, &body).status;
    assert_eq!(status("POST", "/issues/7/comments", json!({})), 422);
    let long = "x".repeat(65_537);
    assert_eq!(
        status("POST", "/issues/7/comments", json!({ "body": long })),
        422
    );
    assert_eq!(status("POST", &reactions, json!({ "content": "boo" })), 422);
    let violations = scene.github.take_violations();
    assert_eq!(violations.len(), 2, "{violations:#?}");
    assert!(violations[0].contains("\"body\" is a required"));
    assert!(violations[1].contains("/content"));
    assert_eq!(status("POST", "/issues/9/comments", text.clone()), 404);
    assert_eq!(status("PATCH", "/issues/comments/1", text.clone()), 404);
    scene.github.withdraw("pull_requests");
    assert_eq!(status("POST", "/issues/7/comments", text), 403);
}

#[test]
fn comments_come_in_pages_and_a_deleted_one_is_gone() {
    let scene = shop();
    for number in 0..103 {
        scene.github.comment(ID, 8, 11, &number.to_string());
    }
    let first = scene.github.comments(ID, 8)[0].id;
    scene.github.delete_comment(first);
    let token = scene.token(&json!({ "metadata": "read", "issues": "read" }));
    let page = |query: &str| {
        let path = format!("/issues/8/comments?{query}");
        let reply = send(&scene, "GET", &path, &token, &Value::Null);
        let more = reply.header("link").is_some();
        let bodies = reply.json().as_array().unwrap().clone();
        (bodies.len(), bodies[0]["body"].clone(), more)
    };
    assert_eq!(page("per_page=100&page=1"), (100, json!("1"), true));
    assert_eq!(page("per_page=100&page=2"), (2, json!("101"), false));
    assert_eq!(page(""), (30, json!("1"), true));
}

#[test]
fn another_process_can_say_what_people_do() {
    let scene = scene();
    let act = |path: &str, body: &Value| {
        let reply = scene.post(&format!("/_fake/{path}"), "none", body);
        assert_eq!(reply.status, 200, "{path}");
        reply.json()
    };
    act("users", &json!({ "id": 11, "login": "ana" }));
    act("visibility", &json!({ "repository": ID, "public": true }));
    act(
        "roles",
        &json!({ "repository": ID, "user": 11, "role": "triage" }),
    );
    act("pulls", &json!(pull()));
    act(
        "issues",
        &json!({ "repository": ID, "number": 8, "author": 11 }),
    );
    let said = json!({ "repository": ID, "thread": 7, "author": 11, "body": "/help" });
    let payload = act("comments", &said);
    assert_eq!(payload["sender"]["login"], "ana");
    act("comments", &said);
    let path = format!("/_fake/comments?repository={ID}&thread=7");
    let listed = scene.get(&path, &[]).json();
    assert_eq!(listed[0]["id"], payload["comment"]["id"]);
    let ids: Vec<_> = listed.as_array().unwrap().iter().collect();
    assert_eq!(ids.len(), 2);
    let gone = format!("/_fake/comments/{}", listed[0]["id"]);
    assert_eq!(scene.delete(&gone).status, 200);
    let left = scene.get(&path, &[]).json();
    assert_eq!(left, json!([listed[1]]));

    let token = scene.token(&json!({ "metadata": "read" }));
    let standing = |login: &str| {
        let path = format!("/collaborators/{login}/permission");
        send(&scene, "GET", &path, &token, &Value::Null).json()["role_name"].clone()
    };
    assert_eq!(standing("ana"), "triage");
    act(
        "roles",
        &json!({ "repository": ID, "user": 11, "role": null }),
    );
    assert_eq!(standing("ana"), "read");
    act("visibility", &json!({ "repository": ID, "public": false }));
    assert_eq!(standing("ana"), "none");
    let wrong = scene.post("/_fake/roles", "none", &json!({ "role": "owner" }));
    assert_eq!(wrong.status, 400);
}
