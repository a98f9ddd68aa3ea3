//! What the App asks for, and how what it was granted is compared with that.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::{Value, json};

use super::*;
use crate::payload::{Notice, notice};

const GUIDE: &str = include_str!("../../../../docs/github.md");

#[test]
fn sec_35_the_guide_shows_what_is_asked_for() {
    assert!(
        GUIDE.contains(&tables()),
        "docs/github.md needs:\n{}",
        tables()
    );
}

#[test]
fn the_tables_name_each_thing_once() {
    let permissions: BTreeSet<_> = PERMISSIONS.iter().map(|row| row.name).collect();
    assert_eq!(permissions.len(), PERMISSIONS.len());
    let events: BTreeSet<_> = EVENTS.iter().map(|row| row.name).collect();
    assert_eq!(events.len(), EVENTS.len());
    // Whoever administers could take the protection away that this App is a part of.
    for never in ["administration", "secrets", "workflows", "actions"] {
        assert!(!permissions.contains(never), "{never}");
    }
}

/// An event that nobody reads would only cost a delivery each time.
#[test]
fn every_event_that_is_asked_for_is_read() {
    for event in EVENTS {
        if let Ok(Notice::Ignored { reason }) = notice(event.name, "{}") {
            panic!("{}: {reason}", event.name);
        }
    }
    let unread = notice("watch", "{}").unwrap();
    assert!(matches!(unread, Notice::Ignored { .. }));
}

