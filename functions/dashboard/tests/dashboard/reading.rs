//! Purpose: the log of an attempt: pages, tail, plain text, and where there is none.

use lambda_http::http::Method;

use crate::sample::stories::{self, FAILED, QUEUED, RUNNING, path};
use crate::{data, get, page, send, text};

fn log(run: &str, attempt: &str) -> String {
    format!("{}/logs/job/{attempt}", path(run))
}

fn numbers(page: &serde_json::Value) -> (u64, u64, usize) {
    let lines = page["lines"].as_array().unwrap();
    let number = |line: Option<&serde_json::Value>| line.unwrap()["number"].as_u64().unwrap();
    (number(lines.first()), number(lines.last()), lines.len())
}

#[test]
fn pages_of_a_log_follow_each_other_without_a_gap() {
    let world = stories::sample();
    let path = log(FAILED, "unit%20(os=linux)~2");
    let first = data(&world, &path);
    assert_eq!(numbers(&first), (1, 500, 500));
    assert_eq!(first["next"], 500);
    let second = data(&world, &format!("{path}?after=500"));
    assert_eq!(numbers(&second), (501, 1_000, 500));
    let third = data(&world, &format!("{path}?after=1000"));
    assert_eq!(numbers(&third), (1_001, 1_109, 109));
    assert_eq!(third["next"], serde_json::Value::Null);
    assert_eq!(third["live"], false);
    let tail = data(&world, &format!("{path}?tail"));
    assert_eq!(numbers(&tail), (610, 1_109, 500));
}

#[test]
fn lines_have_numbers_times_and_their_stream() {
    let world = stories::sample();
    let html = page(&world, &log(FAILED, "unit%20(os=linux)~2"));
    let line = r##"<li id="L4" class="err"><a class="n" href="#L4">4</a><time title="2026-03-01 12:00:00 UTC">12:00:00.548</time><span class="mark" title="standard error">err</span><span class="text">warning: unused variable: `cart`</span></li>"##;
    assert!(html.contains(line), "{html}");
    assert!(html.contains(r#"<span class="text">   Compiling shop v0.4.0</span>"#));
    assert!(!html.contains("http-equiv"), "an ended log stays as it is");
    let next = format!("{}?after=500", log(FAILED, "unit%20%28os%3Dlinux%29~2"));
    assert!(html.contains(&format!("href=\"{next}\"")));
}

#[test]
fn a_live_log_reads_itself_again_until_held_still() {
    let world = stories::sample();
    let path = log(RUNNING, "unit%20(os=linux)~1");
    let html = page(&world, &path);
    assert!(html.contains(r#"<meta http-equiv="refresh" content="3">"#));
    assert!(text(&html).contains("Lines 1 to 3; more may come"));
    assert!(!page(&world, &format!("{path}?refresh=off")).contains("http-equiv"));
}

#[test]
fn a_log_is_there_as_plain_text() {
    let world = stories::sample();
    let path = format!("{}?format=text", log(FAILED, "unit%20(os=linux)~2"));
    let answer = send(&world, Method::GET, &path, "*/*");
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let body = String::from_utf8(answer.body().to_vec()).unwrap();
    assert_eq!(body.lines().count(), 1_109);
    assert!(body.starts_with("checked out 8d3f2a1 in 0.4 s\n"));
    assert!(body.contains("\u{1b}[32mCompiling"), "as it was written");
}

#[test]
fn an_attempt_without_a_log_says_why() {
    let world = stories::sample();
    let waiting = page(&world, &log(RUNNING, "smoke~1"));
    assert!(waiting.contains("The build has not begun, so there is no log yet."));
    let none = [
        log(QUEUED, "build~1"),
        log(FAILED, "build~2"),
        log(FAILED, "nothing~1"),
        format!("{}/logs/deploy/staging~1", path(FAILED)),
        "/runs/12/abcdef/logs/job/unit~1".to_owned(),
    ];
    for path in none {
        let (status, html) = get(&world, &path);
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("so no log of it."), "{path}");
    }
    let (status, html) = get(&world, &format!("{}?after=x", log(RUNNING, "smoke~1")));
    assert_eq!(status, 400);
    assert!(html.contains("`after` is the number of a line"));
}
