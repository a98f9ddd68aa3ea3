//! Archives, which are somewhere else.

use domain::ids::CommitSha;
use engine::ports::Archives as _;
use fake_github::{Route, Trouble};
use github_api::Limits;

use super::{SHOP, malformed, scene, unavailable};

fn holds(zip: &[u8], text: &str) -> bool {
    zip.windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn sec_06_an_archive_is_the_commit_and_is_fetched_without_a_credential() {
    let scene = scene().await;
    let first = scene.commit("first", &[("dir/file", Some("one"))]);
    scene.commit("second", &[("other", Some("two"))]);
    let zip = scene.github.archive(SHOP, &first).await.unwrap();
    let short = first.short();
    assert!(zip.starts_with(b"PK\x03\x04"));
    assert!(holds(&zip, &format!("acme-shop-{short}/dir/file")));
    assert!(!holds(&zip, "other"));
    scene.fake.rename(SHOP.0, "acme/store");
    let zip = scene.github.archive(SHOP, &first).await.unwrap();
    assert!(holds(&zip, &format!("acme-store-{short}/dir/file")));
    assert_eq!(scene.fake.calls(Route::Codeload), 2);
    assert_eq!(scene.fake.leaks(), 0);
    assert_eq!(scene.fake.calls(Route::AccessToken), 1);
}

#[tokio::test]
async fn sec_16_a_redirect_of_an_archive_is_followed_once_and_not_anywhere() {
    let scene = scene().await;
    let first = scene.commit("first", &[("file", Some("one"))]);
    for elsewhere in [
        "http://169.254.169.254/latest/meta-data",
        "http://codeload.example.org/x",
        "/relative",
        "file:///etc/passwd",
    ] {
        let redirect = Trouble::Redirect(elsewhere.to_owned());
        scene.fake.trouble(Route::Zipball, [redirect]);
        let text = malformed(scene.github.archive(SHOP, &first).await);
        assert!(text.contains("leads to no https address"), "{text}");
    }
    assert_eq!(scene.fake.calls(Route::Codeload), 0);
    let again = Trouble::Redirect(format!("{}/y", scene.fake.codeload()));
    scene.fake.trouble(Route::Codeload, [again]);
    malformed(scene.github.archive(SHOP, &first).await);
    assert_eq!(scene.fake.calls(Route::Codeload), 1);
    scene
        .fake
        .trouble(Route::Zipball, [Trouble::Body("{}".to_owned())]);
    malformed(scene.github.archive(SHOP, &first).await);
}

#[tokio::test]
async fn an_archive_has_a_bound() {
    let scene = scene().await;
    let first = scene.commit("first", &[("file", Some("one"))]);
    let size = scene.github.archive(SHOP, &first).await.unwrap().len();
    let limits = |archive_bytes| Limits {
        archive_bytes,
        ..Limits::default()
    };
    let github = scene.github.with_limits(limits(size));
    assert_eq!(github.archive(SHOP, &first).await.unwrap().len(), size);
    let github = github.with_limits(limits(size - 1));
    let text = malformed(github.archive(SHOP, &first).await);
    assert!(
        text.contains(&format!("more than {} bytes", size - 1)),
        "{text}"
    );
}

#[tokio::test]
async fn an_archive_that_is_not_there_or_not_now() {
    let scene = scene().await;
    let first = scene.commit("first", &[("file", Some("one"))]);
    let gone = CommitSha::new("0".repeat(40));
    let text = malformed(scene.github.archive(SHOP, &gone).await);
    assert!(text.contains("is not in repository 42"), "{text}");
    malformed(scene.github.archive(SHOP, &CommitSha::new("main")).await);
    scene.fake.trouble(Route::Codeload, [Trouble::Status(503)]);
    unavailable(scene.github.archive(SHOP, &first).await);
    scene.fake.trouble(Route::Zipball, [Trouble::Status(502)]);
    unavailable(scene.github.archive(SHOP, &first).await);
    scene.fake.trouble(Route::Zipball, [Trouble::RateLimit(60)]);
    let text = unavailable(scene.github.archive(SHOP, &first).await);
    assert!(text.contains("rate limit"), "{text}");
}