#[test]
fn sec_35_the_manifest_asks_for_the_table_and_nothing_else() {
    let wish = Wish {
        name: "slipway-acme",
        url: "https://ci.example.org",
        webhook: "https://ci.example.org/webhook",
        redirect: "http://127.0.0.1:4181/callback",
    };
    let manifest = manifest(&wish);
    expect![[r#"
        {
          "default_events": [
            "push",
            "pull_request",
            "issue_comment",
            "check_run",
            "check_suite",
            "merge_group",
            "repository"
          ],
          "default_permissions": {
            "checks": "write",
            "contents": "read",
            "deployments": "write",
            "issues": "write",
            "merge_queues": "read",
            "metadata": "read",
            "pull_requests": "write"
          },
          "description": "Builds, tests and deploys what was pushed; asks before production.",
          "hook_attributes": {
            "active": true,
            "url": "https://ci.example.org/webhook"
          },
          "name": "slipway-acme",
          "public": false,
          "redirect_url": "http://127.0.0.1:4181/callback",
          "url": "https://ci.example.org"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&manifest).unwrap());
    let granted: Grant = serde_json::from_value(json!({
        "permissions": manifest["default_permissions"],
        "events": manifest["default_events"],
    }))
    .unwrap();
    assert_eq!(granted.differences(), []);
}

fn changed(change: impl FnOnce(&mut Grant)) -> Vec<String> {
    let mut granted = Grant::requested();
    change(&mut granted);
    let differences = granted.differences();
    differences.iter().map(ToString::to_string).collect()
}

#[test]
fn sec_35_granted_and_requested_are_compared_both_ways() {
    assert_eq!(changed(|_| ()), Vec::<String>::new());
    let missing = changed(|grant| drop(grant.permissions.remove("checks")));
    assert_eq!(missing, ["checks: write was asked for and not granted"]);
    let set = |name: &str, level: &str| {
        changed(|grant| {
            let (name, level) = (name.to_owned(), level.to_owned());
            grant.permissions.insert(name, level);
        })
    };
    assert_eq!(
        set("checks", "read"),
        ["checks: write was asked for, read was granted"]
    );
    assert_eq!(
        set("contents", "write"),
        ["contents: read was asked for, write was granted"]
    );
    assert_eq!(
        set("administration", "write"),
        ["administration: write was granted and not asked for"]
    );
    let fewer = changed(|grant| {
        grant.events.remove("push");
    });
    assert_eq!(fewer, ["the event push is not delivered"]);
    let more = changed(|grant| {
        grant.events.insert("star".to_owned());
    });
    assert_eq!(more, ["the event star is delivered and was not asked for"]);
    let nothing = Grant::default().differences();
    assert_eq!(nothing.len(), PERMISSIONS.len() + EVENTS.len());
}

#[test]
fn sec_16_the_pages_of_a_github_follow_from_its_api() {
    for (api, web) in [
        ("https://api.github.com", Some("https://github.com")),
        ("https://ghe.acme.org/api/v3", Some("https://ghe.acme.org")),
        ("https://api.acme.ghe.com", Some("https://acme.ghe.com")),
        ("http://127.0.0.1:4000", Some("http://127.0.0.1:4000")),
        (
            "http://127.0.0.1:4000/api/v3",
            Some("http://127.0.0.1:4000"),
        ),
        ("http://127.0.0.1:4000@evil.example", None),
        ("https://api.github.com.evil.example", None),
        ("https://evil.example", None),
        ("", None),
    ] {
        assert_eq!(web_of(api).as_deref(), web, "{api}");
    }
    assert_eq!(
        registration("https://github.com", None, "s"),
        "https://github.com/settings/apps/new?state=s"
    );
    assert_eq!(
        registration("https://github.com", Some("acme"), "s"),
        "https://github.com/organizations/acme/settings/apps/new?state=s"
    );
    for good in ["acme", "acme-2", "ana_acme"] {
        assert!(is_account(good), "{good}");
    }
    assert!(!is_account("-acme"));
    for bad in ["", "acme/..", "a b", "a?b", "é"] {
        assert!(!is_account(bad) && !is_slug(bad), "{bad}");
    }
    assert!(is_slug("slipway-acme") && !is_slug("Slipway"));
}

fn check(context: &str, source: Option<u64>) -> Required {
    Required {
        context: context.to_owned(),
        source,
    }
}

#[test]
fn sec_48_a_required_check_is_ours_only_where_it_names_our_app() {
    let stands = |required: &[Required]| standing(required, "slipway", 7);
    assert_eq!(stands(&[]), Standing::NotRequired);
    assert_eq!(
        stands(&[check("slipway / unit", Some(7))]),
        Standing::NotRequired
    );
    assert_eq!(stands(&[check("Slipway", Some(7))]), Standing::NotRequired);
    assert_eq!(stands(&[check("slipway", None)]), Standing::Anybodys);
    assert_eq!(stands(&[check("slipway", Some(70))]), Standing::Of(70));
    assert_eq!(stands(&[check("slipway", Some(7))]), Standing::Ours);
    // Every rule holds, so the stricter one does.
    let both = [check("slipway", None), check("slipway", Some(7))];
    assert_eq!(stands(&both), Standing::Ours);
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn rules_and_branches_are_read_as_github_writes_them() {
    let rules = json!([
        { "type": "deletion", "ruleset_id": 1 },
        { "type": "required_status_checks", "ruleset_id": 1, "parameters": {
            "strict_required_status_checks_policy": false,
            "required_status_checks": [{ "context": "slipway", "integration_id": 7 }, { "context": "lint" }],
        } },
    ]);
    let required = of_rules(&bytes(&rules)).unwrap();
    assert_eq!(required, [check("slipway", Some(7)), check("lint", None)]);
    assert!(of_rules(b"{}").is_err());

    let branch = |value: Value| of_branch(&bytes(&value)).unwrap();
    assert_eq!(branch(json!({ "protected": false })), Some(Vec::new()));
    assert_eq!(branch(json!({ "protected": true })), None);
    let shown = json!({ "protected": true, "protection": { "enabled": true, "required_status_checks": {
        "enforcement_level": "non_admins", "contexts": ["slipway", "lint"],
        "checks": [{ "context": "slipway", "app_id": 7 }, { "context": "lint", "app_id": -1 }],
    } } });
    let required = branch(shown).unwrap();
    assert_eq!(required, [check("slipway", Some(7)), check("lint", None)]);
    let off = json!({ "protected": true, "protection": { "required_status_checks": {
        "enforcement_level": "off", "contexts": [], "checks": [],
    } } });
    assert_eq!(branch(off), None);
}
