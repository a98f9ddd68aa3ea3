//! Purpose: what breaks on AWS, one thing a test: nothing is lost, nothing happens twice, every run ends.

use std::process::Command;
use std::thread;
use std::time::Duration;

use blackbox::{FUNCTIONS, eventually, processes};
use serde_json::{Value, json};

use crate::stack::Stack;
use crate::world::{PATIENCE, World};

const SECOND: Duration = Duration::from_secs(1);

/// A run to production while this is done to the machine.
fn road(world: &World, price: u32, meanwhile: impl FnOnce(&str)) {
    let commit = world.push(price, true);
    meanwhile(&commit);
    world.approve(&commit);
    world.until_run(&commit, "succeeded");
    world.assert_deployed_once(&commit);
}

#[test]
fn functions_are_killed_in_the_middle() {
    let Some(world) = World::new() else { return };
    let mut killed = 0;
    road(&world, 21, |_| {
        for _ in 0..20 {
            killed += kill_functions(&world);
            thread::sleep(SECOND / 2);
        }
    });
    assert!(killed > 0, "no function ran while it was to be killed");
}

/// Ends all functions that run now, wherever they are in their work.
fn kill_functions(world: &World) -> usize {
    let endpoint = format!("AWS_ENDPOINT_URL={}", world.aws.endpoint);
    let ours = processes::with_environment(&[&endpoint, "AWS_LAMBDA_RUNTIME_API="]);
    for (pid, _) in &ours {
        // It may have ended by itself by now.
        Command::new("kill")
            .args(["-9", &pid.to_string()])
            .output()
            .unwrap();
    }
    ours.len()
}

#[test]
fn doorbells_are_deleted_from_their_queues() {
    let Some(world) = World::new() else { return };
    road(&world, 22, |_| {
        for _ in 0..5 {
            for queue in [
                "Planner",
                "Scheduler",
                "Builder",
                "Deployer",
                "Approval",
                "Notifier",
            ] {
                let url = world.stack.output(&format!("{queue}Queue"));
                world.aws.run(&["sqs", "purge-queue", "--queue-url", url]);
            }
        }
    });
}

#[test]
fn events_of_codebuild_are_swallowed() {
    let Some(world) = World::new() else { return };
    world
        .builds
        .switch(|switches| switches.swallow_events = true);
    road(&world, 23, |_| {});
}

#[test]
fn events_of_codebuild_come_twice_and_out_of_order() {
    let Some(world) = World::new() else { return };
    world.builds.switch(|switches| {
        switches.double_events = true;
        switches.reorder_events = true;
        switches.lose_replies = 2;
    });
    road(&world, 24, |_| {});
}

#[test]
fn a_poison_message_ends_in_the_dead_letter_queue_and_nothing_else_stops() {
    let Some(world) = World::new() else { return };
    let url = world.stack.output("SchedulerQueue");
    // Six minutes in the template, times five receives.
    world.aws.run(&[
        "sqs",
        "set-queue-attributes",
        "--queue-url",
        url,
        "--attributes",
        "VisibilityTimeout=2",
    ]);
    let poison = json!({ "stream": "no stream at all" }).to_string();
    world.aws.run(&[
        "sqs",
        "send-message",
        "--queue-url",
        url,
        "--message-body",
        &poison,
    ]);
    road(&world, 25, |_| {});
    eventually("the poison is a dead letter", PATIENCE, || {
        let dead = world.aws.json(&[
            "sqs",
            "get-queue-url",
            "--queue-name",
            "slipway-scheduler-dead",
        ]);
        let told = world.aws.json(&[
            "sqs",
            "get-queue-attributes",
            "--queue-url",
            dead["QueueUrl"].as_str()?,
            "--attribute-names",
            "ApproximateNumberOfMessages",
        ]);
        (told["Attributes"]["ApproximateNumberOfMessages"] == "1").then_some(())
    });
}

#[test]
fn dynamodb_is_gone_for_a_minute() {
    let Some(world) = World::new() else { return };
    let mut second = String::new();
    road(&world, 26, |_| {
        world.dynamodb.shut(true);
        // What cannot be made durable is not acknowledged; GitHub shows it as failed and can be asked for it again.
        second = world.shop.commit(27, false);
        let (status, said) = world.deliver(&second, "the-second-push");
        assert!(status >= 500, "{status} {said}");
        thread::sleep(60 * SECOND);
        world.dynamodb.shut(false);
    });
    for _ in 0..3 {
        let (status, said) = world.deliver(&second, "the-second-push");
        assert_eq!(status, 202, "{said}");
    }
    world.approve(&second);
    world.until_run(&second, "succeeded");
    world.assert_deployed_once(&second);
    let runs = world.page("/runs").unwrap();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(2), "{runs}");
}

#[test]
fn new_code_is_deployed_in_the_middle_of_a_run() {
    let Some(world) = World::new() else { return };
    let before: Vec<Value> = versions(&world);
    road(&world, 28, |commit| {
        world.until_run(commit, "running");
        for function in FUNCTIONS {
            let code = world.folder.path().join(function);
            std::fs::write(code.join("built"), "later").unwrap();
            let zip = format!("{}.zip", code.display());
            let zipped = Command::new("python3")
                .args(["-m", "zipfile", "-c", &zip, "bootstrap", "built"])
                .current_dir(&code)
                .status()
                .unwrap();
            assert!(zipped.success());
            let name = Stack::function(function);
            world.aws.run(&[
                "lambda",
                "update-function-code",
                "--function-name",
                &name,
                "--zip-file",
                &format!("fileb://{zip}"),
            ]);
        }
    });
    let after = versions(&world);
    assert!(
        before.iter().zip(&after).all(|(old, new)| old != new),
        "{before:?} {after:?}"
    );
}

/// What Lambda says that the code of each function is.
fn versions(world: &World) -> Vec<Value> {
    let version = |function: &str| {
        let name = Stack::function(function);
        let told = world
            .aws
            .json(&["lambda", "get-function", "--function-name", &name]);
        told["Configuration"]["CodeSha256"].clone()
    };
    FUNCTIONS.into_iter().map(version).collect()
}
