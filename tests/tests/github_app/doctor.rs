//! What `slipway doctor` finds of an App and its installations: one defect at a time.

use std::os::unix::fs::PermissionsExt as _;

use fake_github::{Route, TEST_KEY, Trouble};
use serde_json::{Value, json};

use super::world::{SHOP, URL, World, canary};

pub fn permissions() -> Value {
    json!({
        "checks": "write", "contents": "read", "deployments": "write", "issues": "write",
        "merge_queues": "read", "metadata": "read", "pull_requests": "write",
    })
}

pub fn events() -> Value {
    json!([
        "push",
        "pull_request",
        "issue_comment",
        "check_run",
        "check_suite",
        "merge_group",
        "repository",
    ])
}

pub fn hook() -> Value {
    json!({ "url": format!("{URL}/webhook"), "content_type": "json", "insecure_ssl": "0" })
}

pub fn rule(source: Value) -> Value {
    let mut check = json!({ "context": "slipway" });
    if !source.is_null() {
        check["integration_id"] = source;
    }
    let checks =
        json!({ "strict_required_status_checks_policy": false, "required_status_checks": [check] });
    json!([{ "type": "required_status_checks", "parameters": checks }])
}

/// A machine with an App that lacks nothing.
pub fn whole() -> World {
    let world = World::new();
    let data = world.home.data();
    std::fs::create_dir_all(data.join("keys")).unwrap();
    let app = json!({
        "id": 7, "slug": "slipway", "owner": "acme", "api": world.github.api(), "webhook": format!("{URL}/webhook"),
    });
    std::fs::write(data.join("github.json"), app.to_string()).unwrap();
    let key = data.join("keys/github-app.pem");
    std::fs::write(&key, TEST_KEY).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let path = world.bare.path().display().to_string();
    let id = SHOP.to_string();
    let words = [
        "repo",
        "add",
        &path,
        "--name",
        "acme/shop",
        "--github-id",
        &id,
    ];
    world.home.slipway(&words).expect(0);
    world.github.register(permissions(), events(), hook());
    world.github.rule(SHOP, rule(json!(7)));
    world
}

/// All checks; exit status and `healthy` say the same.
fn doctor(world: &World) -> Vec<Value> {
    let said = world.home.slipway(&["--json", "doctor", "--port", "0"]);
    for sink in [&said.out, &said.err] {
        assert!(!sink.contains(canary()), "{sink}");
    }
    let answer = said.json();
    let healthy = said.code == Some(0);
    assert_eq!(answer["healthy"], healthy, "{answer:#}");
    let checks = answer["checks"].as_array().unwrap();
    let missing = checks.iter().any(|check| check["health"] == "missing");
    assert_eq!(missing, !healthy, "{answer:#}");
    checks.clone()
}

/// Whatever is not well of the App.
pub fn defects(world: &World) -> Vec<Value> {
    let ours = |check: &Value| {
        let names = ["people", "machine", "port"];
        check["health"] != "ok" && !names.iter().any(|name| check["name"] == *name)
    };
    doctor(world).into_iter().filter(ours).collect()
}

/// There is one defect: of this name and health, found in these words, with a way to mend it.
#[track_caller]
pub fn only(world: &World, name: &str, health: &str, wanted: &str, help: &str) {
    let found = defects(world);
    assert_eq!(found.len(), 1, "{found:#?}");
    let one = &found[0];
    assert_eq!(
        (&one["name"], &one["health"]),
        (&json!(name), &json!(health)),
        "{one}"
    );
    assert!(one["found"].as_str().unwrap().contains(wanted), "{one}");
    assert!(one["help"].as_str().unwrap().contains(help), "{one}");
}

#[test]
fn a_machine_whose_app_fits_lacks_nothing() {
    let world = whole();
    let checks = doctor(&world);
    for name in [
        "app",
        "app clock",
        "app grants",
        "installation",
        "webhook",
        "deliveries",
        "repository",
        "budget",
    ] {
        let one = checks.iter().find(|check| check["name"] == name);
        assert_eq!(one.unwrap()["health"], "ok", "{checks:#?}");
    }
    let said = world.home.slipway(&["doctor", "--port", "0"]).expect(0);
    let wanted = "acme/shop: main requires `slipway` of this App";
    assert!(said.out.contains(wanted), "{}", said.out);
}

