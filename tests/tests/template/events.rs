//! `events/`: each recorded input is what its function takes, and its README names all of them.

use std::collections::BTreeSet;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::SqsEvent;
use blackbox::workspace;
use engine::ports::Doorbell;
use engine::tasks::{Claim, parse_intent};
use hmac::{Hmac, KeyInit, Mac};
use lambda_http::http::Method;
use lambda_http::request::LambdaRequest;
use lambda_http::{Request, RequestExt};
use serde_json::Value;
use sha2::Sha256;

/// One recorded input.
pub fn recorded(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(workspace().join("events").join(name)).unwrap()
}

/// As a function with HTTP in front of it sees it.
fn request(name: &str) -> Request {
    let request: LambdaRequest = serde_json::from_str(&text(name)).unwrap();
    assert!(matches!(request, LambdaRequest::ApiGatewayV2(_)), "{name}");
    Request::from(request)
}

fn doorbells(name: &str) -> Vec<String> {
    let batch: SqsEvent = serde_json::from_str(&text(name)).unwrap();
    let stream = |body: Option<String>| {
        let doorbell: Doorbell = serde_json::from_str(&body.unwrap()).unwrap();
        doorbell.stream.kind().to_owned()
    };
    let records = batch.records.into_iter();
    records.map(|record| stream(record.body)).collect()
}

/// The secret that the README gives away.
fn secret() -> String {
    let readme = text("README.md");
    let (_, rest) = readme.split_once("SLIPWAY_TEST_WEBHOOK_SECRET=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn deliveries_are_signed_with_the_secret_of_the_readme() {
    for (name, event) in [
        ("webhook-push.json", "push"),
        ("webhook-pull-request.json", "pull_request"),
    ] {
        let request = request(name);
        assert_eq!(
            (request.method(), request.raw_http_path()),
            (&Method::POST, "/webhook")
        );
        assert_eq!(request.headers()["x-github-event"], event);
        let mut mac = Hmac::<Sha256>::new_from_slice(secret().as_bytes()).unwrap();
        mac.update(request.body().as_ref());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        assert_eq!(request.headers()["x-hub-signature-256"], signature.as_str());
        let body = std::str::from_utf8(request.body().as_ref()).unwrap();
        let read = github::read(event, body).unwrap();
        assert!(matches!(read, github::Read::Asks(_)), "{name}: {read:?}");
    }
}

#[test]
fn doorbells_are_batches_of_sqs() {
    assert_eq!(doorbells("doorbells-delivery.json"), ["delivery"]);
    assert_eq!(doorbells("doorbells-run.json"), ["run", "run"]);
}

#[test]
fn the_notice_of_codebuild_names_the_intent() {
    let notice: EventBridgeEvent =
        serde_json::from_str(&text("codebuild-state-change.json")).unwrap();
    assert_eq!(
        (notice.source.as_str(), notice.detail_type.as_str()),
        ("aws.codebuild", "CodeBuild Build State Change")
    );
    let environment = &notice.detail["additional-information"]["environment"];
    let variables = environment["environment-variables"].as_array().unwrap();
    let named = |variable: &&Value| variable["name"] == "SLIPWAY_INTENT";
    let intent = variables.iter().find(named).unwrap()["value"]
        .as_str()
        .unwrap();
    let (stream, attempt) = parse_intent(intent).unwrap();
    assert_eq!(
        (stream.as_str(), attempt.to_string().as_str()),
        ("run/4001/9b1c6d2e4f5a", "job/unit~1")
    );
}

#[test]
fn claims_and_pages_are_requests_of_the_http_api() {
    let claim = request("claim.json");
    assert_eq!(
        (claim.method(), claim.raw_http_path()),
        (&Method::POST, "/claims")
    );
    let claim: Claim = serde_json::from_slice(claim.body().as_ref()).unwrap();
    assert!(parse_intent(&claim.intent).is_some());
    let approval = request("approval-get.json");
    assert_eq!(approval.method(), Method::GET);
    assert!(approval.raw_http_path().starts_with("/approvals/4001/"));
    assert_eq!(request("dashboard-get.json").raw_http_path(), "/");
}

#[test]
fn the_readme_names_every_recorded_input() {
    let readme = text("README.md");
    let folder = std::fs::read_dir(workspace().join("events")).unwrap();
    let files: BTreeSet<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert!(files.len() >= 9);
    for name in &files {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
        // A secret or an account of somebody must not slip in with a recording.
        let recorded = text(name);
        assert!(
            !recorded.contains("AKIA") && !recorded.contains("ghs_"),
            "{name}"
        );
    }
    assert_eq!(recorded("sweep.json"), serde_json::json!({ "sweep": true }));
}
