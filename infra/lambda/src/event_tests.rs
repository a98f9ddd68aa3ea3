#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use serde_json::json;

use super::*;

#[test]
fn events_are_told_apart_by_their_shape() {
    let parse = |payload: Value| Event::parse(&payload.to_string());
    let doorbells =
        json!({"Records": [{"messageId": "m", "body": "{}", "eventSource": "aws:sqs"}]});
    let Ok(Event::Doorbells(event)) = parse(doorbells) else {
        panic!("doorbells");
    };
    assert_eq!(event.records[0].message_id.as_deref(), Some("m"));
    let request = json!({
        "version": "2.0", "routeKey": "POST /claims", "rawPath": "/claims", "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "ci.example.org"},
        "requestContext": {"http": {"method": "POST", "path": "/claims", "sourceIp": "1.1.1.1", "protocol": "HTTP/1.1"}, "stage": "$default"},
        "body": "eyJhIjoxfQ==", "isBase64Encoded": true
    });
    let Ok(Event::Request(request)) = parse(request) else {
        panic!("a request");
    };
    assert_eq!(request.uri().path(), "/claims");
    assert_eq!(request.body().as_ref(), br#"{"a":1}"#);
    let build = json!({
        "version": "0", "id": "e", "detail-type": "CodeBuild Build State Change", "source": "aws.codebuild",
        "account": "1", "time": "2026-03-01T09:00:00Z", "region": "eu-central-1", "resources": [], "detail": {"build-status": "FAILED"}
    });
    let Ok(Event::Build(event)) = parse(build) else {
        panic!("an event of a build");
    };
    assert_eq!(event.detail["build-status"], "FAILED");
    assert!(matches!(parse(json!({"sweep": true})), Ok(Event::Sweep)));
    assert!(matches!(parse(json!({"repair": true})), Ok(Event::Repair)));
}

#[test]
fn an_event_of_no_known_shape_is_refused_and_not_repeated() {
    for payload in [
        "{}",
        "{\"sweep\": false}",
        "{\"repair\": 1}",
        "[]",
        "{\"hunter2\": 1}",
        "\"hunter2\"",
        "",
    ] {
        let Err(Fault::Malformed(why)) = Event::parse(payload) else {
            panic!("{payload}");
        };
        assert!(!why.contains("hunter2"), "{why}");
    }
    assert_eq!(
        Event::Sweep.refused("builder").to_string(),
        "the builder takes no sweeps"
    );
}

#[test]
fn an_answer_of_the_http_api_has_its_cookies_apart() {
    let mut response = Response::new(Body::Text("ok".to_owned()));
    *response.status_mut() = lambda_http::http::StatusCode::CONFLICT;
    let cookie = lambda_http::http::HeaderValue::from_static("a=1");
    response.headers_mut().insert(SET_COOKIE, cookie);
    let json = Answer::Response(Box::new(response)).into_json().unwrap();
    assert_eq!(
        (&json["statusCode"], &json["body"]),
        (&json!(409), &json!("ok"))
    );
    assert_eq!(json["cookies"], json!(["a=1"]));
    assert!(json["headers"].get("set-cookie").is_none());
    assert_eq!(Answer::Done.into_json().unwrap(), Value::Null);
}
