//! Purpose: all pages together: every link leads somewhere, every answer has its headers, nothing is ever changed.

use std::collections::BTreeSet;

use lambda_http::http::{Method, StatusCode};

use crate::sample::stories::{self, FAILED, path};
use crate::sample::world::World;
use crate::{get, send};

/// Every page that can be reached from the first by links, with its text.
pub fn crawl(world: &World) -> Vec<(String, String)> {
    let mut open = vec!["/".to_owned()];
    let mut seen = BTreeSet::new();
    let mut pages = Vec::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        assert!(seen.len() < 1_000, "it must end");
        let answer = send(world, Method::GET, &path, "text/html");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        for (name, value) in pages::headers() {
            assert_eq!(answer.headers()[name], value, "{path}");
        }
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        if answer.headers()["content-type"] != "text/html; charset=utf-8" {
            continue;
        }
        for link in body.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap().replace("&#38;", "&");
            let link = link.replace("&amp;", "&");
            let (link, anchor) = link.split_once('#').unwrap_or((&link, ""));
            if link.is_empty() {
                let id = format!("id=\"{anchor}\"");
                assert!(body.contains(&id), "{path} has no place #{anchor}");
            } else if link.starts_with('?') {
                let base = path.split('?').next().unwrap();
                open.push(format!("{base}{link}"));
            } else {
                assert!(link.starts_with('/'), "{path} leads outside: {link}");
                open.push(link.to_owned());
            }
        }
        pages.push((path, body));
    }
    pages
}

#[test]
fn every_link_leads_somewhere_and_no_page_changes_anything() {
    let world = stories::sample();
    let before = world.shelf.commits();
    let pages = crawl(&world);
    assert!(pages.len() > 60, "only {} pages", pages.len());
    for run in ["/environments", &path(FAILED)] {
        assert!(pages.iter().any(|(path, _)| path == run), "{run}");
    }
    assert_eq!(world.shelf.commits(), before);
}

#[test]
fn no_page_has_a_script_or_a_style_of_its_own() {
    for (path, html) in crawl(&stories::sample()) {
        for banned in [
            "<script",
            " style=",
            "<style",
            "javascript:",
            "http://",
            "https://",
        ] {
            assert!(!html.contains(banned), "{path}: {banned}");
        }
        assert!(html.contains(r#"<html lang="en">"#), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert_eq!(html.matches("<main").count(), 1, "{path}");
    }
}

#[test]
fn sec_09_only_reading_is_answered() {
    let world = stories::sample();
    let before = world.shelf.commits();
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
    ] {
        let answer = send(&world, method.clone(), &path(FAILED), "text/html");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers()["allow"], "GET, HEAD");
    }
    let answer = send(&world, Method::HEAD, &path(FAILED), "text/html");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.body().is_empty());
    assert_eq!(world.shelf.commits(), before);
}

#[test]
fn what_is_not_there_is_answered_with_a_helpful_sentence() {
    let world = stories::sample();
    let missing = [
        ("/nothing", "There is no page at this address."),
        ("/runs/12/abcdef", "Repository 12 has no run abcdef."),
        (
            "/runs/99/fa11ed000002",
            "Repository 99 has no run fa11ed000002.",
        ),
    ];
    for (path, sentence) in missing {
        let (status, html) = get(&world, path);
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(html.contains(sentence), "{html}");
        assert!(html.contains("Look for it in the list of runs"));
        let answer = send(&world, Method::GET, path, "application/json");
        let data: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(data["error"], sentence);
    }
    let (status, _) = get(&world, "/assets/slipway.0123456789ab.css");
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[test]
fn a_journal_that_does_not_answer_is_told_without_its_details() {
    let world = stories::sample();
    assert_eq!(get(&world, "/healthz"), (StatusCode::OK, "ok\n".to_owned()));
    *world.shelf.broken.lock().unwrap() = true;
    for path in ["/", "/environments", &path(FAILED), "/healthz"] {
        let (status, html) = get(&world, path);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(html.contains("did not answer"));
        assert!(!html.contains("the shelf fell down"));
    }
}
