//! The page on 127.0.0.1: who finds it, what counts, and how often.

use std::thread;
use std::time::Duration;

use blackbox::until;
use fake_github::{Route, Trouble};

use super::world::{World, get, get_as};

#[test]
fn sec_35_a_state_that_is_not_ours_changes_nothing() {
    let world = World::new();
    let setup = world.begin(&[]);
    let back = setup.press();
    let state = setup.state();
    for wrong in ["", "x", &state[1..], &state.to_uppercase()] {
        let page = get(&back.replace(&state, wrong));
        assert_eq!(page.status, 403, "{wrong}");
        assert!(page.body.contains("Nothing was changed"), "{}", page.body);
    }
    let page = get(&format!("{}/callback", setup.origin()));
    assert_eq!(page.status, 403, "without a state");
    let page = get(&format!("{}/callback?state={state}", setup.origin()));
    assert_eq!(page.status, 400, "without a code");
    assert_eq!(world.github.calls(Route::Conversion), 0);
    world.nothing_is_stored();
    // The right one still counts.
    assert_eq!(get(&back).status, 200);
    setup.end().expect(0);
}

#[test]
fn sec_35_a_state_counts_once() {
    let world = World::new();
    world
        .github
        .trouble(Route::Conversion, [Trouble::Slow(3_000)]);
    let setup = world.begin(&[]);
    let (back, page) = (setup.press(), setup.page.clone());
    let other = setup.press();
    let first = thread::spawn(move || get(&back));
    until("the first answer is being worked on", || {
        world.github.calls(Route::Conversion) == 1
    });
    let second = get(&other);
    assert_eq!(second.status, 409);
    assert!(second.body.contains("used already"), "{}", second.body);
    assert_eq!(get(&page).status, 409, "the page itself is closed, too");
    assert_eq!(first.join().unwrap().status, 200);
    setup.end().expect(0);
    assert_eq!(world.github.calls(Route::Conversion), 1);
}

#[test]
fn sec_51_the_page_is_found_by_its_word_and_by_our_own_names_only() {
    let world = World::new();
    let setup = world.begin(&[]);
    for path in ["/", "/setup", "/callback/", "/assets/none.css"] {
        let page = get(&format!("{}{path}", setup.origin()));
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.body.contains("state="), "{path}");
    }
    let page = get_as(&setup.page, Some("evil.example"));
    assert_eq!(page.status, 421);
    let page = get(&setup.page);
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.body.contains("<script"));
    let style = super::world::between(&page.body, "rel=\"stylesheet\" href=\"", "\"");
    assert_eq!(get(&format!("{}{style}", setup.origin())).status, 200);
    let said = setup.terminate();
    assert_eq!(said.code, None, "a signal ends it");
    world.nothing_is_stored();
}

/// Whoever closes the browser after GitHub has made the App has it all the same.
#[test]
fn a_browser_that_goes_away_does_not_lose_the_app() {
    let world = World::new();
    world
        .github
        .trouble(Route::Conversion, [Trouble::Slow(1_500)]);
    let setup = world.begin(&[]);
    let back = setup.press();
    let gone: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(500)))
        .build()
        .into();
    assert!(gone.get(&back).call().is_err());
    setup.end().expect(0);
    assert!(world.home.data().join("github.json").exists());
}
