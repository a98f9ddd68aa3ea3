use domain::ids::RepositoryId;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn judged(status: u16, headers: &[(&str, &str)], message: &str) -> Judged {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect();
    let answer = Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: serde_json::json!({ "message": message })
            .to_string()
            .into_bytes(),
    };
    let now = Timestamp::from_second(1_000).unwrap();
    judge(&Route::installation(RepositoryId(42)), &answer, now)
}

fn pause(judged: &Judged) -> i64 {
    match judged {
        Judged::Limited {
            until,
            fault: Fault::Unavailable(text),
        } => {
            let seconds = until.as_second() - 1_000;
            assert!(text.contains(&format!("(in {seconds} seconds)")), "{text}");
            seconds
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_of_rate_limit_tells_when_it_ends() {
    let primary = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1090"),
    ];
    assert_eq!(pause(&judged(403, &primary, "API rate limit exceeded")), 90);
    assert_eq!(pause(&judged(429, &primary, "")), 90);
    assert_eq!(pause(&judged(401, &primary, "")), 90);
    assert_eq!(pause(&judged(403, &[("retry-after", "7")], "slow down")), 7);
    let secondary = "You have exceeded a secondary rate limit";
    assert_eq!(pause(&judged(403, &[], secondary)), 60);
    assert_eq!(pause(&judged(429, &[], "")), 60);
}

#[test]
fn a_pause_is_bounded_whatever_github_says() {
    assert_eq!(
        pause(&judged(429, &[("retry-after", "9999999")], "")),
        3_600
    );
    assert_eq!(pause(&judged(429, &[("retry-after", "-5")], "")), 0);
    let past = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")];
    assert_eq!(pause(&judged(403, &past, "")), 0);
    let never = [("retry-after", "soon")];
    assert_eq!(pause(&judged(429, &never, "")), 60);
}

#[test]
fn the_other_answers() {
    assert_eq!(judged(200, &[], ""), Judged::Good);
    assert_eq!(judged(201, &[], ""), Judged::Good);
    assert_eq!(judged(404, &[], "Not Found"), Judged::Absent);
    assert_eq!(judged(409, &[], "Git Repository is empty."), Judged::Absent);
    assert!(matches!(
        judged(401, &[], "Bad credentials"),
        Judged::Denied(Fault::Unavailable(_))
    ));
    for later in [408, 500, 502, 503, 504] {
        let fault = judged(later, &[], "");
        assert!(
            matches!(fault, Judged::Fault(Fault::Unavailable(_))),
            "{later}"
        );
    }
    // A quota that is not used up is no reason for a refusal.
    let left = [
        ("x-ratelimit-remaining", "4000"),
        ("x-github-request-id", "A:1"),
    ];
    let Judged::Fault(Fault::Malformed(text)) = judged(403, &left, "not\naccessible") else {
        panic!()
    };
    assert_eq!(
        text,
        "GitHub answered 403 Forbidden to /repositories/42/installation (request A:1): not accessible"
    );
    for never in [302, 304, 400, 418, 422] {
        let fault = judged(never, &[], "");
        assert!(
            matches!(fault, Judged::Fault(Fault::Malformed(_))),
            "{never}"
        );
    }
}
