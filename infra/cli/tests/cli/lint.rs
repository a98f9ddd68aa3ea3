//! Purpose: `slipway lint` and `slipway schema`.

use serde_json::Value;

use super::{git, said, slipway};

/// One mistake on every line from the second on.
const TEN: &str = "\
version: 1
on: { push: { branches: main }, shedule: [] }
defaults: { timeout: 20 minutes }
jobs:
  build: { rum: make }
  unit: { run: make test, needs: [bild] }
  lint: { run: make lint, retries: 9 }
  docs: { run: make docs, timeout: 99d }
  cov: { run: make cov, reports: [{ kind: lcof, path: cov.info }] }
  twice: { run: a, run: b }
environments:
  staging: { branches: [main], after: stagin, deploy: { run: make deploy } }
";

#[test]
fn ten_mistakes_are_ten() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bad.yaml"), TEN).unwrap();
    let (code, out, err) = said(&mut slipway(dir.path(), &["lint", "bad.yaml"]));
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    let mistakes = out
        .lines()
        .filter(|line| line.starts_with("error["))
        .count();
    assert!(mistakes >= 10, "{mistakes} mistakes:\n{out}");
    assert_eq!(
        out.lines().last(),
        Some(format!("bad.yaml: {mistakes} mistakes").as_str())
    );
    assert!(out.contains("did you mean `run`?"), "{out}");
    assert!(!out.contains('\x1b'), "no colours without a terminal");

    let (code, out, _) = said(&mut slipway(dir.path(), &["lint", "bad.yaml", "--json"]));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["file"], "bad.yaml");
    assert_eq!(answer["diagnostics"].as_array().unwrap().len(), mistakes);
    assert!(answer["diagnostics"][0]["line"].is_u64());
}

#[test]
fn the_file_of_the_repository_is_found_from_below() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q"]);
    std::fs::write(
        dir.path().join(".slipway.yaml"),
        "version: 1\non: { push: {} }\njobs: { a: { run: make } }\n",
    )
    .unwrap();
    let below = dir.path().join("src");
    std::fs::create_dir(&below).unwrap();
    let (code, out, _) = said(&mut slipway(&below, &["lint"]));
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with(".slipway.yaml: no mistakes\n"), "{out}");
}

#[test]
fn a_file_that_is_not_there_is_wrong_input() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = said(&mut slipway(dir.path(), &["lint", "none.yaml"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.starts_with("error: there is no file none.yaml\n help: "),
        "{err}"
    );

    let (code, _, err) = said(&mut slipway(dir.path(), &["lint", "none.yaml", "--json"]));
    let error: Value = serde_json::from_str(&err).unwrap();
    assert_eq!((code, &error["code"]), (2, &Value::from(2)));
    assert_eq!(error["error"], "there is no file none.yaml");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bad.yaml"), TEN).unwrap();
    let always = &["lint", "bad.yaml", "--color", "always"];
    let (_, out, _) = said(&mut slipway(dir.path(), always));
    assert!(out.contains("\x1b["), "{out}");
    let (_, out, _) = said(slipway(dir.path(), &["lint", "bad.yaml"]).env("NO_COLOR", "1"));
    assert!(!out.contains('\x1b'), "{out}");
}

#[test]
fn the_schema_is_json_schema() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, _) = said(&mut slipway(dir.path(), &["schema"]));
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(schema["properties"]["jobs"].is_object());
}