#[test]
fn a_machine_without_an_app_is_asked_nothing_about_it() {
    let world = World::new();
    let checks = doctor(&world);
    assert!(
        checks.iter().all(|check| check["name"] != "app"),
        "{checks:#?}"
    );
    assert_eq!(world.github.all_calls(), 0);
}

#[test]
fn defect_clocks_that_differ() {
    let world = whole();
    world.github.advance(45);
    only(&world, "app clock", "warn", "behind GitHub's", "NTP");
    world.github.advance(45);
    only(&world, "app clock", "missing", "GitHub refuses", "NTP");
    let world = whole();
    world.github.advance(-90);
    let found = defects(&world);
    let names: Vec<_> = found
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["app clock", "app"], "{found:#?}");
    assert!(
        found[0]["found"]
            .as_str()
            .unwrap()
            .contains("ahead of GitHub's"),
        "{found:#?}"
    );
    assert_eq!(found[1]["help"], "set the clock first");
}

#[test]
fn defect_a_key_or_a_number_that_github_does_not_take() {
    let world = whole();
    let file = world.home.data().join("github.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"id\":7", "\"id\":8")).unwrap();
    only(&world, "app", "missing", "401", "make a new key");
    let world = whole();
    let key = world.home.data().join("keys/github-app.pem");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&key, open).unwrap();
    only(&world, "app", "missing", "chmod 600", "restore it");
    std::fs::remove_file(&key).unwrap();
    only(&world, "app", "missing", "is missing", "restore it");
}

#[test]
fn defect_github_that_does_not_answer() {
    let world = whole();
    world.github.trouble(Route::App, [Trouble::Status(503)]);
    only(&world, "app", "missing", "503", "");
}

#[test]
fn defect_a_grant_that_is_less_or_more() {
    let world = whole();
    let mut less = permissions();
    less["checks"] = json!("read");
    world.github.register(less, events(), hook());
    world.github.install_with(permissions(), events());
    only(
        &world,
        "app grants",
        "missing",
        "checks: write was asked for, read was granted",
        "docs/github.md",
    );
    let mut more = permissions();
    more["administration"] = json!("write");
    world.github.register(more, events(), hook());
    only(
        &world,
        "app grants",
        "missing",
        "administration: write was granted",
        "settings",
    );
    world
        .github
        .register(permissions(), json!(["push"]), hook());
    only(
        &world,
        "app grants",
        "missing",
        "the event pull_request is not delivered",
        "events",
    );
}

#[test]
fn defect_an_installation_that_has_not_accepted() {
    let world = whole();
    let mut less = permissions();
    less.as_object_mut().unwrap().remove("issues");
    world.github.install_with(less, events());
    only(
        &world,
        "installation",
        "missing",
        "for acme it differs: issues",
        "accepts",
    );
}

#[test]
fn defect_an_installation_that_is_suspended() {
    let world = whole();
    world.github.suspend(true);
    only(
        &world,
        "installation",
        "missing",
        "suspended for acme",
        "acme ends that",
    );
}

#[test]
fn defect_an_app_that_is_installed_nowhere() {
    let world = whole();
    world.github.uninstall(SHOP);
    let found = defects(&world);
    let said: Vec<_> = found
        .iter()
        .map(|one| one["found"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        [
            "the App is installed nowhere",
            "the App is not installed on acme/shop"
        ]
    );
    assert!(
        found[0]["help"]
            .as_str()
            .unwrap()
            .contains("/apps/slipway/installations/new")
    );
}

#[test]
fn defect_a_repository_without_the_app() {
    let world = whole();
    world.github.add(43, "acme/other", world.bare.path());
    world.github.uninstall(SHOP);
    only(
        &world,
        "repository",
        "missing",
        "not installed on acme/shop",
        "install it there",
    );
}
