//! Every endpoint, by name and by number, answered as GitHub describes it.

use std::collections::BTreeSet;

use fake_github::{Pull, Role, operations};
use serde_json::json;

use super::{ID, Reply, Scene, jwt, scene};

fn read(scene: &Scene, path: &str) -> Reply {
    let token = scene.token(&json!({ "contents": "read", "metadata": "read", "checks": "write" }));
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
fn every_endpoint_is_answered_as_github_describes_it() {
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
    let check = |path: &str| {
        let reply = read(&scene, path);
        assert_eq!(reply.status, 200, "{path}");
        reply.json()
    };
    check("");
    check("/git/ref/heads/main");
    let tag = check("/git/ref/tags/v1");
    let sha = tag["object"]["sha"].as_str().unwrap();
    assert_eq!(
        check(&format!("/git/tags/{sha}"))["object"]["sha"],
        first.as_str()
    );
    check(&format!("/git/commits/{second}"));
    check(&format!("/git/trees/{second}?recursive=1"));
    check("/contents/c");
    check("/contents/dir");
    let compared = check(&format!("/compare/{first}...{second}"));
    assert_eq!(compared["files"][0]["previous_filename"], "a.txt");
    assert_eq!(compared["status"], "ahead");
    scene
        .github
        .moved(ID, "refs/heads/main", &first, &second, 60);
    let moves = check("/activity?time_period=day");
    assert_eq!(moves[0]["after"], second.as_str());
    shown(&scene, &second);
    said(&scene);
    deployed(&scene, &second);
    let asked = |path: &str| scene.get(path, &[("authorization", &jwt(|_| ()))]);
    registered(&scene);
    let app = asked("/repos/acme/shop/installation").json();
    assert_eq!(app["id"], 9_000);
    let token = scene.token(&json!({ "contents": "read" }));
    let archive = format!("/repositories/{ID}/zipball/{second}");
    assert_eq!(
        scene.get(&archive, &[("authorization", &token)]).status,
        302
    );
    scene
        .github
        .deliver("g1", "push", json!({ "ref": "refs/heads/main" }), 502, 60);
    let listed = asked("/app/hook/deliveries").json();
    let path = format!("/app/hook/deliveries/{}", listed[0]["id"]);
    assert_eq!(asked(&path).json()["guid"], "g1");
    assert_eq!(
        scene
            .post_nothing(&format!("{path}/attempts"), &jwt(|_| ()))
            .status,
        202
    );
    assert_eq!(read(&scene, "/git/ref/heads/none").status, 404);
    assert_eq!(scene.github.take_violations(), Vec::<String>::new());
    // None was left out.
    let well = |exchange: &String| {
        let (operation, status) = exchange.rsplit_once(' ')?;
        (status.starts_with('2') || status == "302").then(|| operation.to_owned())
    };
    let answered: BTreeSet<String> = scene.github.judged().iter().filter_map(well).collect();
    let all: BTreeSet<String> = operations().iter().map(ToString::to_string).collect();
    assert_eq!(answered, all);
}

/// A check run that has ended, with everything that it can say.
fn shown(scene: &Scene, commit: &str) {
    let token = scene.token(&json!({ "checks": "write", "metadata": "read" }));
    let bearer = [("authorization", token.as_str())];
    let repository = scene.get(&format!("/repositories/{ID}"), &bearer).json();
    let query =
        "mutation($i: CreateCheckRunInput!) { c: createCheckRun(input: $i) { checkRun { id } } }";
    let input = json!({
        "repositoryId": repository["node_id"], "headSha": commit, "name": "slipway",
        "externalId": "r1", "detailsUrl": "https://ci.example.org/runs/42/r1",
        "status": "COMPLETED", "conclusion": "SUCCESS",
        "startedAt": "2026-01-01T00:00:00Z", "completedAt": "2026-01-01T00:01:00Z",
        "output": { "title": "passed", "summary": "3 tests" },
    });
    let made = scene.post(
        "/graphql",
        &token,
        &json!({ "query": query, "variables": { "i": input } }),
    );
    assert!(made.json()["data"]["c"]["checkRun"]["id"].is_string());
    let listed = read(scene, &format!("/commits/{commit}/check-runs")).json();
    assert_eq!(listed["check_runs"][0]["conclusion"], "success");
}

/// The App itself, its webhook, where it is installed, and what branches require of it.
fn registered(scene: &Scene) {
    let asked = |path: &str| scene.get(path, &[("authorization", &jwt(|_| ()))]).json();
    assert_eq!(asked("/app")["slug"], "slipway");
    assert_eq!(asked("/app/hook/config")["content_type"], "json");
    let installed = asked("/app/installations");
    assert_eq!(installed.as_array().unwrap().len(), 1);
    assert_eq!(read(scene, "/branches/main").json()["name"], "main");
    let source = json!({ "context": "slipway", "integration_id": 7 });
    let rule = json!({
        "type": "required_status_checks", "ruleset_source_type": "Repository", "ruleset_source": "acme/shop", "ruleset_id": 1,
        "parameters": { "strict_required_status_checks_policy": false, "required_status_checks": [source] },
    });
    scene.github.rule(ID, json!([rule]));
    let rules = read(scene, "/rules/branches/main").json();
    assert_eq!(rules[0]["ruleset_id"], 1);
    an_app(scene);
}

/// An App is made of a manifest, once.
fn an_app(scene: &Scene) {
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
    let made = scene.send(&path, "");
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["owner"]["login"], "acme");
    assert_eq!(scene.send(&path, "").status, 404, "a code works once");
    let app = scene.get("/app", &[("authorization", &jwt(|_| ()))]).json();
    assert_eq!(app["permissions"], json!({ "checks": "write" }));
}

