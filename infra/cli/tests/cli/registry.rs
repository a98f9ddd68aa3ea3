//! Purpose: `slipway repo` and `slipway people`.

use serde_json::Value;

use super::{git, said, slipway};

#[test]
fn repositories_are_added_listed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let shop = dir.path().join("shop");
    std::fs::create_dir(&shop).unwrap();
    let (code, _, err) = said(&mut slipway(dir.path(), &["repo", "add", "shop"]));
    assert_eq!(code, 2);
    assert!(
        err.contains("is not a git repository") && err.contains("git init"),
        "{err}"
    );

    git(&shop, &["init", "-q"]);
    let (code, out, err) = said(&mut slipway(dir.path(), &["repo", "add", "shop"]));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("is registered as shop"), "{out}");
    assert!(err.contains("no .slipway.yaml yet"), "{err}");

    let (_, out, _) = said(&mut slipway(dir.path(), &["repo", "list", "--json"]));
    let entry: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(entry["name"], "shop");
    assert_eq!(entry["polled"], true);

    let (code, _, err) = said(&mut slipway(dir.path(), &["repo", "remove", "shoop"]));
    assert_eq!(code, 2);
    assert!(err.contains("registered are: shop"), "{err}");
    let (code, out, _) = said(&mut slipway(dir.path(), &["repo", "remove", "./shop"]));
    assert_eq!(code, 0, "{out}");
    let (_, out, err) = said(&mut slipway(dir.path(), &["repo", "list"]));
    assert_eq!(out, "");
    assert!(err.contains("slipway repo add"), "{err}");
}

#[test]
fn people_are_added_changed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let add = [
        "people",
        "add",
        "ana",
        "--name",
        "Ana Lima",
        "--email",
        "ana@example.org",
        "--team",
        "ops",
    ];
    assert_eq!(said(&mut slipway(dir.path(), &add)).0, 0);
    assert_eq!(
        said(&mut slipway(dir.path(), &["people", "add", "bob"])).0,
        0
    );
    let (code, _, err) = said(&mut slipway(
        dir.path(),
        &["people", "add", "cy", "--email", "nowhere"],
    ));
    assert_eq!(code, 2);
    assert!(err.contains("is not a mail address"), "{err}");
    let change = ["people", "add", "bob", "--email", "bob@example.org"];
    assert_eq!(said(&mut slipway(dir.path(), &change)).0, 0);

    let (_, out, _) = said(&mut slipway(dir.path(), &["people", "list", "--json"]));
    let people: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(people.len(), 2);
    assert_eq!(
        (&people[0]["login"], &people[0]["id"]),
        (&Value::from("ana"), &Value::from(1))
    );
    assert_eq!(
        (&people[1]["email"], &people[1]["id"]),
        (&Value::from("bob@example.org"), &Value::from(2))
    );

    let (code, _, err) = said(&mut slipway(
        dir.path(),
        &["people", "add", "ana", "--id", "9"],
    ));
    assert_eq!(code, 2);
    assert!(err.contains("ana has the id 1, not 9"), "{err}");
    assert_eq!(
        said(&mut slipway(dir.path(), &["people", "remove", "ana"])).0,
        0
    );
    let (code, _, err) = said(&mut slipway(dir.path(), &["people", "remove", "ana"]));
    assert_eq!(code, 2);
    assert!(err.contains("declared are: bob"), "{err}");
}
