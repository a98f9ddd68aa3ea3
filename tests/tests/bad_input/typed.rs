//! What people type, and where they type it.

use std::fs;
use std::os::unix::fs::symlink;

use blackbox::{Home, Machine, Repository, Said, until};

use crate::{PEOPLE, PIPELINE, is, run_of};

/// One mistake for each of ten kinds.
const TEN: &str = r#"version: 1
on: { push: { branches: [main] }, pull_requst: {} }
defaults: { timeout: 20 }
jobs:
  build: { run: make, retries: 9 }
  unit:
    run: go test ./...
    needs: [biuld]
    paths: [../secret]
    reports: [{ kind: junitt, path: unit.xml }]
  lint: { run: make lint, env: { SLIPWAY_TOKEN: x } }
environments:
  staging: { branches: [main], deploy: { run: ./deploy } }
  production:
    after: stagin
    deploy: { run: ./deploy }
    approval: { count: 1 }
    freeze: [{ cron: "0 18 * * FRI", for: 62h, time_zone: Asia/Shangai }]
"#;

#[test]
fn ten_mistakes_are_listed_as_ten() {
    let home = Home::new();
    let file = home.folder().join("ten.yaml");
    fs::write(&file, TEN).unwrap();
    let path = file.to_str().unwrap();
    let said = home.slipway(&["lint", path]).expect(1);
    let mistakes = said.out.lines().filter(|line| line.starts_with("error["));
    assert_eq!(mistakes.count(), 10, "{}", said.out);
    assert!(said.out.trim_end().ends_with("10 mistakes"), "{}", said.out);

    let answer = home.slipway(&["--json", "lint", path]).expect(1).json();
    let lines: Vec<u64> = answer["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [2, 3, 5, 8, 9, 10, 11, 15, 17, 18]);
}

/// The same file in a commit: the run says so, nothing is built.
#[test]
fn a_pushed_file_with_mistakes_fails_its_run_with_the_mistake() {
    let home = Home::new();
    let shop = Repository::new(home.folder().join("shop"));
    shop.commit("Begin");
    let repository = home.register(&shop, &[]);
    let _machine = Machine::start(&home);
    home.watched(repository);
    let commit = shop.write(".slipway.yaml", TEN).commit("Ten mistakes");
    until("the run fails", || is(&home, &commit, "failed"));
    let shown = home.show("latest");
    let problem = shown["problem"].as_str().unwrap();
    assert!(problem.contains("pull_requst"), "{problem}");
    assert!(
        shown["headline"]
            .as_str()
            .unwrap()
            .contains(".slipway.yaml"),
        "{}",
        shown["headline"]
    );
}

#[test]
fn an_unknown_environment_is_answered_with_those_that_there_are() {
    let home = Home::new();
    home.settings(PEOPLE);
    let shop = Repository::new(home.folder().join("shop"));
    shop.write(".slipway.yaml", PIPELINE)
        .write("test.sh", "true\n")
        .commit("Begin");
    let repository = home.register(&shop, &[]);
    let machine = Machine::start(&home);
    home.watched(repository);
    let commit = shop.commit("Go");
    until("production waits", || {
        is(&home, &commit, "awaiting approval")
    });

    let before = home.verify();
    let words = [
        "approve",
        "latest",
        "prodution",
        "--as",
        "bob",
        "--code",
        "AAAAA-AAAAA",
        "--release",
        "aaaaaa",
    ];
    let said = home.slipway(&words).expect(2);
    assert!(
        said.err.contains("no environment \"prodution\""),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("production") && said.err.contains("staging"),
        "{}",
        said.err
    );
    // A wrong code, and nobody: neither is let in.
    for login in ["bob", "ana", "nobody"] {
        let words = [
            "approve",
            "latest",
            "--as",
            login,
            "--code",
            "AAAAA-AAAAA",
            "--release",
            "aaaaaa",
        ];
        let said = home.slipway(&words);
        assert!(matches!(said.code, Some(1 | 2)), "{said:?}");
        assert!(said.err.starts_with("error: "), "{}", said.err);
    }
    assert!(is(&home, &commit, "awaiting approval"));
    assert_eq!(home.verify(), before, "no commit was added");
    assert_eq!(machine.stop(), Some(0));
}

#[test]
fn a_second_machine_on_the_same_data_names_the_first() {
    let home = Home::new();
    let first = Machine::start(&home);
    let said = home.slipway(&["up", "--port", "0"]).expect(3);
    assert!(said.err.contains(&first.url), "{}", said.err);
    assert!(
        said.err.contains(&format!("process {}", first.pid())),
        "{}",
        said.err
    );
    assert!(said.err.contains("--data"), "what to do next: {}", said.err);
    // The first does not mind.
    assert_eq!(
        ureq::get(format!("{}/healthz", first.url))
            .call()
            .unwrap()
            .status(),
        200
    );
    assert_eq!(first.stop(), Some(0));
    let again = Machine::start(&home);
    assert_eq!(again.stop(), Some(0));
}

#[test]
fn a_data_directory_that_cannot_be_is_refused() {
    let home = Home::new();
    fs::write(home.data(), "a file").unwrap();
    let said = home.slipway(&["up", "--port", "0"]);
    assert!(matches!(said.code, Some(2 | 3)), "{said:?}");
    assert!(
        said.err.contains(home.data().to_str().unwrap()),
        "{}",
        said.err
    );
    let said = home.slipway(&["runs"]);
    assert_ne!(said.code, Some(0));
}

#[test]
fn without_a_shell_the_job_says_so_and_the_run_ends() {
    let home = Home::new();
    let shop = Repository::new(home.folder().join("shop"));
    shop.write(".slipway.yaml", PIPELINE)
        .write("test.sh", "true\n")
        .commit("Begin");
    let repository = home.register(&shop, &[]);
    let bin = home.folder().join("bin");
    fs::create_dir(&bin).unwrap();
    let git = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    symlink(git, bin.join("git")).unwrap();
    let mut command = home.command(&["up", "--port", "0", "--json"]);
    let machine = Machine::begin(&home, command.env("PATH", &bin));
    home.watched(repository);
    let commit = shop.commit("Go");
    until("the run ends", || {
        run_of(&home, &commit).is_some_and(|run| !run["finished_ms"].is_null())
    });
    let shown = home.show("latest");
    assert_eq!(shown["status"], "failed");
    let build = &shown["jobs"][0];
    let why = build["why"].as_str().unwrap();
    assert!(why.contains("sh") && why.contains("PATH"), "{why}");
    assert_eq!(machine.stop(), Some(0));

    let said = Said::by(home.command(&["doctor"]).env("PATH", &bin));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("sh"), "{}", said.out);
}
