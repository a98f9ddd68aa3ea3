//! Purpose: what `slipway doctor` finds, and that looking makes nothing.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::{said, slipway};

fn check<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let checks = answer["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()
}

#[test]
fn a_fresh_machine_lacks_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = said(&mut slipway(
        dir.path(),
        &["doctor", "--json", "--port", "0"],
    ));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &answer["healthy"]),
        (0, &Value::from(true)),
        "{out}{err}"
    );
    for name in [
        "git", "shell", "data", "space", "journal", "clock", "machine", "keys", "settings", "mail",
        "port",
    ] {
        assert_eq!(check(&answer, name)["health"], "ok", "{out}");
    }
    // Nobody can approve yet: worth saying, nothing is broken.
    assert_eq!(check(&answer, "people")["health"], "warn");
    assert!(
        check(&answer, "people")["help"]
            .as_str()
            .unwrap()
            .contains("slipway people add")
    );
    assert!(!dir.path().join("data").exists(), "looking makes nothing");
}

#[test]
fn what_is_missing_is_named_with_the_way_to_mend_it() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, _) = said(slipway(dir.path(), &["doctor"]).env("PATH", dir.path()));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("`git` is not in PATH"), "{out}");
    assert!(out.contains("install git 2.30 or newer"), "{out}");
    assert!(out.contains("2 things are missing."), "{out}");
}

#[test]
fn open_keys_and_bad_settings_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("data/keys");
    std::fs::create_dir_all(&keys).unwrap();
    std::fs::write(keys.join("machine.key"), [7; 64]).unwrap();
    std::fs::set_permissions(
        keys.join("machine.key"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    std::fs::write(dir.path().join("data/machine.yaml"), "peple: []\n").unwrap();
    let (code, out, _) = said(&mut slipway(dir.path(), &["doctor", "--json"]));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert_eq!(check(&answer, "keys")["health"], "missing");
    assert!(
        check(&answer, "keys")["help"]
            .as_str()
            .unwrap()
            .starts_with("`chmod 600 "),
        "{out}"
    );
    assert_eq!(check(&answer, "settings")["health"], "missing");
    assert!(
        check(&answer, "settings")["found"]
            .as_str()
            .unwrap()
            .contains("peple"),
        "{out}"
    );
}
