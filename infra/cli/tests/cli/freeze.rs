//! Purpose: while deploys are frozen none begins, on a real machine with a real repository.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{git, said, slipway};

const FILE: &str = "\
version: 1
jobs:
  unit: {run: 'true'}
environments:
  staging: {branches: [main], deploy: {run: 'echo deployed >> DEPLOYS'}}
";

/// A machine that is stopped when the test is over.
struct Machine(Child);

impl Drop for Machine {
    fn drop(&mut self) {
        // Whether it has ended by itself already is for the test to say.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn machine(dir: &Path) -> Machine {
    let mut child = slipway(dir, &["up", "--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Once it has said where it is, its journal is there.
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    Machine(child)
}

fn shop(dir: &Path) {
    let shop = dir.join("shop");
    std::fs::create_dir(&shop).unwrap();
    git(&shop, &["init", "-q"]);
    let deploys = dir.join("deploys").display().to_string();
    let file = FILE.replace("DEPLOYS", &deploys);
    std::fs::write(shop.join(".slipway.yaml"), file).unwrap();
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "-qm", "Begin"]);
    assert_eq!(said(&mut slipway(dir, &["repo", "add", "shop"])).0, 0);
}

/// What `slipway why latest` says, as soon as it holds.
fn wait_for(dir: &Path, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        let (code, out, _) = said(&mut slipway(dir, &["why", "latest", "--json"]));
        if code == 0 {
            last = serde_json::from_str(&out).unwrap();
            if holds(&last) {
                return last;
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("never {what}: {last}");
}

#[test]
fn deploys_wait_until_they_are_unfrozen() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    shop(dir);
    let _machine = machine(dir);
    let freeze = ["freeze", "--reason", "it began"];
    let (code, out, err) = said(&mut slipway(dir, &freeze));
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("No deploy of shop begins"), "{out}");
    let again = ["freeze", "--reason", "the database is being moved"];
    let (_, out, _) = said(&mut slipway(dir, &again));
    assert_eq!(
        out,
        "Deploys of shop were frozen already (it began); what you said holds now.\n"
    );

    let shop = dir.join("shop");
    std::fs::write(shop.join("news.txt"), "something new\n").unwrap();
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "-qm", "Go on"]);
    let told = wait_for(dir, "frozen", |why| {
        why["waits"][0]["reason"]["kind"] == "deploys_frozen"
    });
    let sentence = told["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("frozen") && sentence.ends_with("Why: the database is being moved"),
        "{sentence}"
    );
    assert!(!dir.join("deploys").exists());

    let (code, out, _) = said(&mut slipway(dir, &["unfreeze", "shop", "--json"]));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &answer["changed"]), (0, &Value::Bool(true)));
    wait_for(dir, "deployed", |why| why["status"] == "succeeded");
    let deploys = std::fs::read_to_string(dir.join("deploys")).unwrap();
    assert_eq!(deploys, "deployed\n");
}

#[test]
fn which_repository_has_to_be_clear() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let _machine = machine(dir);
    let (code, _, err) = said(&mut slipway(dir, &["freeze"]));
    assert_eq!(code, 2);
    assert!(err.contains("there is no repository here"), "{err}");
    shop(dir);
    let (code, _, err) = said(&mut slipway(dir, &["unfreeze", "shoop"]));
    assert_eq!(code, 2);
    assert!(err.contains("registered are: shop"), "{err}");
    let (code, out, _) = said(&mut slipway(dir, &["unfreeze"]));
    assert_eq!(
        (code, out.as_str()),
        (0, "Deploys of shop are not frozen.\n")
    );
}
