//! Purpose: the dashboard over a small machine in memory: every page, every kind of run, hostile text, no change ever.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail as tests do"
)]

mod crawl;
mod hostile;
mod lists;
mod reading;
mod runs;
mod sample;
mod waits;

use futures::FutureExt as _;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Response, http};
use sample::world::World;

/// Sends a request and waits for nothing: every port of the sample answers at once.
pub fn send(world: &World, method: Method, path: &str, accept: &str) -> Response<Body> {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("accept", accept)
        .body(Body::Empty)
        .unwrap();
    dashboard::handle(&world.deps(), request, "call-1")
        .now_or_never()
        .expect("nothing here waits")
}

/// A page as a browser gets it.
pub fn get(world: &World, path: &str) -> (StatusCode, String) {
    let answer = send(world, Method::GET, path, "text/html");
    let body = answer.body().to_vec();
    (answer.status(), String::from_utf8(body).unwrap())
}

/// A page that is there.
pub fn page(world: &World, path: &str) -> String {
    let (status, body) = get(world, path);
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

/// A page's data.
pub fn data(world: &World, path: &str) -> serde_json::Value {
    let answer = send(world, Method::GET, path, "application/json");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    assert_eq!(answer.headers()["content-type"], "application/json");
    serde_json::from_slice(answer.body()).unwrap()
}

/// What a reader sees of the main part of a page, line by line.
pub fn text(html: &str) -> String {
    let main = html.split("<main").nth(1).unwrap();
    let main = main.split_once('>').unwrap().1.split("</main>").next();
    // The drawing repeats the lists, for those who see it.
    let main = main.map(|main| match main.split_once("<svg class=\"graph\"") {
        Some((before, after)) => format!("{before}{}", after.split_once("<h2>").unwrap().1),
        None => main.to_owned(),
    });
    let mut text = String::new();
    for part in main.unwrap().split('<') {
        let (tag, rest) = part.split_once('>').unwrap_or(("", part));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        let inline = [
            "a", "span", "code", "time", "strong", "path", "svg", "text", "rect",
        ];
        text.push_str(if inline.contains(&name) { "" } else { "\n" });
        text.push_str(rest);
    }
    let text = text.replace("&#39;", "'").replace("&#34;", "\"");
    let text = text
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}
