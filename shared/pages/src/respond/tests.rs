//! Purpose: no answer goes without its security headers.

use super::*;

fn header<'a>(answer: &'a Response<Body>, name: &str) -> &'a str {
    answer.headers()[name].to_str().unwrap()
}

#[test]
fn sec_23_sec_55_every_answer_has_all_headers() {
    let answers = [
        plain(StatusCode::OK, "text"),
        json(StatusCode::OK, "{}".to_owned()),
        redirect("/runs"),
        redirect("https://elsewhere.example/"),
    ];
    for answer in answers {
        for (name, value) in headers() {
            assert_eq!(header(&answer, name), value);
        }
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
}

#[test]
fn sec_23_the_policy_allows_no_script_no_inline_style_and_no_frame() {
    let answer = plain(StatusCode::OK, "text");
    let policy = header(&answer, "content-security-policy");
    assert!(policy.starts_with("default-src 'none'"));
    assert!(policy.contains("frame-ancestors 'none'"));
    assert!(policy.contains("style-src 'self';"));
    assert!(!policy.contains("script-src"));
    assert!(!policy.contains("unsafe"));
}

#[test]
fn sec_54_a_redirect_stays_here() {
    let there = redirect("/runs/1/abc?x=1");
    assert_eq!(there.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&there, "location"), "/runs/1/abc?x=1");
    for place in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/a\r\nb",
        "",
    ] {
        let answer = redirect(place);
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{place}");
        assert!(!answer.headers().contains_key("location"));
    }
}
