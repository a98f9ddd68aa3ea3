//! Purpose: what opens links by itself decides nothing.

use super::browser::{FORM, OWN, SAME_SITE, Visit, request, send};
use super::world::{ANA, BASE, RUN, World};

/// What mail scanners, link previews and headless browsers send.
const AGENTS: [&[(&str, &str)]; 5] = [
    &[],
    &[("user-agent", "Mozilla/5.0 (Windows NT 10.0) Safelinks")],
    &[
        ("purpose", "prefetch"),
        ("sec-purpose", "prefetch"),
        ("sec-fetch-site", "none"),
    ],
    &[
        ("accept", "text/html"),
        ("sec-fetch-site", "none"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-user", "?1"),
    ],
    &[
        ("x-requested-with", "XMLHttpRequest"),
        OWN,
        SAME_SITE,
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ],
];

#[test]
fn sec_09_requests_without_a_sign_in_change_nothing_whatever_their_method() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let before = world.journal.all_records();
    let methods = [
        "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND",
    ];
    let suffix = ana.suffix();
    let bodies = [
        String::new(),
        format!("decision=approve&release={suffix}&csrf=&reason=x"),
    ];
    let mut sent = 0;
    for method in methods {
        for agent in AGENTS {
            for path in [
                "",
                "/sign-in",
                "/decision",
                "?decision=approve",
                "/decision?decision=approve",
            ] {
                for body in &bodies {
                    let path = format!("{}{path}", ana.path());
                    let headers = [agent, &[FORM]].concat();
                    let answer = send(&world, request(method, &path, &headers, body));
                    assert_eq!(answer.header("set-cookie"), "");
                    sent += 1;
                }
            }
        }
    }
    assert_eq!(sent, 500);
    assert_eq!(world.journal.all_records(), before);
    assert_eq!(world.approval(RUN).decisions, []);
}

#[test]
fn sec_09_methods_are_answered_as_what_they_are() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let status = |method: &str, path: &str| {
        let path = format!("{}{path}", ana.path());
        let answer = send(&world, request(method, &path, &[FORM, OWN], ""));
        (
            answer.status,
            answer.header("allow").to_owned(),
            answer.body.is_empty(),
        )
    };
    let no = |allowed: &str| (405, allowed.to_owned(), false);
    assert_eq!(status("GET", ""), (200, String::new(), false));
    assert_eq!(status("HEAD", ""), (200, String::new(), true));
    assert_eq!(status("OPTIONS", ""), no("GET, HEAD"));
    assert_eq!(status("POST", ""), no("GET, HEAD"));
    assert_eq!(status("PUT", "/decision"), no("GET, HEAD, POST"));
    // Reloading the address of a form that was refused leads back to the page.
    assert_eq!(status("GET", "/decision").0, 303);
    assert_eq!(status("POST", "/decision").0, 403);
    assert_eq!(status("POST", "/sign-in").0, 403);
}

#[test]
fn sec_09_a_robot_that_follows_every_link_and_sends_every_form_decides_nothing() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let before = world.journal.all_records();
    let page = ana.look().body;
    let mut sent = 0;
    for action in page
        .split("action=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        for filled in [
            "",
            "test",
            "00000-00000",
            "' OR 1=1",
            "AAAAAAAAAA",
            "approve",
        ] {
            let body = format!(
                "code={filled}&decision=approve&csrf={filled}&release={}",
                ana.suffix()
            );
            let headers = [FORM, ("origin", "null"), SAME_SITE];
            assert_eq!(
                send(&world, request("POST", action, &headers, &body)).status,
                403
            );
            sent += 1;
        }
    }
    for link in page
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(link.starts_with('/') || link.starts_with('#'), "{link}");
        if link.starts_with("/approvals") {
            ana.get(link);
        }
    }
    assert_eq!(sent, 6);
    assert_eq!(world.journal.all_records(), before);
    assert!(!page.contains("<script") && page.contains(&format!("{}/sign-in", ana.path())));
    assert!(!page.contains(&ana.code) && !page.contains(BASE));
}

#[test]
fn sec_09_wrong_codes_are_told_and_leave_no_trace() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let before = world.journal.all_records();
    for index in 0..200 {
        let answer = ana.post("sign-in", &format!("code={index:05}-00000"));
        assert_eq!(answer.status, 403);
        assert!(
            answer
                .body
                .contains("That is not the code; it is in the mail")
        );
    }
    assert_eq!(world.journal.all_records(), before);
    // And the person can still sign in.
    assert_eq!(ana.sign_in().1.status, 303);
}
