use super::*;

fn token() -> PageToken {
    PageToken("0123456789abcdef0123456789abcdef".to_owned())
}

fn ask(method: &Method, uri: &str, headers: &[(&str, &str)]) -> Visit {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: header::HeaderName = name.parse().unwrap();
        map.append(name, value.parse().unwrap());
    }
    visit(&token(), 4180, method, &uri.parse().unwrap(), &map)
}

#[test]
fn sec_51_pages_are_read_with_the_token_only() {
    let right = &token().0;
    for (what, uri, headers) in [
        ("nothing", "/", vec![]),
        ("a run without it", "/runs/7/abc", vec![]),
        (
            "a wrong one",
            "/?token=0123456789abcdef0123456789abcdee",
            vec![],
        ),
        ("a shorter one", "/?token=0123", vec![]),
        ("an empty one", "/?token=", vec![]),
        ("no path of ours", "/healthz/x", vec![]),
        ("beside what is open", "/webhook/../runs", vec![]),
        (
            "another machine's cookie",
            "/",
            vec![("cookie", format!("slipway-4181={right}"))],
        ),
        (
            "a wrong cookie",
            "/",
            vec![("cookie", "slipway-4180=x".to_owned())],
        ),
        (
            "a wrong bearer",
            "/",
            vec![("authorization", "Bearer x".to_owned())],
        ),
        (
            "another scheme",
            "/",
            vec![("authorization", format!("Basic {right}"))],
        ),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(ask(&Method::GET, uri, &headers), Visit::Stranger, "{what}");
    }
    let cookie = format!("a=b; slipway-4180={right}");
    let bearer = format!("Bearer {right}");
    assert_eq!(
        ask(&Method::GET, "/", &[("cookie", &cookie)]),
        Visit::Welcome
    );
    assert_eq!(
        ask(&Method::GET, "/", &[("authorization", &bearer)]),
        Visit::Welcome
    );
}

#[test]
fn what_asks_for_a_proof_of_its_own_is_open() {
    for path in [
        "/webhook",
        "/claims",
        "/healthz",
        "/assets/x.css",
        "/approvals/7/r/production/t",
    ] {
        assert_eq!(ask(&Method::POST, path, &[]), Visit::Welcome, "{path}");
    }
}

#[test]
fn the_address_is_exchanged_for_a_cookie_and_never_leads_away() {
    let address = token().address("http://127.0.0.1:4180");
    let Visit::Exchange { cookie, place } = ask(&Method::GET, &address, &[]) else {
        panic!("the printed address is not taken");
    };
    assert_eq!(place, "/");
    assert_eq!(
        cookie,
        format!("slipway-4180={}; Path=/; HttpOnly; SameSite=Lax", token().0)
    );
    for (uri, expected) in [
        (
            "/runs/7/a%2Fb?state=failed&token=TOKEN&q=a%26b",
            "/runs/7/a%2Fb?state=failed&q=a%26b",
        ),
        ("//evil.example/x?token=TOKEN", "/evil.example/x"),
    ] {
        let uri = uri.replace("TOKEN", &token().0);
        let Visit::Exchange { place, .. } = ask(&Method::GET, &uri, &[]) else {
            panic!("{uri}");
        };
        assert_eq!(place, expected);
    }
    let posted = ask(&Method::POST, &format!("/?token={}", token().0), &[]);
    assert_eq!(posted, Visit::Stranger);
}
