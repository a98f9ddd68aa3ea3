//! The GitHub App of a stack: its key goes into KMS, its webhook secret beside the one before, and doctor signs with KMS.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use blackbox::Said;
use fake_github::{App, Bare, FakeGitHub, TEST_KEY};
use serde_json::{Value, json};

use super::world::{FORMER_SECRET, World};

const URL: &str = "https://ci.example.org";

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap().1;
    rest.split_once(after).unwrap().0
}

/// A set-up with its browser, to the end.
fn set_up(world: &World) -> (String, Said) {
    let words = [
        "--aws",
        super::world::STACK,
        "--json",
        "github",
        "setup",
        "--org",
        "acme",
    ];
    let mut command = world.command(&words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    if first.is_empty() {
        return (String::new(), Said::of(&child.wait_with_output().unwrap()));
    }
    let waiting: Value = serde_json::from_str(&first).unwrap();
    let page = agent().get(waiting["page"].as_str().unwrap()).call();
    let page = page.unwrap().body_mut().read_to_string().unwrap();
    let manifest = between(&page, "name=\"manifest\" value=\"", "\"").replace("&#34;", "\"");
    let action = between(&page, "<form method=\"post\" action=\"", "\"");
    let pressed = agent()
        .post(action)
        .send_form([("manifest", manifest)])
        .unwrap();
    let back = pressed.headers().get("location").unwrap().to_str().unwrap();
    let done = agent().get(back).call().unwrap();
    let done = { done }.body_mut().read_to_string().unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let mut said = Said::of(&child.wait_with_output().unwrap());
    said.out = rest;
    (done, said)
}

struct GitHub {
    fake: FakeGitHub,
    _folder: tempfile::TempDir,
}

fn github() -> GitHub {
    let folder = tempfile::tempdir().unwrap();
    let bare = Bare::init(folder.path().join("shop.git")).unwrap();
    let main = "refs/heads/main";
    bare.commit(main, "Begin", &[("a", Some("a\n"))]).unwrap();
    let fake = FakeGitHub::start(&App::test()).unwrap();
    fake.add(4001, "acme/shop", bare.path());
    let source = json!({ "context": "slipway", "integration_id": 7 });
    let checks = json!({ "strict_required_status_checks_policy": false, "required_status_checks": [source] });
    let rule = json!([{ "type": "required_status_checks", "parameters": checks }]);
    fake.rule(4001, rule);
    GitHub {
        fake,
        _folder: folder,
    }
}

fn secrets(world: &World) -> Vec<String> {
    let id = world.output("WebhookSecret");
    let value = world.aws(&["secretsmanager", "get-secret-value", "--secret-id", &id]);
    let text = value["SecretString"].as_str().unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn sec_38_the_apps_key_goes_into_kms_and_its_secret_beside_the_one_before() {
    let github = github();
    let Some(world) = World::with_github(URL, github.fake.api()) else {
        return;
    };
    let none = world.slipway(&["doctor"]).expect(1);
    assert!(
        none.out.contains("was told of no GitHub App"),
        "{}",
        none.out
    );
    let other = world.slipway(&["github", "setup", "--api", "https://ghe.example.org/api/v3"]);
    let other = other.expect(2).err;
    assert!(other.contains("deployed with GitHubApiUrl"), "{other}");

    let (page, said) = set_up(&world);
    let said = said.expect(0);
    let done: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(done["app"]["id"], 7, "{done}");
    assert!(
        done["next"][0].as_str().unwrap().contains("GitHubAppId=7"),
        "{done}"
    );
    let secret = github.fake.webhook_secret();
    assert_eq!(secrets(&world), [FORMER_SECRET, &secret]);
    let canary = TEST_KEY.lines().nth(5).unwrap();
    for sink in [&page, &said.out, &said.err] {
        assert!(!sink.contains(canary) && !sink.contains(&secret), "{sink}");
    }
    let key = world.output("AppKey");
    let described = world.aws(&["kms", "describe-key", "--key-id", &key]);
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");

    // KMS takes no other key, so no other App is begun.
    let (_, again) = set_up(&world);
    let again = again.expect(1).err;
    assert!(again.contains("waits for no import"), "{again}");
    world.tell_app(7);
    let (_, again) = set_up(&world);
    let again = again.expect(1).err;
    assert!(again.contains("has an App already, number 7"), "{again}");

    // GitHub takes what KMS signs.
    let doctor = world.json(&["doctor"]).expect(0).json();
    assert_eq!(doctor["stack"], super::world::STACK, "{doctor:#}");
    let checks = doctor["checks"].as_array().unwrap();
    assert!(
        checks.iter().all(|check| check["health"] == "ok"),
        "{doctor:#}"
    );
    assert_eq!(checks.len(), 8, "{doctor:#}");
    github.fake.rule(
        4001,
        json!([{ "type": "required_status_checks", "parameters": {
        "strict_required_status_checks_policy": false, "required_status_checks": [{ "context": "slipway" }],
    } }]),
    );
    let doctor = world.slipway(&["doctor"]).expect(1);
    assert!(doctor.out.contains("can fake it"), "{}", doctor.out);
}

#[test]
fn sec_35_a_stack_stores_nothing_of_an_app_that_was_granted_more() {
    let github = github();
    let Some(world) = World::with_github(URL, github.fake.api()) else {
        return;
    };
    github
        .fake
        .grant_otherwise(|permissions, _| permissions["secrets"] = json!("write"));
    let (page, said) = set_up(&world);
    let said = said.expect(1);
    assert!(
        said.err.contains("secrets: write was granted"),
        "{}",
        said.err
    );
    assert!(page.contains("nothing was stored"), "{page}");
    assert_eq!(secrets(&world), [FORMER_SECRET]);
    let key = world.output("AppKey");
    let described = world.aws(&["kms", "describe-key", "--key-id", &key]);
    assert_eq!(described["KeyMetadata"]["KeyState"], "PendingImport");
}
