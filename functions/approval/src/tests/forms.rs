//! Purpose: forms are taken from our own page only.

use super::browser::{FORM, OWN, SAME_SITE, Visit, request, send};
use super::world::{ANA, BASE, BOB, RUN, World};
use crate::MAX_BODY;

/// Headers with which a signed-in browser would post from elsewhere.
const FOREIGN: [&[(&str, &str)]; 16] = [
    &[],
    &[SAME_SITE],
    &[("origin", "https://evil.example"), SAME_SITE],
    &[("origin", "https://ci.example.org.evil.example")],
    &[("origin", "http://ci.example.org")],
    &[("origin", "https://ci.example.org:8443")],
    &[("origin", "https://ci.example.org/")],
    &[("origin", "")],
    &[("origin", "null")],
    &[("origin", "null"), ("sec-fetch-site", "none")],
    &[("origin", "null"), ("sec-fetch-site", "cross-site")],
    &[OWN, ("sec-fetch-site", "cross-site")],
    &[OWN, ("sec-fetch-site", "same-site")],
    &[OWN, ("sec-fetch-site", "none")],
    &[OWN, OWN],
    &[OWN, SAME_SITE, ("sec-fetch-site", "cross-site")],
];

#[test]
fn sec_24_a_form_from_another_site_changes_nothing_though_the_browser_is_signed_in() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let form = ana.form("approve", "");
    let commits = world.journal.commits();
    let cookie = ("cookie", ana.cookie.as_deref().unwrap());
    for headers in FOREIGN {
        let headers = [headers, &[FORM, cookie]].concat();
        for (action, body) in [
            ("decision", form.clone()),
            ("sign-in", format!("code={}", ana.code)),
        ] {
            let path = format!("{}/{action}", ana.path());
            let answer = send(&world, request("POST", &path, &headers, &body));
            assert_eq!(answer.status, 403, "{headers:?}");
            assert_eq!(answer.header("set-cookie"), "");
            assert!(answer.body.contains("That was not sent by this page"));
        }
    }
    assert_eq!(world.journal.commits(), commits);
    assert_eq!(world.approval(RUN).decisions, []);
}

#[test]
fn sec_24_sec_55_the_form_of_a_page_without_referrer_is_taken() {
    // What Chromium sends from a page whose referrer policy is `no-referrer`.
    let accepted: [&[(&str, &str)]; 3] =
        [&[OWN], &[OWN, SAME_SITE], &[("origin", "null"), SAME_SITE]];
    for headers in accepted {
        let world = World::plain();
        let (ana, _) = Visit::of(&world, ANA).sign_in();
        let cookie = ("cookie", ana.cookie.as_deref().unwrap());
        let headers = [headers, &[FORM, cookie]].concat();
        let path = format!("{}/decision", ana.path());
        let answer = send(
            &world,
            request("POST", &path, &headers, &ana.form("approve", "")),
        );
        assert_eq!(answer.status, 303, "{headers:?}");
        assert_eq!(world.approval(RUN).decisions.len(), 1);
    }
}

#[test]
fn sec_24_the_token_of_the_form_belongs_to_the_session() {
    let world = World::plain();
    let ((ana, _), (bob, _)) = (
        Visit::of(&world, ANA).sign_in(),
        Visit::of(&world, BOB).sign_in(),
    );
    let rest = format!("release={}&decision=approve", ana.suffix());
    let mine = ana.csrf();
    let commits = world.journal.commits();
    for csrf in [
        "",
        "0",
        &bob.csrf(),
        &mine[1..],
        &mine.to_uppercase(),
        &format!("{mine}0"),
    ] {
        assert_eq!(
            ana.post("decision", &format!("csrf={csrf}&{rest}")).status,
            403,
            "{csrf}"
        );
    }
    assert_eq!(ana.post("decision", &rest).status, 403);
    assert_eq!(world.journal.commits(), commits);
    assert_eq!(
        ana.post("decision", &format!("csrf={mine}&{rest}")).status,
        303
    );
}

#[test]
fn only_forms_of_a_bounded_size_are_read() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let form = ana.form("approve", "");
    let cookie = ("cookie", ana.cookie.as_deref().unwrap());
    let path = format!("{}/decision", ana.path());
    let commits = world.journal.commits();
    let kinds = [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "",
        "x-www-form-urlencoded",
    ];
    for kind in kinds {
        let headers = [OWN, SAME_SITE, cookie, ("content-type", kind)];
        assert_eq!(
            send(&world, request("POST", &path, &headers, &form)).status,
            400,
            "{kind}"
        );
    }
    let headers = [OWN, SAME_SITE, cookie];
    assert_eq!(
        send(&world, request("POST", &path, &headers, &form)).status,
        400
    );
    let post = |body: &str| ana.post("decision", body).status;
    assert_eq!(post(&format!("{form}&pad={}", "x".repeat(MAX_BODY))), 413);
    assert_eq!(post(&format!("{form}&decision=reject")), 400);
    assert_eq!(post(&format!("{form}&a=1&b=1&c=1&d=1&e=1")), 400);
    assert_eq!(post(""), 403);
    assert_eq!(world.journal.commits(), commits);
    let headers = [
        OWN,
        cookie,
        (
            "content-type",
            "Application/X-WWW-Form-URLencoded; charset=UTF-8",
        ),
    ];
    assert_eq!(
        send(&world, request("POST", &path, &headers, &form)).status,
        303
    );
}

#[test]
fn the_origin_is_the_one_of_the_configuration() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let body = format!("code={}", ana.code);
    let path = format!("{}/sign-in", ana.path());
    let cases = [
        (format!("{BASE}/"), BASE, 303),
        (
            "http://127.0.0.1:8080".to_owned(),
            "http://127.0.0.1:8080",
            303,
        ),
        (
            "http://127.0.0.1:8080".to_owned(),
            "http://localhost:8080",
            403,
        ),
        (
            "HTTPS://CI.example.org".to_owned(),
            "https://ci.example.org",
            303,
        ),
        ("nothing".to_owned(), "nothing", 403),
    ];
    for (base, origin, status) in cases {
        let deps = crate::Deps {
            base_url: &base,
            ..super::browser::deps(&world)
        };
        let request = request("POST", &path, &[FORM, ("origin", origin)], &body);
        let answer = testkit::yielding::block_on(crate::handle(&deps, request, "call"));
        assert_eq!(answer.status().as_u16(), status, "{base} {origin}");
    }
}
