//! The founding promise: one command goes from a push to production, and everything it says is true afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use blackbox::{Home, eventually};
use serde_json::{Value, json};

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
        &["logs", "latest", "production"],
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

#[test]
fn the_demo_of_a_pull_request_shows_what_people_see_at_github() {
    let home = Home::new();
    let said = home.slipway(&["--json", "demo", "--github"]).expect(0);
    let lines = said.lines();
    let last = lines.last().unwrap();
    assert_eq!(last["outcome"], "succeeded", "{last:#}");
    assert_eq!(last["initiator"], "ana");
    assert_eq!(last["approver"], "bob");
    assert_eq!(last["staging"], last["production"]);
    assert_eq!(last["violations"], json!([]));
    let url = last["pull_request"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert!(url.ends_with("/acme/shop/pull/1"), "{url}");
    checks_and_deployments_agree(last);

    let (comment, answer) = (&last["comment"], &last["answer"]);
    assert!(comment.as_str().unwrap().starts_with("**Passed** at "));
    assert!(answer.as_str().unwrap().contains("It has ended: "));

    // Bob decided in a comment, and was answered.
    let decided = last["decided"].as_str().unwrap();
    assert!(
        decided.starts_with("Approved for `production` in [run "),
        "{decided}"
    );
    let said = lines.iter().filter(|line| line["event"] == "DecisionMade");
    assert_eq!(said.count(), 1);
    let told = std::fs::read_to_string(last["page"].as_str().unwrap()).unwrap();
    assert!(told.contains("/approve production "), "{told}");

    // The journal has both runs, the one of the pull request and the one of its merge, and knows what GitHub was told.
    let verified = home.document(&["journal", "verify"]);
    assert_eq!(verified["sound"], true, "{verified:#}");
    assert_eq!(verified["total"]["events"], last["events"]);
    assert_eq!(home.runs().len(), 2);
    assert_eq!(home.lines(&["journal", "list", "checks/"]).len(), 2);
    assert_eq!(home.lines(&["journal", "list", "pull/"]).len(), 1);

    let file = home.data().join("pull-request.html");
    assert_eq!(last["page"], file.to_str().unwrap());
    page_shows(&std::fs::read_to_string(file).unwrap(), last);
}

/// The checks of the head and of the merge are green, and what was deployed is the merge.
fn checks_and_deployments_agree(last: &Value) {
    let merge = &last["commit"];
    let checks = last["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["conclusion"] == "success"));
    let (of_merge, of_head): (Vec<&Value>, Vec<&Value>) =
        checks.iter().partition(|check| check["commit"] == *merge);
    let names = |checks: &[&Value]| -> Vec<String> {
        let names = checks.iter().map(|check| check["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    let jobs = [
        "slipway",
        "slipway / build",
        "slipway / unit",
        "slipway / lint",
    ];
    assert_eq!(names(&of_head), jobs);
    let stages = ["slipway / → staging", "slipway / → production"];
    assert_eq!(names(&of_merge), [&jobs[..], &stages].concat());
    assert_eq!(
        of_head[2]["title"].as_str().unwrap().split(", ").nth(1),
        Some("4 tests")
    );

    let deployments = last["deployments"].as_array().unwrap();
    let environments: Vec<&Value> = deployments.iter().map(|one| &one["environment"]).collect();
    assert_eq!(environments, ["staging", "production"]);
    for one in deployments {
        assert_eq!(one["commit"], *merge);
        assert_eq!(one["states"].as_array().unwrap().last().unwrap(), "success");
    }
}

/// Everything of the last line is on the page, which needs nothing beside it.
fn page_shows(page: &str, last: &Value) {
    for check in last["checks"].as_array().unwrap() {
        let name = check["name"].as_str().unwrap();
        let row = format!("<span class=\"check-name\">{name}</span>");
        assert!(page.contains(&row), "{name}: {page}");
    }
    for text in [
        "Count what is in the cart <span class=\"muted\">#1</span>",
        ">Merged</span>",
        "<strong>slipway[bot]</strong> <span class=\"tag\">App</span>",
        "<strong>Passed</strong> at ",
        "<p>/why</p>",
        "<p>/hold Bob wants to see it first.</p>",
        "<p>/unhold</p>",
        "</span> +1</li>",
        "It has ended: ",
        "staging <code",
        "production <code",
    ] {
        assert!(page.contains(text), "{text:?} is not on the page: {page}");
    }
    for text in ["<script", "<link", "<img", "http-equiv", "<!-- slipway"] {
        assert!(!page.contains(text), "{text:?} is on the page");
    }
}

#[test]
fn the_page_of_the_pull_request_is_served_while_the_demo_stays() {
    let home = Home::new();
    let mut command = home.command(&["demo", "--github", "--stay"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.find_map(|line| {
        let line = line.unwrap();
        line.strip_prefix("The pull request stays at ")
            .map(str::to_owned)
    });
    let url = url.expect("the demo says where the pull request is");
    let mut answer = ureq::get(&url).call().unwrap();
    let policy = answer.headers().get("content-security-policy").unwrap();
    let policy = policy.to_str().unwrap().to_owned();
    let page = answer.body_mut().read_to_string().unwrap();
    let nonce = page.split_once("<style nonce=\"").unwrap().1;
    let nonce = nonce.split('"').next().unwrap();
    assert_eq!(nonce.len(), 32);
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(
        policy.contains(&format!("style-src 'nonce-{nonce}'")),
        "{policy}"
    );
    assert!(page.contains(">Merged</span>"), "{page}");
    // From the top of the address as well.
    let top = url.strip_suffix("/acme/shop/pull/1").unwrap();
    let found = ureq::get(top).call().unwrap();
    assert_eq!(found.status().as_u16(), 200);

    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let status = eventually("the demo ends", Duration::from_secs(60), || {
        child.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(0));
}
