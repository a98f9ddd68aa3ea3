//! Purpose: what the pages say, how they are built, and the headers that none goes without.

use super::browser::{Answer, FORM, OWN, Visit, request, send};
use super::world::{ANA, BOB, RUN, World, hostile};

const HEADERS: [(&str, &str); 4] = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

fn protected(answer: &Answer) {
    for (name, value) in HEADERS {
        assert_eq!(answer.header(name), value, "{}", answer.status);
    }
    let policy = answer.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "style-src 'self'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"));
}

#[test]
fn sec_23_sec_24_sec_55_every_answer_has_the_headers() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let (signed_in, first) = ana.clone().sign_in();
    let bad = request("POST", &format!("{}/sign-in", ana.path()), &[OWN], "code=x");
    let put = request("PUT", &ana.path(), &[FORM, OWN], "");
    let large = "x".repeat(crate::MAX_BODY + 1);
    let mut answers = vec![
        ana.look(),
        first,
        signed_in.look(),
        ana.get("/approvals/"),
        ana.post("sign-in", "code=x"),
        ana.post("sign-in", &large),
        signed_in.post("decision", "decision=approve"),
        send(&world, bad),
        send(&world, put),
        signed_in.decide("approve", ""),
        signed_in.look(),
    ];
    world
        .people_fail
        .store(true, std::sync::atomic::Ordering::SeqCst);
    answers.push(ana.look());
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(
        statuses,
        [200, 303, 200, 404, 403, 413, 403, 400, 405, 303, 200, 503]
    );
    answers.iter().for_each(protected);
}

#[test]
fn what_does_not_exist_and_what_is_none_of_your_business_look_the_same() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let path = ana.path();
    let token = path.rsplit('/').next().unwrap();
    let zeros = "0".repeat(32);
    let paths = [
        path.replace(token, &zeros),
        path.replace(token, &token[1..]),
        path.replace(token, &token.to_uppercase()),
        path.replace(RUN, "ffffffffffff"),
        path.replace("production", "staging"),
        path.replace("production", "nowhere"),
        path.replace("/12/", "/13/"),
        path.replace("/12/", "/+12/"),
        path.replace("/12/", "/99999999999999999999999/"),
        path.replace(RUN, &"a".repeat(5_000)),
        path.replace("production", "%70roduction"),
        path.replace("production", "production/.."),
        format!("{path}/"),
        format!("{path}/other"),
        format!("{path}/decision/"),
        "/approvals".to_owned(),
        "/approvals/12".to_owned(),
        "/".to_owned(),
    ];
    let first = ana.get(&paths[0]).body;
    assert!(first.contains("There is no such approval; open the link in your newest mail."));
    for path in &paths {
        let answer = ana.get(path);
        assert_eq!((answer.status, &answer.body), (404, &first), "{path}");
    }
    for path in &paths[..9] {
        let answer = send(
            &world,
            request("POST", &format!("{path}/sign-in"), &[FORM, OWN], "code=x"),
        );
        assert_eq!((answer.status, &answer.body), (404, &first), "{path}");
    }
}

#[test]
fn the_page_says_what_a_person_needs_to_decide() {
    let world = World::plain();
    let page = Visit::of(&world, ANA).look().body;
    for part in [
        "<h1>Deploy acme/shop to production?</h1>",
        "2 approvals missing, until 2026-03-02 09:00:00 UTC.",
        "This link is for Ana.",
        "3 commits since 1111111, which production runs now: 2 files changed, +10 −4.",
        "and 1 more",
        "Round prices up",
        "120 passed, 1 failed, 3 skipped. 4 findings, 1 of them new.",
        "cart::rounds",
        "never read",
        "staging: deployed, verification succeeded.",
        "2.0 KiB in 1 file",
        "2 approvals are needed, from among Ana and Bob.",
        "may not decide: started this run",
        "may not decide: wrote this change",
        "The link alone authorises nothing.",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let approval = world.approval(RUN);
    for hash in [approval.release.as_str(), &"b".repeat(64), &"d".repeat(64)] {
        assert!(page.contains(hash), "{hash}");
    }
}

#[test]
fn every_input_has_a_label_and_the_page_a_language_title_and_landmarks() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let first = ana.look().body;
    let (ana, _) = ana.sign_in();
    for page in [first, ana.look().body] {
        for part in [
            "<html lang=\"en\">",
            "<title>Deploy acme/shop to production?",
            "<main id=\"main\"",
            "name=\"viewport\"",
        ] {
            assert_eq!(page.matches(part).count(), 1, "{part}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        for tag in page
            .split('<')
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap())
        {
            let scripted =
                tag.starts_with("script") || tag.contains(" on") || tag.contains(" style=");
            assert!(!scripted, "{tag}");
        }
        let mut fields = 0;
        for tag in page
            .split('<')
            .filter(|tag| tag.starts_with("input ") || tag.starts_with("textarea "))
        {
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            let id = tag
                .split(" id=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            assert_eq!(
                page.matches(&format!("<label for=\"{id}\">")).count(),
                1,
                "{id}"
            );
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
            let hint = tag
                .split("aria-describedby=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            assert_eq!(
                page.matches(&format!(" id=\"{hint}\"")).count(),
                1,
                "{hint}"
            );
            fields += 1;
        }
        assert_eq!(fields, if page.contains("/sign-in\"") { 1 } else { 2 });
    }
}

fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split([' ', '>']).next().unwrap())
        .collect()
}

#[test]
fn sec_23_hostile_text_is_escaped_in_every_field_of_every_page() {
    let (plain, world) = (World::plain(), World::new(hostile));
    let shown = |world: &World, reason: &str| {
        let (ana, bob) = (Visit::of(world, ANA), Visit::of(world, BOB));
        let mut pages = vec![ana.look()];
        let (ana, _) = ana.sign_in();
        pages.push(ana.look());
        let form = format!("csrf={}&decision=approve&release=x&reason=", ana.csrf());
        let encoded: String = form_urlencoded::byte_serialize(reason.as_bytes()).collect();
        pages.push(ana.post("decision", &format!("{form}{encoded}")));
        assert_eq!(ana.decide("reject", reason).status, 303);
        pages.push(bob.look());
        pages.into_iter().map(|page| page.body).collect::<Vec<_>>()
    };
    let attack = format!(
        "{}</textarea><form action=https://evil.example>",
        hostile("reason")
    );
    let (plain, attacked) = (shown(&plain, "reason"), shown(&world, &attack));
    for (plain, attacked) in plain.iter().zip(&attacked) {
        assert_eq!(tags(plain), tags(attacked));
        assert!(!attacked.contains("<script") && !attacked.contains('\u{202e}'));
        assert!(
            attacked.matches("&#60;script&#62;").count() >= 15,
            "{attacked}"
        );
        let quotes = |html: &str| html.matches('"').count();
        assert_eq!(quotes(plain), quotes(attacked));
    }
    assert!(attacked[3].contains("reason&#60;script&#62;"));
}
