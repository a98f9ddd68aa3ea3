//! Rate limits, outages, and answers that make no sense.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::RepositoryId;
use engine::Fault;
use engine::ports::Sources as _;
use fake_github::{App, Route, TEST_KEY, Trouble};
use github_api::{GitHub, Limits, PemSigner};

use super::{Ahead, MAIN, SHOP, malformed, scene, unavailable};

#[tokio::test]
async fn a_rate_limit_is_waited_for_without_a_call() {
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    scene.github.head(SHOP, MAIN).await.unwrap();
    let troubles = [
        Trouble::RateLimit(900),
        Trouble::SecondaryLimit(Some(30)),
        Trouble::SecondaryLimit(None),
    ];
    for (trouble, seconds) in troubles.into_iter().zip([900, 30, 60]) {
        scene.fake.trouble(Route::Reference, [trouble]);
        let text = unavailable(scene.github.head(SHOP, MAIN).await);
        assert!(
            text.contains("GitHub's rate limit is used up; it ends at 2"),
            "{text}"
        );
        let calls = scene.fake.all_calls();
        scene.advance(seconds - 5);
        unavailable(scene.github.head(SHOP, MAIN).await);
        unavailable(scene.github.commit(SHOP, &sha).await);
        assert_eq!(scene.fake.all_calls(), calls);
        scene.advance(10);
        assert_eq!(scene.github.head(SHOP, MAIN).await, Ok(Some(sha.clone())));
    }
}

#[tokio::test]
async fn sec_44_the_limit_of_one_repository_does_not_delay_another() {
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    scene.fake.add(43, "zeta/other", scene.bare.path());
    scene
        .fake
        .trouble(Route::Reference, [Trouble::RateLimit(900)]);
    unavailable(scene.github.head(SHOP, MAIN).await);
    unavailable(scene.github.head(SHOP, MAIN).await);
    let other = scene.github.head(RepositoryId(43), MAIN).await;
    assert_eq!(other, Ok(Some(sha)));
}

#[tokio::test]
async fn a_used_up_quota_of_the_hour_is_a_rate_limit() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    scene.fake.leave_quota(0);
    let text = unavailable(scene.github.head(SHOP, MAIN).await);
    assert!(text.contains("rate limit"), "{text}");
}

#[tokio::test]
async fn a_limit_on_tokens_is_waited_for_as_well() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    scene
        .fake
        .trouble(Route::AccessToken, [Trouble::SecondaryLimit(Some(30))]);
    unavailable(scene.github.head(SHOP, MAIN).await);
    let calls = scene.fake.all_calls();
    unavailable(scene.github.head(SHOP, MAIN).await);
    assert_eq!(scene.fake.all_calls(), calls);
}

#[tokio::test]
async fn an_outage_goes_back_to_the_queue() {
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    for status in [500, 502, 503, 504] {
        scene
            .fake
            .trouble(Route::Reference, [Trouble::Status(status)]);
        let calls = scene.fake.calls(Route::Reference);
        let text = unavailable(scene.github.head(SHOP, MAIN).await);
        assert!(text.contains(&status.to_string()), "{text}");
        // Nothing is repeated here.
        assert_eq!(scene.fake.calls(Route::Reference), calls + 1);
    }
    assert_eq!(scene.github.head(SHOP, MAIN).await, Ok(Some(sha)));
    for route in [Route::Installation, Route::AccessToken] {
        let scene = super::scene().await;
        scene.fake.trouble(route, [Trouble::Status(503)]);
        unavailable(scene.github.head(SHOP, MAIN).await);
    }
}

#[tokio::test]
async fn no_answer_and_nobody_there_are_outages() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    let limits = Limits {
        call: Duration::from_millis(300),
        ..Limits::default()
    };
    let github = scene.github.with_limits(limits);
    scene.fake.trouble(Route::Installation, [Trouble::Hang]);
    let text = unavailable(github.head(SHOP, MAIN).await);
    assert!(text.contains("did not answer"), "{text}");
    let signer = Arc::new(PemSigner::new(TEST_KEY).unwrap());
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let nobody = GitHub::new(&api, App::test().id, signer, Arc::new(Ahead::default())).await;
    let text = unavailable(nobody.unwrap().head(SHOP, MAIN).await);
    assert!(text.contains("could not be reached"), "{text}");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_malformed_and_not_shown() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    let bodies = [
        "private words",
        "[]",
        r#"{"ref":"refs/heads/main","object":{"type":"private","sha":7}}"#,
        r#"{"ref":"refs/heads/other","object":{"type":"commit","sha":"x"}}"#,
    ];
    for body in bodies {
        scene
            .fake
            .trouble(Route::Reference, [Trouble::Body(body.to_owned())]);
        let text = malformed(scene.github.head(SHOP, MAIN).await);
        assert!(!text.contains("private"), "{text}");
    }
    for status in [400, 403, 418, 422] {
        scene
            .fake
            .trouble(Route::Reference, [Trouble::Status(status)]);
        let text = malformed(scene.github.head(SHOP, MAIN).await);
        assert!(text.contains("as asked for"), "{text}");
    }
}

#[tokio::test]
async fn sec_16_the_api_does_not_lead_elsewhere() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    let elsewhere = format!("{}/x", scene.fake.codeload());
    for route in [Route::Installation, Route::AccessToken, Route::Reference] {
        scene
            .fake
            .trouble(route, [Trouble::Redirect(elsewhere.clone())]);
        malformed(scene.github.head(SHOP, MAIN).await);
    }
    assert_eq!(scene.fake.calls(Route::Codeload), 0);
    let signer = Arc::new(PemSigner::new(TEST_KEY).unwrap());
    let made = GitHub::new(
        "http://169.254.169.254",
        7,
        signer,
        Arc::new(Ahead::default()),
    )
    .await;
    assert!(matches!(made.err(), Some(Fault::Malformed(_))));
}
