//! Purpose: the functions as programs, before a Lambda Runtime API: each starts from its environment variables, answers one
//! event, and calls of AWS what it needs and no more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::process::{Child, Command};
use std::time::Duration;

use blackbox::lambda::{self, WEBHOOK_SECRET};
use blackbox::stub;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

/// Until a function must have answered: far above what it takes, so that only a hang fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// What became of one event.
struct Answered {
    /// `response` or `error`.
    kind: String,
    body: Value,
    /// Operations of AWS, in order.
    calls: Vec<String>,
    log: String,
}

/// Ends the function, whatever the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn command(function: &str, without: &str) -> Command {
    lambda::command(&blackbox::functions().join(function), without)
}

/// Starts the function and gives it one event.
fn call(function: &str, event: &Value) -> Answered {
    call_each(function, std::slice::from_ref(event))
}

/// Starts the function and gives it these events, one after another; tells what it answered to the last.
fn call_each(function: &str, events: &[Value]) -> Answered {
    let (aws, calls) = stub::aws();
    let (api, said) = stub::runtime_api(events);
    let mut command = command(function, "");
    command.env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{api}"));
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{aws}"));
    let mut running = Running(command.spawn().unwrap());
    let mut answers: Vec<_> = events
        .iter()
        .map(|_| said.recv_timeout(PATIENCE).ok())
        .collect();
    let Some(asked) = answers.pop().flatten() else {
        drop(running.0.kill());
        panic!("{function} did not answer: {}", texts(&mut running.0));
    };
    running.0.kill().unwrap();
    let calls = calls.lock().unwrap().clone();
    Answered {
        kind: asked.path.rsplit('/').next().unwrap().to_owned(),
        body: serde_json::from_str(&asked.body).unwrap_or(Value::Null),
        calls,
        log: texts(&mut running.0),
    }
}

/// What the program wrote, after its end.
fn texts(child: &mut Child) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut text).unwrap();
    std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut text).unwrap();
    text
}

/// A request as an HTTP API sends it, payload format 2.0.
fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "ci.example.org", "domainPrefix": "ci", "requestId": "r",
            "routeKey": "$default", "stage": "$default", "time": "01/Mar/2026:09:00:00 +0000", "timeEpoch": 1_772_355_600_000u64,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "u"},
        },
        "body": body, "isBase64Encoded": false,
    })
}

fn doorbells(body: &str) -> Value {
    json!({"Records": [{
        "messageId": "m-1", "receiptHandle": "h", "body": body, "attributes": {"SentTimestamp": "1772355600000"},
        "messageAttributes": {}, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:1:q", "awsRegion": "us-east-1",
    }]})
}

fn push(secret: &str) -> Value {
    delivery("push", secret)
}

fn delivery(kind: &str, secret: &str) -> Value {
    let body = json!({
        "ref": "refs/heads/main", "before": "0".repeat(40), "after": "1".repeat(40), "created": false, "deleted": false,
        "forced": false, "repository": {"id": 12, "full_name": "acme/shop", "default_branch": "main"},
        "sender": {"id": 1, "login": "ana"}, "pusher": {"name": "ana"}, "head_commit": null, "commits": [],
    })
    .to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", kind),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hub-signature-256", signature.as_str()),
    ];
    request("POST", "/webhook", &headers, &body)
}

#[test]
fn a_delivery_is_durable_after_one_call_of_the_store() {
    let accepted = call("webhook", &push(WEBHOOK_SECRET));
    assert_eq!(
        (accepted.kind.as_str(), &accepted.body["statusCode"]),
        ("response", &json!(202)),
        "{}",
        accepted.log
    );
    // The secret is read at the start, and not for each delivery.
    assert_eq!(accepted.calls, ["GetSecretValue", "PutItem", "SendMessage"]);
    let lines: Vec<Value> = accepted
        .log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1, "{}", accepted.log);
    assert_eq!(
        (&lines[0]["request"], &lines[0]["DeliveriesAccepted"]),
        (&json!("call-1"), &json!(1))
    );
    assert!(accepted.log.len() <= 400, "{} bytes", accepted.log.len());
}

/// Performance row 3: one call until a delivery is durable, in a warm function as in a cold one.
#[test]
fn a_warm_function_asks_for_nothing_again() {
    let push = push(WEBHOOK_SECRET);
    let warm = call_each("webhook", &[push.clone(), push]);
    assert_eq!(warm.body["statusCode"], 202, "{}", warm.log);
    let once = ["PutItem", "SendMessage"];
    assert_eq!(warm.calls[0], "GetSecretValue");
    assert_eq!(warm.calls[1..], [once, once].concat());
}

