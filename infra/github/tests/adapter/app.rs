//! The App itself: made of a code, and what GitHub says of it.

use fake_github::{Route, TEST_KEY, Trouble};
use github::app::{Grant, Required};
use github_api::{Hidden, check_api, convert};
use jiff::Timestamp;
use serde_json::json;

use super::{SHOP, malformed, scene, unavailable};

/// Makes an App as a browser would; GitHub's code for it.
fn code(api: &str) -> String {
    let manifest = json!({
        "name": "slipway-acme", "redirect_url": "http://127.0.0.1:1/callback", "hook_attributes": { "url": "https://ci.example.org/webhook" },
        "default_permissions": { "checks": "write" }, "default_events": ["push"],
    });
    let agent = ureq::Agent::config_builder().max_redirects(0).build();
    let agent: ureq::Agent = agent.into();
    let sent = agent
        .post(format!("{api}/settings/apps/new?state=s"))
        .send_form([("manifest", manifest.to_string())]);
    let place = sent.unwrap().headers()["location"]
        .to_str()
        .unwrap()
        .to_owned();
    let (_, code) = place.split_once("code=").unwrap();
    code.split('&').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_app_is_made_of_a_code_once_and_shows_no_secret() {
    let scene = scene().await;
    let api = scene.fake.api();
    let code = code(api);
    let app = convert(api, &code, Timestamp::now()).await.unwrap();
    assert_eq!(
        (app.id, app.slug.as_str(), app.owner.as_str()),
        (7, "slipway-acme", "ana")
    );
    assert_eq!(app.key, Hidden::new(TEST_KEY));
    assert_eq!(app.webhook_secret.reveal(), scene.fake.webhook_secret());
    let permissions = [("checks".to_owned(), "write".to_owned())].into();
    let events = ["push".to_owned()].into();
    assert_eq!(
        app.grant,
        Grant {
            permissions,
            events
        }
    );
    let shown = format!("{app:?}");
    let line = TEST_KEY.lines().nth(5).unwrap();
    assert!(
        !shown.contains(line) && !shown.contains("webhook-secret-"),
        "{shown}"
    );
    let again = convert(api, &code, Timestamp::now()).await.unwrap_err();
    assert!(again.to_string().contains("knows no such code"), "{again}");
    assert!(!again.is_transient());
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_shows_nothing_of_it() {
    let scene = scene().await;
    let api = scene.fake.api();
    let whole = json!({ "id": "seven", "slug": "s", "pem": "CANARY", "webhook_secret": "CANARY" });
    let trouble = [
        Trouble::Body(whole.to_string()),
        Trouble::Body("CANARY".to_owned()),
    ];
    scene.fake.trouble(Route::Conversion, trouble);
    for _ in 0..2 {
        let said = malformed(convert(api, "c0ffee", Timestamp::now()).await);
        assert!(said.contains("/app-manifests/CODE/conversions"), "{said}");
        assert!(
            !said.contains("CANARY") && !said.contains("c0ffee"),
            "{said}"
        );
    }
    assert!(check_api("https://api.github.com").is_ok());
    for bad in [
        "http://api.github.com",
        "https://user@host",
        "ftp://host",
        "host",
        "",
    ] {
        assert!(check_api(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn the_app_tells_who_it_is_and_githubs_clock() {
    let scene = scene().await;
    let look = scene.github.look().await;
    let about = look.about.unwrap();
    assert_eq!((about.id, about.slug.as_str()), (7, "slipway"));
    assert_eq!(about.grant.permissions["checks"], "write");
    scene.fake.advance(-120);
    let look = scene.github.look().await;
    let (theirs, ours) = look.clocks.unwrap();
    let apart = ours.duration_since(theirs).as_secs();
    assert!((118..=122).contains(&apart), "{apart}");
    assert!(unavailable(look.about).contains("clock"));
    scene.fake.trouble(Route::App, [Trouble::Status(404)]);
    let gone = unavailable(scene.github.look().await.about);
    assert!(gone.contains("knows no App with this number"), "{gone}");
}

#[tokio::test]
async fn webhook_installations_and_protection_are_read() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    let hook = scene.github.hook().await.unwrap().unwrap();
    assert_eq!(hook.url, "https://ci.example.org/webhook");
    assert!(hook.is_verified && hook.content_type == "json");
    let installed = scene.github.installations().await.unwrap();
    assert_eq!(installed.len(), 1);
    assert_eq!(installed[0].account, "acme");
    assert!(!installed[0].is_suspended);
    assert!(scene.github.is_installed(SHOP).await.unwrap());
    let none = scene.github.protection(SHOP, "main").await.unwrap();
    assert_eq!((none.required, none.unseen), (Vec::new(), None));
    let source = json!({ "context": "slipway", "integration_id": 7 });
    let rule = json!([{
        "type": "required_status_checks",
        "ruleset_source_type": "Repository", "ruleset_source": "acme/shop", "ruleset_id": 1,
        "parameters": { "strict_required_status_checks_policy": false, "required_status_checks": [source] },
    }]);
    scene.fake.rule(SHOP.0, rule);
    let seen = scene.github.protection(SHOP, "main").await.unwrap();
    let context = "slipway".to_owned();
    let source = Some(7);
    assert_eq!(seen.required, [Required { context, source }]);
    let said = malformed(scene.github.protection(SHOP, "../../x").await);
    assert!(said.contains("no name of a branch"), "{said}");
    scene.fake.uninstall(SHOP.0);
    assert!(!scene.github.is_installed(SHOP).await.unwrap());
}
