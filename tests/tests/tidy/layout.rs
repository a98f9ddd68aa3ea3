//! Which package may use which: everything points inwards, and what is pure stays so.

use std::collections::BTreeMap;
use std::path::Path;

use blackbox::workspace;
use serde_json::Value;

use super::{cargo, files, members, none, read};

/// Packages of others that do I/O, tell the time, roll dice or belong to a host.
const WORLDLY: &[&str] = &[
    "tokio",
    "rusqlite",
    "axum",
    "hyper",
    "ureq",
    "reqwest",
    "lettre",
    "nix",
    "wait4",
    "tempfile",
    "getrandom",
    "fastrand",
    "rand",
    "uuid",
    "backon",
    "walkdir",
    "lambda_runtime",
    "aws-config",
    "clap",
    "octocrab",
    "kube",
];

/// Lines of a main.rs at most.
const MAX_MAIN_LINES: usize = 60;

struct Package {
    name: String,
    /// `shared`, `functions`, `infra`, `tests`.
    layer: String,
    /// Names of what it uses outside its tests.
    uses: Vec<String>,
    /// Names of what a function's `main.rs` alone is wired with.
    main: Vec<String>,
}

fn packages() -> Vec<Package> {
    let read = |member: &Value| {
        let manifest = Path::new(member["manifest_path"].as_str().unwrap());
        let below = manifest
            .strip_prefix(workspace().canonicalize().unwrap())
            .unwrap();
        let layer = below
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let uses = member["dependencies"].as_array().unwrap().iter();
        let uses = uses.filter(|used| used["kind"] != "dev");
        // What only a function's main.rs is wired with is optional: the library is built without it.
        let main = |used: &&Value| layer == "functions" && used["optional"] == true;
        let (main, uses): (Vec<&Value>, Vec<&Value>) = uses.partition(main);
        let names = |used: Vec<&Value>| -> Vec<String> {
            let names = used.into_iter().map(|used| used["name"].as_str().unwrap());
            names.map(str::to_owned).collect()
        };
        Package {
            name: member["name"].as_str().unwrap().to_owned(),
            layer: layer.to_owned(),
            uses: names(uses),
            main: names(main),
        }
    };
    members().iter().map(read).collect()
}

/// The packages of ours that this one may use; `None` = a package that no rule knows.
fn allowed<'p>(package: &Package, layers: &BTreeMap<&'p str, &str>) -> Option<Vec<&'p str>> {
    let of = |wanted: &[&str]| -> Vec<&'p str> {
        let fits = |layer: &str| wanted.contains(&layer);
        let found = layers
            .iter()
            .filter(|(name, layer)| fits(layer) && **name != "testkit");
        found.map(|(name, _)| *name).collect()
    };
    Some(match (package.layer.as_str(), package.name.as_str()) {
        ("shared", "domain") => Vec::new(),
        ("shared", "github" | "reports" | "pages") => vec!["domain"],
        ("shared", "engine") => vec!["domain", "github", "reports"],
        // The simulator hosts the functions; nobody but tests uses it.
        ("shared", "testkit") => of(&["shared", "functions"]),
        ("functions", _) => of(&["shared"]),
        // Its demo shows a pull request at the stand-in for GitHub that tests use: by a feature, never by default.
        ("infra", "slipway") => {
            let mut all = of(&["shared", "functions", "infra"]);
            all.push("fake-github");
            all
        }
        ("infra", _) => of(&["shared"]),
        // What is measured is everything.
        ("benches", _) => {
            let mut all = of(&["shared", "functions", "infra", "tests"]);
            all.push("testkit");
            all
        }
        ("tests", "blackbox" | "testbed" | "fake-github" | "codebuild-sim") => Vec::new(),
        _ => return None,
    })
}

#[test]
fn dependencies_point_inwards_only() {
    let packages = packages();
    let layers: BTreeMap<&str, &str> = packages
        .iter()
        .map(|package| (package.name.as_str(), package.layer.as_str()))
        .collect();
    assert!(layers.len() >= 17, "{layers:?}");
    let mut wrong = Vec::new();
    for package in &packages {
        let Some(allowed) = allowed(package, &layers) else {
            wrong.push(format!(
                "{} is in no layer that has a rule here",
                package.name
            ));
            continue;
        };
        let ours = package
            .uses
            .iter()
            .filter(|used| layers.contains_key(used.as_str()));
        for used in ours.filter(|used| !allowed.contains(&used.as_str())) {
            wrong.push(format!("{} uses {used}", package.name));
        }
    }
    none("these dependencies point outwards", &wrong);
}