/// A pull request and who wrote it, and a comment below it from the first word to the reaction.
fn said(scene: &Scene) {
    scene.github.user(11, "ana");
    scene.github.admit(ID, 11, Some(Role::Write));
    scene.github.pull(Pull {
        repository: ID,
        number: 7,
        author: Some(11),
        head_branch: "fix".to_owned(),
        head: "a".repeat(40),
        head_repository: Some(99),
        base_branch: "main".to_owned(),
        base: "b".repeat(40),
        open: true,
    });
    let token = scene.token(&json!({ "metadata": "read", "pull_requests": "write" }));
    let bearer = [("authorization", token.as_str())];
    let of = |path: &str| format!("/repositories/{ID}{path}");
    for (path, status) in [
        ("/pulls/7", 200),
        ("/collaborators/ana", 204),
        ("/collaborators/ana/permission", 200),
        ("/collaborators/nobody", 404),
    ] {
        assert_eq!(scene.get(&of(path), &bearer).status, status, "{path}");
    }
    let body = json!({ "body": "It runs." });
    let thread = of("/issues/7/comments");
    let made = scene.post(&thread, &token, &body).json();
    assert_eq!(scene.get(&thread, &bearer).json()[0]["id"], made["id"]);
    let alone = of(&format!("/issues/comments/{}", made["id"]));
    assert_eq!(scene.get(&alone, &bearer).json()["body"], "It runs.");
    let path = of(&format!("/issues/comments/{}", made["id"]));
    assert_eq!(scene.patch(&path, &token, &body).status, 200);
    let thumb = json!({ "content": "+1" });
    let left = scene.post(&format!("{path}/reactions"), &token, &thumb);
    assert_eq!(left.status, 201);
}

/// A deployment with a status.
fn deployed(scene: &Scene, commit: &str) {
    let token = scene.token(&json!({ "deployments": "write" }));
    let bearer = [("authorization", token.as_str())];
    let all = format!("/repositories/{ID}/deployments");
    let wish = json!({ "ref": commit, "environment": "staging", "required_contexts": [] });
    let made = scene.post(&all, &token, &wish).json();
    assert_eq!(scene.get(&all, &bearer).json()[0]["id"], made["id"]);
    let statuses = format!("{all}/{}/statuses", made["id"]);
    let status = json!({ "state": "success" });
    assert_eq!(scene.post(&statuses, &token, &status).status, 201);
    let listed = scene.get(&statuses, &bearer).json();
    assert_eq!(listed[0]["state"], "success");
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
