//! What GitHub refuses is refused here: forged and stale JWTs, foreign repositories, missing permissions, used-up quota.

use fake_github::{Route, Trouble};
use serde_json::json;

use super::{ID, jwt, scene};

#[test]
fn only_the_apps_own_fresh_jwt_is_let_in() {
    let scene = scene();
    let path = format!("/repositories/{ID}/installation");
    let status = |bearer: &str| scene.get(&path, &[("authorization", bearer)]).status;
    assert_eq!(status(&jwt(|_| ())), 200);
    let wrong = [
        jwt(|claims| claims["iss"] = json!("8")),
        jwt(|claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 120)),
        jwt(|claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() + 30)),
        jwt(|claims| claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 200)),
        jwt(|claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 200)),
        jwt(|_| ()).replace("eyJ", "eyI"),
        "Bearer x.y.z".to_owned(),
        "Bearer".to_owned(),
    ];
    for bearer in &wrong {
        assert_eq!(status(bearer), 401, "{bearer}");
    }
    assert_eq!(scene.get(&path, &[]).status, 401);
}

#[test]
fn a_token_opens_what_it_was_made_for() {
    let scene = scene();
    scene
        .bare
        .commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    scene.github.add(43, "acme/other", scene.bare.path());
    scene.github.add(44, "zeta/foreign", scene.bare.path());
    let token = scene.token(&json!({ "contents": "read" }));
    let status = |id: u64, path: &str, token: &str| {
        let path = format!("/repositories/{id}{path}");
        scene.get(&path, &[("authorization", token)]).status
    };
    assert_eq!(status(ID, "/git/ref/heads/main", &token), 200);
    assert_eq!(status(43, "/git/ref/heads/main", &token), 404);
    assert_eq!(status(ID, "", &token), 403);
    assert_eq!(status(ID, "/git/ref/heads/main", "Bearer ghs_x"), 401);
    let wish = |body| {
        let path = "/app/installations/9000/access_tokens";
        scene.post(path, &jwt(|_| ()), &body).status
    };
    assert_eq!(wish(json!({ "repository_ids": [44] })), 422);
    assert_eq!(wish(json!({ "permissions": { "contents": "write" } })), 422);
    scene.github.advance(3_601);
    assert_eq!(status(ID, "/git/ref/heads/main", &token), 401);
}

#[test]
fn a_former_name_has_moved_to_the_number() {
    let scene = scene();
    scene
        .bare
        .commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    scene.github.rename(ID, "acme/store");
    let token = scene.token(&json!({ "contents": "read" }));
    let moved = scene.get(
        "/repos/acme/shop/git/ref/heads/main",
        &[("authorization", &token)],
    );
    assert_eq!(moved.status, 301);
    let to = moved.header("location").unwrap();
    assert!(to.ends_with("/repositories/42/git/ref/heads/main"), "{to}");
    assert_eq!(scene.get(to, &[("authorization", &token)]).status, 200);
}

#[test]
fn an_unchanged_answer_costs_no_quota_and_a_used_up_one_is_refused() {
    let scene = scene();
    scene
        .bare
        .commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    let token = scene.token(&json!({ "contents": "read" }));
    let path = format!("/repositories/{ID}/git/ref/heads/main");
    let first = scene.get(&path, &[("authorization", &token)]);
    let etag = first.header("etag").unwrap();
    scene.github.leave_quota(0);
    let again = scene.get(&path, &[("authorization", &token), ("if-none-match", etag)]);
    assert_eq!((again.status, scene.github.quota_used()), (304, 1));
    let refused = scene.get(&path, &[("authorization", &token)]);
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert!(refused.header("x-ratelimit-reset").is_some());
    assert_eq!(scene.github.calls(Route::Reference), 3);
}

#[test]
fn an_archive_is_elsewhere_and_its_link_works_once() {
    let scene = scene();
    let commit = scene
        .bare
        .commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    let token = scene.token(&json!({ "contents": "read" }));
    let path = format!("/repositories/{ID}/zipball/{commit}");
    let moved = scene.get(&path, &[("authorization", &token)]);
    assert_eq!(moved.status, 302);
    let to = moved.header("location").unwrap();
    assert!(to.starts_with(scene.github.codeload()), "{to}");
    assert_eq!(scene.get(to, &[("authorization", &token)]).status, 400);
    assert_eq!(scene.github.leaks(), 1);
    let zip = scene.get(to, &[]);
    assert!(zip.status == 200 && zip.body.starts_with(b"PK"));
    assert_eq!(scene.get(to, &[]).status, 404);
}

#[test]
fn what_goes_wrong_can_be_asked_for_from_outside() {
    let scene = scene();
    let wish = json!({ "route": "reference", "trouble": { "status": 502 }, "times": 2 });
    assert_eq!(scene.post("/_fake/troubles", "none", &wish).status, 200);
    scene
        .github
        .trouble(Route::Reference, [Trouble::SecondaryLimit(Some(7))]);
    let path = format!("/repositories/{ID}/git/ref/heads/main");
    let statuses: Vec<u16> = (0..4).map(|_| scene.get(&path, &[]).status).collect();
    assert_eq!(statuses, [502, 502, 403, 401]);
    let counts = scene.get("/_fake/calls", &[]).json();
    assert_eq!(counts["calls"]["reference"], 4);
}

#[test]
fn graphql_takes_what_githubs_schema_describes_and_nothing_else() {
    let scene = scene();
    let commit = scene
        .bare
        .commit("refs/heads/main", "first", &[("a", Some("a"))])
        .unwrap();
    let token = scene.token(&json!({ "checks": "write", "metadata": "read" }));
    let repository = scene.get(&format!("/repositories/{ID}"), &[("authorization", &token)]);
    let node = repository.json()["node_id"].clone();
    let query =
        "mutation($i: CreateCheckRunInput!) { c: createCheckRun(input: $i) { checkRun { id } } }";
    let input = json!({ "repositoryId": node, "headSha": commit, "name": "slipway" });
    let ask = |token: &str, query: &str, input: &serde_json::Value| {
        let body = json!({ "query": query, "variables": { "i": input } });
        scene.post("/graphql", token, &body)
    };
    let made = ask(&token, query, &input).json();
    assert!(made["data"]["c"]["checkRun"]["id"].is_string(), "{made}");

    let wrong = [
        (query.replace("checkRun {", "run {"), input.clone()),
        (
            query.replace("createCheckRun", "deleteCheckRun"),
            input.clone(),
        ),
        (
            query.to_owned(),
            json!({ "repositoryId": node, "name": "slipway" }),
        ),
        (query.to_owned(), {
            let mut input = input.clone();
            input["status"] = "DONE".into();
            input
        }),
    ];
    for (query, input) in &wrong {
        let refused = ask(&token, query, input).json();
        assert!(refused["errors"][0]["message"].is_string(), "{refused}");
    }
    let mut long = input.clone();
    long["actions"] = json!([{ "label": "x".repeat(21), "description": "", "identifier": "x" }]);
    let refused = ask(&token, query, &long).json();
    assert_eq!(refused["errors"][0]["type"], "UNPROCESSABLE");
    let reads = scene.token(&json!({ "contents": "read" }));
    let refused = ask(&reads, query, &input).json();
    assert_eq!(refused["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(ask("Bearer x", query, &input).status, 401);
    assert_eq!(scene.github.check_runs(&commit).len(), 1);
}