/// A function is a library that any host can hold, and a `main.rs` that wires it for Lambda.
#[test]
fn only_the_mains_of_functions_know_their_host() {
    let functions: Vec<Package> = packages()
        .into_iter()
        .filter(|package| package.layer == "functions")
        .collect();
    assert_eq!(functions.len(), 8);
    let mut wrong = Vec::new();
    for function in &functions {
        let name = &function.name;
        let known = ["aws", "github-api", "lambda", "tokio"];
        let unknown = function
            .main
            .iter()
            .filter(|used| !known.contains(&used.as_str()));
        wrong.extend(unknown.map(|used| format!("{name}'s main.rs is wired with {used}")));
        let heavy = name == "webhook" && function.main.contains(&"github-api".to_owned());
        wrong.extend(heavy.then(|| "the webhook carries a client of GitHub".to_owned()));
        let folder = Path::new("functions").join(name).join("src");
        let main = folder.join("main.rs");
        if read(&main).lines().count() >= MAX_MAIN_LINES {
            wrong.push(format!("{} is more than wiring", main.display()));
        }
        let library = files()
            .into_iter()
            .filter(|file| file.starts_with(&folder) && *file != main)
            .filter(|file| {
                !file
                    .iter()
                    .any(|part| part == "tests" || part == "tests.rs")
            });
        for file in library {
            let text = read(&file);
            let words = [
                "aws::",
                "github_api::",
                "lambda::",
                "tokio::",
                "cfg(feature",
            ];
            let found = words.iter().filter(|word| starts_a_name(&text, word));
            wrong.extend(found.map(|word| format!("{}: {word}", file.display())));
        }
    }
    none("these belong into main.rs", &wrong);
}

/// Whether the word stands there and is not the end of a longer name.
fn starts_a_name(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[test]
fn shared_packages_and_functions_do_not_touch_the_world() {
    let mut wrong = Vec::new();
    for package in packages() {
        let outer = matches!(package.layer.as_str(), "infra" | "tests" | "benches")
            || package.name == "testkit";
        let worldly = package
            .uses
            .iter()
            .filter(|used| WORLDLY.contains(&used.as_str()));
        wrong.extend(
            worldly
                .filter(|_| !outer)
                .map(|used| format!("{} uses {used}", package.name)),
        );
        // Pages are answers to requests, so they and the engine's queues know Lambda's types; the rules know no host.
        let host = |used: &&String| used.starts_with("lambda") || used.starts_with("aws");
        if matches!(package.name.as_str(), "domain" | "github" | "reports") {
            let hosts = package.uses.iter().filter(host);
            wrong.extend(hosts.map(|used| format!("{} uses {used}", package.name)));
        }
    }
    none("these packages are not for them", &wrong);
}

#[test]
fn what_users_run_has_no_switch_for_its_guards() {
    let tree = cargo(&[
        "tree",
        "--package",
        "slipway",
        "--edges",
        "normal,features",
        "--prefix",
        "none",
    ]);
    assert!(tree.contains("domain v"), "{tree}");
    assert!(
        !tree.contains("mutants"),
        "`slipway` is built with the feature `mutants`:\n{tree}"
    );
    // The question finds it where it is.
    let simulator = cargo(&[
        "tree",
        "--package",
        "testkit",
        "--edges",
        "normal,features",
        "--prefix",
        "none",
    ]);
    assert!(simulator.contains("mutants"), "{simulator}");
}

/// The clients of AWS are many minutes of a first build that most people do not need.
#[test]
fn a_first_build_of_the_command_line_has_no_client_of_aws() {
    let tree = |more: &[&str]| {
        let tree = ["tree", "--package", "slipway", "--edges", "normal"];
        cargo(&[&tree[..], &["--prefix", "none"], more].concat())
    };
    let clients = |tree: &str| {
        let lines = tree.lines();
        lines.filter(|line| line.starts_with("aws-sdk-")).count()
    };
    assert_eq!(clients(&tree(&[])), 0);
    // The question finds them where they are.
    assert!(clients(&tree(&["--features", "aws"])) > 3);
}

/// So are the client of GitHub, which a machine without an App never calls, and the stand-in for GitHub that a demo shows.
#[test]
fn a_first_build_of_the_command_line_has_no_client_of_github() {
    let tree = |more: &[&str]| {
        let tree = ["tree", "--package", "slipway", "--edges", "normal"];
        cargo(&[&tree[..], &["--prefix", "none"], more].concat())
    };
    for package in ["octocrab v", "fake-github v"] {
        assert!(!tree(&[]).contains(package), "{package}");
        for feature in ["github", "aws"] {
            let with = tree(&["--features", feature]);
            assert!(with.contains(package), "{package} with {feature}");
        }
    }
}
