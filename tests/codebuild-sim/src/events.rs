//! Purpose: state changes, as EventBridge tells them: best effort, so the switches can lose, double and reorder them.
//!
//! Form: <https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html>

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::World;
use crate::api::Caller;
use crate::build::{Build, text};
use crate::endpoint::Endpoint;

/// Tells that the build has begun.
pub fn begun(world: &World, caller: &Caller, build: &Build) {
    if !world.switches().reorder_events {
        tell(world, caller, &event(caller, &build.shown(), "IN_PROGRESS"));
    }
}

/// Tells that the build has ended.
pub fn ended(world: &World, caller: &Caller, build: &Build) {
    let shown = build.shown();
    tell(
        world,
        caller,
        &event(caller, &shown, text(&shown, "buildStatus")),
    );
    if world.switches().reorder_events {
        tell(world, caller, &event(caller, &shown, "IN_PROGRESS"));
    }
}

fn tell(world: &World, caller: &Caller, event: &Value) {
    let (swallow, double) = {
        let switches = world.switches();
        (switches.swallow_events, switches.double_events)
    };
    let times = match (swallow, double) {
        (true, _) => 0,
        (false, true) => 2,
        (false, false) => 1,
    };
    let endpoint = Endpoint::new(&world.settings.endpoint, caller);
    for function in &world.settings.functions {
        for _ in 0..times {
            if let Err(why) = endpoint.invoke(function, event) {
                eprintln!("codebuild-sim: {why}");
            }
        }
    }
}

fn event(caller: &Caller, shown: &Value, status: &str) -> Value {
    let environment = &shown["environment"];
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "CodeBuild Build State Change",
        "source": "aws.codebuild",
        "account": caller.account,
        "time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": caller.region,
        "resources": [shown["arn"]],
        "detail": {
            "build-status": status,
            "project-name": shown["projectName"],
            "build-id": shown["arn"],
            "current-phase": shown["currentPhase"],
            "current-phase-context": "[]",
            "version": "1",
            "additional-information": {
                "artifact": { "location": shown["artifacts"]["location"] },
                "build-complete": shown["buildComplete"],
                "build-number": shown["buildNumber"],
                "initiator": shown["initiator"],
                "timeout-in-minutes": shown["timeoutInMinutes"],
                "source": { "type": shown["source"]["type"], "location": shown["source"]["location"] },
                "environment": {
                    "image": environment["image"],
                    "compute-type": environment["computeType"],
                    "type": environment["type"],
                    "environment-variables": environment["environmentVariables"],
                },
                "logs": {
                    "group-name": shown["logs"]["groupName"],
                    "stream-name": shown["logs"]["streamName"],
                },
            },
        },
    })
}
