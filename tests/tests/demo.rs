//! The founding promise: one command goes from a push to production, and everything it says is true afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use blackbox::Home;
use serde_json::Value;

#[test]
fn the_demo_ends_with_both_environments_on_the_same_approved_release() {
    let home = Home::new();
    let said = home.slipway(&["--json", "demo"]).expect(0);
    let lines = said.lines();
    let last = lines.last().unwrap();
    assert_eq!(last["outcome"], "succeeded", "{last}");
    assert_eq!(last["initiator"], "ana");
    assert_eq!(last["approver"], "bob");
    let release = last["staging"]["release"].as_str().unwrap();
    assert_eq!(release.len(), 64, "{last}");
    assert_eq!(last["production"]["release"], release);
    assert_eq!(last["commit"].as_str().unwrap().len(), 40);
    assert!(last["seconds"].as_f64().unwrap() > 0.0);
    // The targets themselves agree.
    for environment in ["staging", "production"] {
        let file = home
            .data()
            .join("environments")
            .join(environment)
            .join("release");
        assert_eq!(std::fs::read_to_string(file).unwrap().trim(), release);
    }
    journal_agrees(&home, last, &lines);
    commands_agree(&home, last);
}

/// The journal verifies, counts what the demo counted, and holds what the demo printed on the way.
fn journal_agrees(home: &Home, last: &Value, lines: &[Value]) {
    let verified = home.document(&["journal", "verify"]);
    assert_eq!(verified["sound"], true, "{verified:#}");
    assert_eq!(verified["findings"].as_array().unwrap().len(), 0);
    assert_eq!(verified["total"]["events"], last["events"]);
    let exported = home.lines(&["journal", "export"]);
    assert_eq!(Value::from(exported.len()), verified["total"]["commits"]);

    let decisions = lines.iter().filter(|line| line["event"] == "DecisionMade");
    let decisions: Vec<&Value> = decisions.collect();
    assert_eq!(decisions.len(), 1);
    assert_eq!(
        decisions[0]["body"]["decision"]["release"],
        last["production"]["release"]
    );
    let printed = lines.len() - 1;
    let stored = home.lines(&["journal", "show", last["run"].as_str().unwrap()]);
    let stored: usize = stored
        .iter()
        .map(|record| record["events"].as_array().unwrap().len())
        .sum();
    assert_eq!(printed, stored, "every event of the run was shown");
}

fn commands_agree(home: &Home, last: &Value) {
    let runs = home.runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["run"], last["run"]);
    assert_eq!(runs[0]["status"], "succeeded");
    assert_eq!(runs[0]["tests"]["passed"], 3, "the sample has three tests");
    assert_eq!(runs[0]["tests"]["failed"], 0);

    let shown = home.show("latest");
    assert_eq!(shown["commit"]["sha"], last["commit"]);
    assert_eq!(shown["release"], last["staging"]["release"]);
    let stages = shown["stages"].as_array().unwrap();
    let stages: Vec<(&str, &str)> = stages
        .iter()
        .map(|stage| {
            (
                stage["environment"].as_str().unwrap(),
                stage["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        stages,
        [("staging", "deployed"), ("production", "deployed")]
    );

    for words in [
        &["show", "latest"][..],
        &["why", "latest"],
        &["runs"],
        &["journal", "list"],
    ] {
        let said = home.slipway(words).expect(0);
        assert!(!said.out.trim().is_empty(), "{words:?} says nothing");
    }
}

#[test]
fn the_demo_leaves_a_directory_alone_that_is_in_use() {
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    std::fs::write(home.data().join("mine"), "mine").unwrap();
    let said = home.slipway(&["demo"]).expect(2);
    assert!(said.err.contains("is not empty"), "{}", said.err);
    let left: Vec<_> = std::fs::read_dir(home.data()).unwrap().collect();
    assert_eq!(left.len(), 1);
}
