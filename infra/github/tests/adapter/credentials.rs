//! The App's key, its tokens, and where neither may show up.

use std::io::Write;
use std::sync::{Arc, Mutex};

use engine::ports::{AppSigner as _, Archives as _, Sources as _};
use fake_github::{Route, TEST_KEY, TEST_KEY_PKCS8, Trouble};
use github_api::PemSigner;
use tracing::Level;

use super::{MAIN, SHOP, malformed, scene, unavailable};

#[tokio::test]
async fn sec_17_a_token_is_for_one_repository_read_only_and_made_once() {
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    scene.fake.add(43, "acme/other", scene.bare.path());
    let reads = (0..8).map(|_| scene.github.head(SHOP, MAIN));
    for read in futures::future::join_all(reads).await {
        assert_eq!(read, Ok(Some(sha.clone())));
    }
    assert_eq!(scene.fake.calls(Route::AccessToken), 1);
    assert_eq!(scene.fake.calls(Route::Installation), 1);
    let granted = scene.fake.granted();
    let [(repositories, permissions)] = &granted[..] else {
        panic!("{granted:?}")
    };
    assert_eq!(repositories.iter().collect::<Vec<_>>(), [&SHOP.0]);
    assert_eq!(permissions[..], ["contents:read", "metadata:read"]);
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_its_end() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    let minted = async |seconds: i64| {
        scene.advance(seconds);
        scene.github.head(SHOP, MAIN).await.unwrap();
        scene.fake.calls(Route::AccessToken)
    };
    assert_eq!(minted(0).await, 1);
    assert_eq!(minted(54 * 60).await, 1);
    assert_eq!(minted(2 * 60).await, 2);
}

#[tokio::test]
async fn a_token_that_is_not_taken_any_more_is_made_anew_next_time() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    scene.github.head(SHOP, MAIN).await.unwrap();
    scene.fake.revoke_tokens();
    let text = unavailable(scene.github.head(SHOP, MAIN).await);
    assert!(text.contains("Bad credentials"), "{text}");
    assert!(scene.github.head(SHOP, MAIN).await.unwrap().is_some());
    assert_eq!(scene.fake.calls(Route::AccessToken), 2);
}

#[tokio::test]
async fn sec_38_a_clock_that_is_wrong_is_told() {
    let scene = scene().await;
    scene.commit("first", &[("a", Some("a"))]);
    // A minute is forgiven, since the JWT is back-dated; more is not.
    scene.fake.advance(-50);
    assert!(scene.github.head(SHOP, MAIN).await.is_ok());
    scene.fake.advance(-50);
    scene.advance(3_600);
    let text = unavailable(scene.github.head(SHOP, MAIN).await);
    assert!(text.contains("this machine's clock"), "{text}");
}

#[tokio::test]
async fn both_forms_of_the_key_sign_alike_and_others_are_refused() {
    let (one, other) = (
        PemSigner::new(TEST_KEY).unwrap(),
        PemSigner::new(TEST_KEY_PKCS8).unwrap(),
    );
    let signature = one.sign_rs256(b"message").await.unwrap();
    assert_eq!(signature.len(), 256);
    assert_eq!(other.sign_rs256(b"message").await.unwrap(), signature);
    assert_ne!(one.sign_rs256(b"massage").await.unwrap(), signature);
    let cut: String = TEST_KEY.chars().take(400).collect();
    for bad in ["", "secret words", &cut, fake_github::TEST_PUBLIC_KEY] {
        let text = malformed(PemSigner::new(bad).map(|_| ()));
        assert!(!text.contains("secret") && !text.contains("MII"), "{text}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn sec_17_no_credential_is_logged_or_told() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let scene = scene().await;
    let sha = scene.commit("first", &[("a", Some("a"))]);
    tracing::trace!("the log is on");
    scene.github.head(SHOP, MAIN).await.unwrap();
    scene.github.archive(SHOP, &sha).await.unwrap();
    let mut told = vec![];
    scene.fake.trouble(
        Route::Codeload,
        [Trouble::Status(503), Trouble::Status(418)],
    );
    told.push(unavailable(scene.github.archive(SHOP, &sha).await));
    told.push(malformed(scene.github.archive(SHOP, &sha).await));
    scene.fake.revoke_tokens();
    told.push(unavailable(scene.github.head(SHOP, MAIN).await));
    let canary = r#"{"token":"ghs_canary","expires_at":"ghs_canary"}"#;
    scene
        .fake
        .trouble(Route::AccessToken, [Trouble::Body(canary.to_owned())]);
    told.push(malformed(scene.github.head(SHOP, MAIN).await));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the log is on"));
    for text in told.iter().chain([&log]) {
        for secret in ["ghs_", "eyJ", "LINK0", "token="] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
