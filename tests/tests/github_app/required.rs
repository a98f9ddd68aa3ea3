//! What `slipway doctor` finds of webhooks and required checks: one defect at a time.

use fake_github::{Route, Trouble};
use serde_json::{Value, json};

use super::doctor::{defects, events, hook, only, permissions, rule, whole};
use super::world::SHOP;

#[test]
fn defect_a_webhook_that_goes_elsewhere_or_is_not_safe() {
    let world = whole();
    let change = |name: &str, value: &str| {
        let mut other = hook();
        other[name] = json!(value);
        world.github.register(permissions(), events(), other);
    };
    change("url", "https://old.example.org/webhook");
    only(
        &world,
        "webhook",
        "missing",
        "should go to https://ci.example.org/webhook",
        "webhook URL",
    );
    change("content_type", "form");
    only(
        &world,
        "webhook",
        "missing",
        "content type is form",
        "application/json",
    );
    change("insecure_ssl", "1");
    only(
        &world,
        "webhook",
        "missing",
        "certificate",
        "SSL verification",
    );
    world.github.register(permissions(), events(), json!({}));
    only(&world, "webhook", "missing", "has none", "switch it on");
}

#[test]
fn defect_deliveries_that_do_not_arrive() {
    let world = whole();
    let deliver = |guid: &str, status: u16, ago: i64| {
        world.github.deliver(guid, "push", json!({}), status, ago);
    };
    // Older than a day, and one that arrived at its second attempt.
    deliver("old", 502, 100_000);
    deliver("late", 502, 300);
    deliver("late", 202, 200);
    assert_eq!(defects(&world), Vec::<Value>::new());
    deliver("lost", 0, 100);
    only(
        &world,
        "deliveries",
        "warn",
        "1 of 2 deliveries",
        "redeliver",
    );
    let world = whole();
    world.github.deliver("lost", "push", json!({}), 502, 100);
    only(
        &world,
        "deliveries",
        "missing",
        "1 of 1 delivery",
        "slipway up",
    );
}

#[test]
fn sec_48_defect_a_required_check_that_is_not_ours() {
    let world = whole();
    world.github.rule(SHOP, rule(Value::Null));
    only(
        &world,
        "repository",
        "missing",
        "of any source: whoever may write checks or statuses there can fake it",
        "Require the check",
    );
    world.github.rule(SHOP, rule(json!(15_368)));
    only(
        &world,
        "repository",
        "missing",
        "of another App, number 15368",
        "choose this App",
    );
    world.github.rule(SHOP, json!([]));
    only(
        &world,
        "repository",
        "warn",
        "does not require",
        "require it at",
    );
}

#[test]
fn sec_48_the_older_protection_counts_as_far_as_it_is_seen() {
    let world = whole();
    world.github.rule(SHOP, json!([]));
    let required = |source: Value| {
        json!({ "enabled": true, "required_status_checks": {
            "enforcement_level": "everyone", "contexts": ["slipway"], "checks": [{ "context": "slipway", "app_id": source }],
        } })
    };
    world.github.protect(SHOP, required(json!(7)));
    assert_eq!(defects(&world), Vec::<Value>::new());
    world.github.protect(SHOP, required(Value::Null));
    only(
        &world,
        "repository",
        "missing",
        "of any source",
        "Require the check",
    );
    world.github.protect(SHOP, json!({ "enabled": true }));
    only(
        &world,
        "repository",
        "warn",
        "cannot be seen",
        "/settings/branches yourself",
    );
    let world = whole();
    world.github.trouble(Route::Rules, [Trouble::Status(403)]);
    only(&world, "repository", "warn", "cannot be seen", "yourself");
}

#[test]
fn defect_no_repository_of_githubs() {
    let world = whole();
    world
        .home
        .slipway(&["repo", "remove", "acme/shop"])
        .expect(0);
    only(
        &world,
        "repository",
        "warn",
        "none is registered",
        "slipway repo add",
    );
}
