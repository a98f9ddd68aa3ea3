//! The environment of each function: the variables that its code reads, and no others.

use std::collections::BTreeSet;

use serde_json::json;

use super::calls::reached;
use super::none;
use super::sites::operations;
use super::source;
use super::template::{FUNCTIONS, QUEUES, Template, template};

/// What the code of a function reads.
fn read_by(function: &str) -> BTreeSet<String> {
    let package = format!("functions/{}", function.to_lowercase());
    let reached = reached(
        &source::read(&source::files(function)),
        &package,
        &operations(),
    );
    let mut names = reached.settings;
    if names.remove("SLIPWAY_QUEUE_{}") {
        // All queues at once, or the one of the planner.
        let all = reached.functions.contains("settings.rs Settings::queues");
        let queues = if all { QUEUES } else { &["Planner"] };
        let named = queues
            .iter()
            .map(|queue| format!("SLIPWAY_QUEUE_{}", queue.to_uppercase()));
        names.extend(named);
    }
    // What is given to builds, and what all of ours begin with.
    let others = [
        "SLIPWAY_",
        "SLIPWAY_INTENT",
        "SLIPWAY_CLAIM",
        "SLIPWAY_DECLARED",
        "SLIPWAY_EVENT",
    ];
    names
        .into_iter()
        .filter(|name| !others.contains(&name.as_str()))
        .collect()
}

fn differences(template: &Template, function: &str) -> Vec<String> {
    let resource = template.resource(&format!("{function}Function"));
    let set = resource["Properties"]["Environment"]["Variables"]
        .as_object()
        .unwrap();
    let set: BTreeSet<String> = set.keys().cloned().collect();
    let read = read_by(function);
    let superfluous = set
        .difference(&read)
        .map(|name| format!("{function} is given {name} and does not read it"));
    let missing = read
        .difference(&set)
        .map(|name| format!("{function} reads {name} and is not given it"));
    superfluous.chain(missing).collect()
}

#[test]
fn functions_are_given_the_variables_that_they_read() {
    let whole = template();
    let wrong: Vec<String> = FUNCTIONS
        .iter()
        .flat_map(|function| differences(&whole, function))
        .collect();
    none("environment variables", &wrong);
    let mut changed = whole;
    changed.resource_mut("WebhookFunction")["Properties"]["Environment"]["Variables"]["SLIPWAY_JOBS"] =
        json!("1");
    assert_eq!(
        differences(&changed, "Webhook"),
        ["Webhook is given SLIPWAY_JOBS and does not read it"]
    );
}
