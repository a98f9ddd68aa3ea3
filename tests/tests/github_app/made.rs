//! An App is made, checked and kept, and its deliveries are believed.

use std::os::unix::fs::PermissionsExt as _;

use blackbox::Machine;
use fake_github::{Route, TEST_KEY};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::world::{SHOP, World, agent, canary, get};

fn last(out: &str) -> Value {
    serde_json::from_str(out.lines().last().unwrap()).unwrap()
}

#[test]
fn sec_35_an_app_is_made_checked_and_kept_and_doctor_agrees() {
    let world = World::new();
    let setup = world.begin(&["--org", "acme"]);
    let (action, manifest) = setup.form();
    let start = format!(
        "{}/organizations/acme/settings/apps/new?state=",
        world.github.api()
    );
    assert!(action.starts_with(&start), "{action}");
    assert_eq!(manifest["name"], "slipway-acme");
    assert_eq!(manifest["url"], "https://ci.example.org");
    assert_eq!(
        manifest["hook_attributes"]["url"],
        "https://ci.example.org/webhook"
    );
    assert_eq!(manifest["default_permissions"]["checks"], "write");
    let done = get(&setup.press());
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("The App is made"), "{}", done.body);
    let said = setup.end().expect(0);
    let told = last(&said.out);
    assert_eq!(told["state"], "done");
    assert_eq!(told["app"]["id"], 7);
    assert_eq!(told["app"]["slug"], "slipway-acme");
    let install = format!("{}/apps/slipway-acme/installations/new", world.github.api());
    assert_eq!(told["app"]["install"], install);

    let data = world.home.data();
    let kept = |name: &str| std::fs::read_to_string(data.join(name)).unwrap();
    assert_eq!(kept("keys/github-app.pem"), TEST_KEY);
    let secret = world.github.webhook_secret();
    assert_eq!(kept("keys/webhook.secret"), format!("{secret}\n"));
    for name in ["github.json", "keys/github-app.pem", "keys/webhook.secret"] {
        let mode = data.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let path = world.bare.path().display().to_string();
    let words = ["repo", "add", &path, "--name", "acme/shop", "--github-id"];
    let id = SHOP.to_string();
    world.home.slipway(&[&words[..], &[&id]].concat()).expect(0);
    let source = json!({ "context": "slipway", "integration_id": 7 });
    let checks = json!({ "strict_required_status_checks_policy": false, "required_status_checks": [source] });
    let rule = json!([{ "type": "required_status_checks", "parameters": checks }]);
    world.github.rule(SHOP, rule);
    let doctor = world.home.slipway(&["--json", "doctor", "--port", "0"]);
    assert_eq!(doctor.expect(0).json()["healthy"], true);
}

#[test]
fn sec_35_the_key_and_the_secret_are_shown_nowhere() {
    let world = World::new();
    let setup = world.begin(&["-vv"]);
    let page = get(&setup.page);
    let done = get(&setup.press());
    let said = setup.end().expect(0);
    let secret = world.github.webhook_secret();
    let file = world.home.data().join("github.json");
    let file = std::fs::read_to_string(file).unwrap();
    let human = world.home.slipway(&["-vv", "doctor", "--port", "0"]);
    let sinks = [
        &page.body, &done.body, &said.out, &said.err, &file, &human.out, &human.err,
    ];
    for sink in sinks {
        for canary in [canary(), "PRIVATE KEY", &secret, "client-secret"] {
            assert!(!sink.contains(canary), "{canary} in {sink}");
        }
    }
    assert!(!said.err.is_empty(), "tracing was on");
}

#[test]
fn deliveries_of_the_app_are_believed_and_those_signed_with_the_former_secret_are_too() {
    let world = World::new();
    // The machine made a secret of its own when it was up for the first time.
    assert_eq!(Machine::start(&world.home).stop(), Some(0));
    let file = world.home.data().join("keys/webhook.secret");
    let former = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    let setup = world.begin(&[]);
    get(&setup.press());
    setup.end().expect(0);
    let machine = Machine::start(&world.home);
    let body = json!({ "ref": "refs/heads/main", "before": "0".repeat(40), "after": "1".repeat(40),
        "repository": { "id": SHOP }, "sender": { "id": 1 } });
    let body = body.to_string();
    let post = |guid: &str, secret: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let request = agent()
            .post(format!("{}/webhook", machine.url))
            .header("content-type", "application/json")
            .header("x-github-event", "push")
            .header("x-github-delivery", guid)
            .header("x-hub-signature-256", signature);
        request.send(body.as_str()).unwrap().status().as_u16()
    };
    let guid = |last: u8| format!("72d3162e-cc78-11e3-81ab-4c9367dc09{last:02}");
    assert_eq!(post(&guid(1), &world.github.webhook_secret()), 202);
    assert_eq!(post(&guid(2), &former), 202);
    assert_eq!(post(&guid(3), "another secret, of nobody"), 401);
    assert_eq!(machine.stop(), Some(0));
    let third = world.home.slipway(&[
        "github",
        "setup",
        "--url",
        "https://ci.example.org",
        "--replace",
    ]);
    let third = third.expect(1).err;
    assert!(third.contains("two webhook secrets already"), "{third}");
}

#[test]
fn sec_16_an_enterprise_server_is_spoken_to_at_its_own_address_only() {
    let world = World::new();
    let api = format!("{}/api/v3", world.github.api());
    let words = [
        "--json",
        "github",
        "setup",
        "--url",
        "https://ci.example.org",
    ];
    let mut command = world.home.command(&[&words[..], &["--api", &api]].concat());
    let setup = super::world::Setup::begin(&mut command);
    let (action, _) = setup.form();
    let start = format!("{}/settings/apps/new?state=", world.github.api());
    assert!(action.starts_with(&start), "{action}");
    get(&setup.press());
    let told = last(&setup.end().expect(0).out);
    let page = format!("{}/github-apps/", world.github.api());
    assert!(
        told["app"]["url"].as_str().unwrap().starts_with(&page),
        "{told}"
    );
    let paths = world.github.paths();
    let calls: Vec<_> = paths
        .iter()
        .filter(|path| !path.contains("settings"))
        .collect();
    assert_eq!(calls.len(), 2, "{paths:?}");
    assert!(
        calls.iter().all(|path| path.starts_with("/api/v3/app")),
        "{paths:?}"
    );
    assert_eq!(world.github.calls(Route::Conversion), 1);
}