#[test]
fn an_event_of_which_nothing_follows_calls_nothing() {
    let ignored = call("webhook", &delivery("watch", WEBHOOK_SECRET));
    assert_eq!(ignored.body["statusCode"], 200, "{}", ignored.log);
    assert_eq!(ignored.calls, ["GetSecretValue"]);
}

#[test]
fn a_delivery_of_a_stranger_calls_nothing() {
    let refused = call("webhook", &push("another secret!!"));
    assert_eq!(refused.body["statusCode"], 401, "{}", refused.log);
    assert_eq!(refused.calls, ["GetSecretValue"]);
}

#[test]
fn a_doorbell_that_is_none_is_named_by_every_function_with_a_queue() {
    for function in [
        "planner",
        "scheduler",
        "builder",
        "deployer",
        "approval",
        "notifier",
    ] {
        let answered = call(function, &doorbells("no doorbell"));
        assert_eq!(answered.kind, "response", "{function}: {}", answered.log);
        let named = json!([{"itemIdentifier": "m-1"}]);
        assert_eq!(
            answered.body["batchItemFailures"], named,
            "{function}: {}",
            answered.log
        );
        assert!(
            answered.log.contains(r#""DoorbellsFailed":1"#),
            "{function}: {}",
            answered.log
        );
        let of_stores = answered
            .calls
            .iter()
            .filter(|call| *call != "GetSecretValue");
        assert_eq!(of_stores.count(), 0, "{function}: {:?}", answered.calls);
    }
}

#[test]
fn the_schedule_sweeps_what_is_due() {
    let swept = call("scheduler", &json!({"sweep": true}));
    assert_eq!(
        (swept.kind.as_str(), &swept.body),
        ("response", &Value::Null),
        "{}",
        swept.log
    );
    assert!(
        !swept.calls.is_empty() && swept.calls.iter().all(|call| call == "Query"),
        "{:?}",
        swept.calls
    );
}

#[test]
fn the_builder_answers_claims_and_hears_of_builds() {
    let claim = call("builder", &request("POST", "/claims", &[], "no claim"));
    assert_eq!(claim.body["statusCode"], 400, "{}", claim.log);
    let event = json!({
        "version": "0", "id": "e", "detail-type": "CodeBuild Build State Change", "source": "aws.codebuild", "account": "1",
        "time": "2026-03-01T09:00:00Z", "region": "us-east-1", "resources": [], "detail": {"additional-information": {
            "environment": {"environment-variables": [
                {"name": "SLIPWAY_INTENT", "value": "run/12/a1b2c3d4e5f6/job/unit~1", "type": "PLAINTEXT"}]}}},
    });
    let heard = call("builder", &event);
    assert_eq!(
        (heard.kind.as_str(), &heard.body),
        ("response", &Value::Null),
        "{}",
        heard.log
    );
    let wrong = call("builder", &json!({"sweep": true}));
    assert_eq!(wrong.kind, "error", "{}", wrong.log);
    assert!(wrong.log.contains(r#""CallsFailed":1"#), "{}", wrong.log);
}

#[test]
fn pages_are_answered_over_the_http_api() {
    let asset = call("dashboard", &request("GET", "/healthz", &[], ""));
    assert_eq!(asset.body["statusCode"], 200, "{}", asset.log);
    let nowhere = call("approval", &request("GET", "/approvals/nowhere", &[], ""));
    assert_eq!(nowhere.body["statusCode"], 404, "{}", nowhere.log);
    assert!(
        nowhere.body["headers"]["content-type"]
            .as_str()
            .unwrap()
            .starts_with("text/html")
    );
}

#[test]
fn a_function_without_a_variable_says_which_one_and_does_not_start() {
    for (function, missing) in [
        ("webhook", "SLIPWAY_HEADS_TABLE"),
        ("scheduler", "SLIPWAY_JOBS"),
        ("dashboard", "SLIPWAY_BUCKET"),
    ] {
        let (aws, _) = stub::aws();
        let mut command = command(function, missing);
        command.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{aws}"));
        let output = command.output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains(&format!("{missing} is not set")),
            "{function}: {said}"
        );
    }
}
