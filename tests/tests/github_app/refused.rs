//! What is not set up: nothing is stored, it is said why, and what to do.

use blackbox::Said;
use fake_github::{Route, Trouble};
use serde_json::{Value, json};

use super::world::{World, canary, get};

/// A set-up that comes to nothing; what its page and its terminal say.
fn fails(world: &World) -> (String, Said) {
    let setup = world.begin(&["--org", "acme"]);
    let page = get(&setup.press());
    assert_eq!(page.status, 502, "{}", page.body);
    let said = setup.end();
    for sink in [&page.body, &said.out, &said.err] {
        assert!(!sink.contains(canary()), "{sink}");
    }
    world.nothing_is_stored();
    (page.body, said)
}

/// The complaint, among the traces.
fn error(said: &Said) -> Value {
    let lines = said.err.lines().rev();
    let mut documents = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = documents.find(|document| document["error"].is_string());
    found.unwrap_or_else(|| panic!("{said:?}"))
}

#[test]
fn sec_35_less_than_was_asked_for_is_not_taken() {
    let world = World::new();
    world.github.grant_otherwise(|permissions, events| {
        permissions["checks"] = json!("read");
        permissions.as_object_mut().unwrap().remove("issues");
        *events = json!(["push"]);
    });
    let (page, said) = fails(&world);
    let error = error(&said.expect(1));
    for wanted in [
        "nothing was stored",
        "checks: write was asked for, read was granted",
        "issues: write was asked for and not granted",
        "the event pull_request is not delivered",
    ] {
        let told = error["error"].as_str().unwrap();
        assert!(told.contains(wanted), "{wanted}: {error}");
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let help = error["help"].as_str().unwrap();
    let place = "/organizations/acme/settings/apps/slipway-acme/advanced";
    assert!(help.contains(place), "{help}");
}

#[test]
fn sec_35_more_than_was_asked_for_is_not_taken() {
    let world = World::new();
    world.github.grant_otherwise(|permissions, events| {
        permissions["administration"] = json!("write");
        events.as_array_mut().unwrap().push(json!("star"));
    });
    let (page, said) = fails(&world);
    let error = error(&said.expect(1));
    for wanted in [
        "administration: write was granted and not asked for",
        "the event star is delivered and was not asked for",
    ] {
        let told = error["error"].as_str().unwrap();
        assert!(told.contains(wanted) && page.contains(wanted), "{error}");
    }
}

#[test]
fn sec_35_what_the_app_says_of_itself_counts_too() {
    let world = World::new();
    let other = json!({ "id": 7, "slug": "slipway-acme", "permissions": { "metadata": "read" }, "events": [] });
    world
        .github
        .trouble(Route::App, [Trouble::Body(other.to_string())]);
    let (_, said) = fails(&world);
    let told = error(&said.expect(1))["error"].to_string();
    assert!(
        told.contains("contents: read was asked for and not granted"),
        "{told}"
    );
}

#[test]
fn a_code_that_github_does_not_know_makes_no_app() {
    let world = World::new();
    let setup = world.begin(&[]);
    let state = setup.state();
    let back = format!("{}/callback?code=c0ffee&state={state}", setup.origin());
    let page = get(&back);
    assert_eq!(page.status, 502);
    assert!(
        page.body.contains("GitHub knows no such code"),
        "{}",
        page.body
    );
    let said = setup.end().expect(1);
    assert!(
        error(&said)["error"]
            .as_str()
            .unwrap()
            .contains("no such code")
    );
    world.nothing_is_stored();
    let setup = world.begin(&[]);
    let state = setup.state();
    let back = format!("{}/callback?code=../app&state={state}", setup.origin());
    assert!(get(&back).body.contains("no code of a manifest"));
    setup.end().expect(1);
    assert_eq!(
        world.github.calls(Route::Conversion),
        1,
        "it was not asked for"
    );
}

#[test]
fn sec_16_a_redirect_is_not_followed() {
    let world = World::new();
    let elsewhere = Trouble::Redirect(format!("{}/elsewhere", world.github.codeload()));
    world.github.trouble(Route::Conversion, [elsewhere]);
    let (_, said) = fails(&world);
    let told = error(&said)["error"].to_string();
    assert!(told.contains("302"), "{told}");
    assert_eq!(world.github.calls(Route::Codeload), 0);
}

#[test]
fn a_code_is_shown_in_no_message() {
    let world = World::new();
    world
        .github
        .trouble(Route::Conversion, [Trouble::Status(500)]);
    let (page, said) = fails(&world);
    assert_eq!(said.code, Some(3), "{said:?}");
    let told = error(&said).to_string();
    assert!(told.contains("/app-manifests/CODE/conversions"), "{told}");
    assert!(!told.contains("c0de0") && !page.contains("c0de0"), "{told}");
}

#[test]
fn what_cannot_work_is_said_before_there_is_an_app() {
    let world = World::new();
    let api = world.github.api();
    let url = "https://ci.example.org";
    for (words, code, wanted) in [
        (&["--api", api][..], 2, "not said where"),
        (
            &["--url", "ci.example.org"],
            2,
            "no address that GitHub could deliver to",
        ),
        (
            &["--url", "http://ci.example.org"],
            2,
            "no address that GitHub could deliver to",
        ),
        (
            &["--url", url, "--org", "a/b"],
            2,
            "no name of an organisation",
        ),
        (
            &["--url", url, "--api", "http://ghe.example.org/api/v3"],
            2,
            "neither https nor",
        ),
        (
            &["--url", url, "--api", "https://evil.example"],
            2,
            "no GitHub has its API at",
        ),
        (
            &[
                "--url",
                url,
                "--name",
                "a name that is much too long for an App",
            ],
            2,
            "1 to 34 characters",
        ),
    ] {
        let said = world.home.slipway(&[&["github", "setup"], words].concat());
        assert_eq!(said.code, Some(code), "{words:?}: {said:?}");
        assert!(said.err.contains(wanted), "{words:?}: {}", said.err);
        assert_eq!(said.out, "", "{words:?}");
    }
    let setup = world.begin(&[]);
    get(&setup.press());
    setup.end().expect(0);
    let words = world.words(&[]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let again = world.home.slipway(&words).expect(1);
    assert!(again.err.contains("has an App already"), "{}", again.err);
    assert_eq!(world.github.calls(Route::Manifest), 1);
}
