//! Every answer, by name and by number, against the schema that GitHub publishes for it.

use serde_json::{Value, json};

use super::{ID, Reply, Scene, jwt, scene};

/// Cut from @octokit/openapi by `schemas/cut.mjs`.
const SCHEMAS: &str = include_str!("../../schemas/github.json");

pub fn holds(name: &str, value: &Value) {
    holds_of(SCHEMAS, name, value);
}

pub fn holds_of(schemas: &str, name: &str, value: &Value) {
    let mut schema: Value = serde_json::from_str(schemas).unwrap();
    schema["$ref"] = format!("#/definitions/{name}").into();
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

fn read(scene: &Scene, path: &str) -> Reply {
    let token = scene.token(&json!({ "contents": "read", "metadata": "read" }));
    let by_name = scene.get(
        &format!("/repos/acme/shop{path}"),
        &[("authorization", &token)],
    );
    let by_number = scene.get(
        &format!("/repositories/{ID}{path}"),
        &[("authorization", &token)],
    );
    assert_eq!(by_name.status, by_number.status);
    assert_eq!(by_name.body, by_number.body);
    by_number
}

#[test]
fn every_answer_is_what_github_describes() {
    let scene = scene();
    let first = scene
        .bare
        .commit(
            "refs/heads/main",
            "first",
            &[("a.txt", Some("a\n")), ("dir/b", Some("b\n"))],
        )
        .unwrap();
    let second = scene
        .bare
        .commit(
            "refs/heads/main",
            "second",
            &[("a.txt", None), ("c", Some("a\n"))],
        )
        .unwrap();
    scene.bare.tag("v1", &first).unwrap();
    let check = |name: &str, path: &str| {
        let reply = read(&scene, path);
        assert_eq!(reply.status, 200, "{path}");
        holds(name, &reply.json());
        reply.json()
    };
    check("full-repository", "");
    check("git-ref", "/git/ref/heads/main");
    let tag = check("git-ref", "/git/ref/tags/v1");
    let tag = check(
        "git-tag",
        &format!("/git/tags/{}", tag["object"]["sha"].as_str().unwrap()),
    );
    assert_eq!(tag["object"]["sha"], first.as_str());
    check("git-commit", &format!("/git/commits/{second}"));
    check("git-tree", &format!("/git/trees/{second}?recursive=1"));
    let compared = check("commit-comparison", &format!("/compare/{first}...{second}"));
    assert_eq!(compared["files"][0]["previous_filename"], "a.txt");
    assert_eq!(compared["status"], "ahead");
    let app = scene.get(
        "/repos/acme/shop/installation",
        &[("authorization", &jwt(|_| ()))],
    );
    holds("installation", &app.json());
    let wish = json!({ "repository_ids": [ID], "permissions": { "contents": "read", "metadata": "read" } });
    holds("access-token-request", &wish);
    let path = format!(
        "/app/installations/{}/access_tokens",
        app.json()["id"].as_u64().unwrap()
    );
    holds(
        "installation-token",
        &scene.post(&path, &jwt(|_| ()), &wish).json(),
    );
    scene
        .github
        .deliver("g1", "push", json!({ "ref": "refs/heads/main" }), 502, 60);
    let asked = |path: &str| scene.get(path, &[("authorization", &jwt(|_| ()))]);
    let listed = asked("/app/hook/deliveries").json();
    holds("hook-delivery-item", &listed[0]);
    let path = format!("/app/hook/deliveries/{}", listed[0]["id"]);
    holds("hook-delivery", &asked(&path).json());
    holds("integration", &asked("/app").json());
    holds("webhook-config", &asked("/app/hook/config").json());
    let installed = asked("/app/installations").json();
    assert_eq!(installed.as_array().unwrap().len(), 1);
    holds("installation", &installed[0]);
    check("branch-with-protection", "/branches/main");
    let source = json!({ "context": "slipway", "integration_id": 7 });
    let rule = json!({
        "type": "required_status_checks", "ruleset_source_type": "Repository", "ruleset_source": "acme/shop", "ruleset_id": 1,
        "parameters": { "strict_required_status_checks_policy": false, "required_status_checks": [source] },
    });
    scene.github.rule(ID, json!([rule]));
    let rules = read(&scene, "/rules/branches/main").json();
    holds("repository-rule-detailed", &rules[0]);
    let missing = read(&scene, "/git/ref/heads/none");
    assert_eq!(missing.status, 404);
    holds("basic-error", &missing.json());
}

#[test]
fn an_app_is_made_of_a_manifest_once() {
    let scene = scene();
    let manifest = json!({
        "name": "Slipway-Acme", "redirect_url": "http://127.0.0.1:1/back", "hook_attributes": { "url": "https://ci.example.org/webhook" },
        "default_permissions": { "checks": "write" }, "default_events": ["push"],
    });
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("manifest", &manifest.to_string())
        .finish();
    let path = "/organizations/acme/settings/apps/new?state=s1";
    let sent = scene.send(path, &form);
    assert_eq!(sent.status, 302);
    let place = sent.header("location").unwrap();
    let code = place.strip_prefix("http://127.0.0.1:1/back?code=").unwrap();
    let code = code.strip_suffix("&state=s1").unwrap();
    let path = format!("/api/v3/app-manifests/{code}/conversions");
    let made = scene.send(&path, "{}");
    assert_eq!(made.status, 201);
    holds("app-of-manifest", &made.json());
    assert_eq!(made.json()["owner"]["login"], "acme");
    assert_eq!(scene.send(&path, "{}").status, 404, "a code works once");
    let app = scene.get("/app", &[("authorization", &jwt(|_| ()))]).json();
    assert_eq!(app["permissions"], json!({ "checks": "write" }));
}

#[test]
#[should_panic(expected = "node_id")]
fn a_field_that_is_missing_is_noticed() {
    holds(
        "git-ref",
        &json!({ "ref": "refs/heads/main", "url": "https://x", "object": {} }),
    );
}

#[test]
fn files_are_handed_out_raw_and_folders_are_listed() {
    let scene = scene();
    let commit = scene
        .bare
        .commit("refs/heads/main", "first", &[("dir/b c#", Some("b\n"))])
        .unwrap();
    let token = scene.token(&json!({ "contents": "read" }));
    let raw = [
        ("authorization", token.as_str()),
        ("accept", "application/vnd.github.raw+json"),
    ];
    let file = scene.get(
        &format!("/repositories/{ID}/contents/dir/b%20c%23?ref={commit}"),
        &raw,
    );
    assert_eq!(file.body, b"b\n");
    assert!(
        file.header("content-type")
            .unwrap()
            .starts_with("application/vnd.github.raw")
    );
    let folder = scene.get(
        &format!("/repositories/{ID}/contents/dir?ref={commit}"),
        &raw,
    );
    assert_eq!(folder.json()[0]["type"], "file");
    assert!(
        folder
            .header("content-type")
            .unwrap()
            .starts_with("application/json")
    );
}

#[test]
fn a_comparison_has_githubs_limits_and_pages() {
    let scene = scene();
    let first = scene
        .bare
        .commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    let last = scene.bare.commits("refs/heads/main", &first, 310).unwrap();
    let whole = read(&scene, &format!("/compare/{first}...{last}"));
    let json = whole.json();
    assert_eq!(json["total_commits"], 310);
    assert_eq!(json["commits"].as_array().unwrap().len(), 250);
    assert_eq!(json["commits"][249]["sha"], last.as_str());
    assert_eq!(json["files"].as_array().unwrap().len(), 300);
    assert_eq!(whole.header("link"), None);
    let page = read(
        &scene,
        &format!("/compare/{first}...{last}?per_page=100&page=4"),
    );
    assert_eq!(page.json()["commits"].as_array().unwrap().len(), 10);
    assert_eq!(page.json()["files"].as_array().unwrap().len(), 0);
    let link = page.header("link").unwrap();
    assert!(
        link.contains("page=3>; rel=\"prev\"") && !link.contains("rel=\"next\""),
        "{link}"
    );
}
