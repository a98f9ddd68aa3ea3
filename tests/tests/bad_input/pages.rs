//! Who may read the pages of a machine that runs on a computer with others.

use blackbox::{Home, Machine};

/// Every program of this computer can reach the port; only whoever has the printed address reads.
#[test]
fn sec_51_pages_are_for_whoever_has_the_printed_address() {
    let home = Home::new();
    let machine = Machine::start(&home);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    for path in ["/", "/environments", "/runs/1/abc", "/?token=", "/?token=0"] {
        let mut answer = agent.get(format!("{}{path}", machine.url)).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 401, "{path}: {text}");
        assert!(text.contains("`slipway dashboard`"), "{text}");
    }
    let told = home.document(&["dashboard"]);
    let address = told["dashboard"].as_str().unwrap();
    assert!(address.starts_with(&machine.url), "{address}");
    let exchanged = agent.get(address).call().unwrap();
    assert_eq!(exchanged.status(), 303);
    assert_eq!(exchanged.headers()["location"], "/");
    let cookie = exchanged.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let page = agent
        .get(&machine.url)
        .header("cookie", cookie)
        .call()
        .unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(machine.stop(), Some(0));
    home.slipway(&["dashboard"]).expect(3);
}
