//! Purpose: what is kept of an App, where, and for whose eyes.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn app() -> App {
    App {
        id: 7,
        slug: "slipway-acme".to_owned(),
        owner: "acme".to_owned(),
        api: "https://api.github.com".to_owned(),
        webhook: "https://ci.example.org/webhook".to_owned(),
    }
}

fn mode(path: &Path) -> u32 {
    let metadata = std::fs::metadata(path).unwrap();
    metadata.permissions().mode() & 0o777
}

#[test]
fn an_app_is_kept_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert_eq!(App::read(&data).unwrap(), None);
    App::prepare(&data).unwrap();
    assert_eq!(App::read(&data).unwrap(), None, "preparing keeps nothing");
    app().keep(&data, "the key", "the webhook secret").unwrap();
    assert_eq!(App::read(&data).unwrap(), Some(app()));
    assert_eq!(App::key(&data).unwrap(), "the key");
    for name in ["github.json", "keys/github-app.pem", "keys/webhook.secret"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&data.join("keys")), 0o700);
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(data.join("keys/github-app.pem"), open).unwrap();
    let said = App::key(&data).unwrap_err().to_string();
    assert!(said.contains("chmod 600"), "{said}");
}

#[test]
fn sec_36_the_secret_that_was_good_before_stays_good() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    App::prepare(data).unwrap();
    let before = webhook_secrets(data).unwrap();
    assert_eq!(before.len(), 1);
    App::prepare(data).unwrap();
    app().keep(data, "key", "the webhook secret").unwrap();
    let now = webhook_secrets(data).unwrap();
    assert_eq!(now, [before[0].clone(), b"the webhook secret".to_vec()]);
    let full = App::prepare(data).unwrap_err();
    assert!(matches!(full, Fault::Rejected(_)), "{full:?}");
    assert_eq!(webhook_secrets(data).unwrap(), now, "nothing is lost");
}
