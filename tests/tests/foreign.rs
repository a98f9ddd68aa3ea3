//! A package that nobody here wrote, with its own tests, on the whole road: pushed, tested, deployed, approved; then broken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use blackbox::{Home, Machine, Repository, approvals, eventually, workspace};
use serde_json::Value;

/// A dependency of ours without dependencies of its own.
const PACKAGE: &str = "strsim";

const PEOPLE: &str = "
people:
  - { id: 1, login: ana, email: ana@example.org }
  - { id: 2, login: bob, email: bob@example.org }
";

const PIPELINE: &str = r#"
version: 1
on: { push: { branches: [main] } }
defaults: { timeout: 10m }
jobs:
  build:
    run: cargo build --offline
    artifacts: [{ name: source, paths: ["src/**", Cargo.toml] }]
  unit:
    needs: [build]
    run: cargo test --offline
    env: { CARGO_TARGET_DIR: target-of-unit }
environments:
  staging:
    branches: [main]
    deploy: { run: 'echo "$SLIPWAY_RELEASE" >> "$TARGET"', env: { TARGET: "@FOLDER@/staging" } }
    verify: { run: 'test -s "$SLIPWAY_ARTIFACTS/source/src/lib.rs"' }
  production:
    branches: [main]
    after: staging
    approval: { people: [bob], exclude: [initiator, author] }
    deploy: { run: 'echo "$SLIPWAY_RELEASE" >> "$TARGET"', env: { TARGET: "@FOLDER@/production" } }
"#;

/// The platform of this computer, as cargo calls it.
fn platform() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

/// Where cargo has unpacked the package. What other platforms need was never downloaded.
fn unpacked() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .args(["--filter-platform", &platform()])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == PACKAGE)
        .unwrap();
    Path::new(package["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap()
        .to_owned()
}

/// The package as a repository, with a pipeline file and nothing else added.
fn checkout(home: &Home) -> Repository {
    let shop = Repository::new(home.folder().join(PACKAGE));
    let source = unpacked();
    for file in walkdir::WalkDir::new(&source) {
        let file = file.unwrap();
        let name = file.path().strip_prefix(&source).unwrap().to_str().unwrap();
        if file.file_type().is_file() && !name.starts_with('.') {
            shop.write(name, &std::fs::read_to_string(file.path()).unwrap());
        }
    }
    let folder = home.folder().display().to_string();
    shop.write(".slipway.yaml", &PIPELINE.replace("@FOLDER@", &folder));
    shop
}

/// The run of this commit, once it has this status.
fn run_with(home: &Home, commit: &str, status: &str) -> Value {
    eventually(
        &format!("{commit} is {status}"),
        std::time::Duration::from_secs(300),
        || {
            let run = home
                .runs()
                .into_iter()
                .find(|run| run["commit"] == commit)?;
            let over = !run["finished_ms"].is_null();
            assert!(!over || run["status"] == status, "{run:#}");
            (run["status"] == status).then_some(run)
        },
    )
}

/// What cargo itself said, read from the log: the sum over its `test result:` lines.
fn passed_by_log(home: &Home, run: &str) -> u64 {
    let log = home.slipway(&["logs", run, "unit"]).expect(0).out;
    let results = log
        .lines()
        .filter_map(|line| line.split_once("test result: ok. "));
    let passed = results.map(|(_, rest)| rest.split(' ').next().unwrap().parse::<u64>().unwrap());
    passed.sum()
}

fn stage(shown: &Value, environment: &str) -> String {
    let stages = shown["stages"].as_array().unwrap();
    let stage = stages
        .iter()
        .find(|stage| stage["environment"] == environment)
        .unwrap();
    stage["status"].as_str().unwrap().to_owned()
}

fn deploys(home: &Home, environment: &str) -> usize {
    let file = home.folder().join(environment);
    std::fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

#[test]
fn a_foreign_package_goes_to_production_and_a_broken_test_stops_before_staging() {
    let home = Home::new();
    home.settings(PEOPLE);
    let shop = checkout(&home);
    shop.commit("As it was published");
    let bare = shop.bare();
    let repository = home.register(&bare, &[]);
    let machine = Machine::start(&home);
    home.watched(repository);

    let commit = shop.commit("Deploy it");
    shop.push();
    let run = run_with(&home, &commit, "awaiting approval");
    let run = run["run"].as_str().unwrap();
    let shown = home.show(run);
    let passed = passed_by_log(&home, run);
    assert!(passed > 50, "{PACKAGE} has more tests than {passed}");
    assert_eq!(shown["tests"]["passed"], passed);
    assert_eq!(shown["tests"]["failed"], 0);
    assert_eq!(
        (deploys(&home, "staging"), deploys(&home, "production")),
        (1, 0)
    );

    approve(&home, run, shown["release"].as_str().unwrap());
    run_with(&home, &commit, "succeeded");
    assert_eq!(
        (deploys(&home, "staging"), deploys(&home, "production")),
        (1, 1)
    );

    let line = break_it(&shop);
    let commit = shop.commit("Break it");
    shop.push();
    let run = run_with(&home, &commit, "failed");
    let shown = home.show(run["run"].as_str().unwrap());
    assert_eq!(shown["tests"]["failed"], 1, "{:#}", shown["tests"]);
    let headline = shown["headline"].as_str().unwrap();
    assert!(
        headline.contains(&format!("src/lib.rs:{line}")),
        "{headline}"
    );
    assert!(headline.contains("broken_on_purpose"), "{headline}");
    assert_ne!(stage(&shown, "staging"), "deployed");
    assert_eq!(
        (deploys(&home, "staging"), deploys(&home, "production")),
        (1, 1)
    );

    home.verify();
    assert_eq!(machine.stop(), Some(0));
}

/// Bob approves on the command line with the code of his mail; ana, whose change it is, has none.
fn approve(home: &Home, run: &str, release: &str) {
    let mail = eventually("bob has mail", std::time::Duration::from_secs(60), || {
        approvals(home, "bob@example.org").pop()
    });
    assert_eq!(
        (mail.run.as_str(), mail.environment.as_str()),
        (run, "production")
    );
    assert_eq!(approvals(home, "ana@example.org"), []);
    let suffix = &release[release.len() - 6..];
    let words = ["approve", run, "--code", &mail.code, "--release", suffix];
    let refused = home.slipway(&[&words[..], &["--as", "ana"]].concat());
    assert_ne!(refused.code, Some(0), "{refused:?}");
    home.slipway(&[&words[..], &["--as", "bob"]].concat())
        .expect(0);
}

/// Adds a test that fails; gives the line of its assertion.
fn break_it(shop: &Repository) -> usize {
    let file = shop.folder().join("src/lib.rs");
    let mut text = std::fs::read_to_string(file).unwrap();
    text.push_str("\n#[cfg(test)]\nmod broken {\n    #[test]\n    fn broken_on_purpose() {\n");
    text.push_str(
        "        assert_eq!(crate::levenshtein(\"kitten\", \"sitting\"), 4);\n    }\n}\n",
    );
    shop.write("src/lib.rs", &text);
    text.lines().count() - 2
}
