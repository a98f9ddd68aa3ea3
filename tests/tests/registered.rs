//! A repository that is registered is watched from that moment on, whether or not the machine runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use blackbox::{Home, Machine, Repository, until};

const QUICK: &str = "
version: 1
on: { push: { branches: [\"**\"] } }
jobs: { quick: { run: echo done } }
";

#[test]
fn what_comes_after_the_registration_is_built_and_what_was_there_is_not() {
    let home = Home::new();
    let shop = Repository::new(home.folder().join("shop"));
    let before = shop.write(".slipway.yaml", QUICK).commit("Was there");
    home.register(&shop, &[]);
    let after = shop.commit("Before the machine runs");
    let machine = Machine::start(&home);
    until("it is built", || {
        home.runs()
            .iter()
            .any(|run| run["commit"] == after && run["status"] == "succeeded")
    });

    // Beside a running machine, too, without a pause in which it could look first.
    let other = Repository::new(home.folder().join("other"));
    other.write(".slipway.yaml", QUICK).commit("Was there");
    home.register(&other, &[]);
    let at_once = other.commit("At once");
    until("it is built", || {
        home.runs()
            .iter()
            .any(|run| run["commit"] == at_once && run["status"] == "succeeded")
    });
    assert_eq!(home.runs().len(), 2);
    assert!(!home.runs().iter().any(|run| run["commit"] == before));
    assert_eq!(machine.stop(), Some(0));
}

#[test]
fn an_old_commit_is_built_again_when_a_person_asks_for_it() {
    let home = Home::new();
    let shop = Repository::new(home.folder().join("shop"));
    shop.write(".slipway.yaml", QUICK).commit("Was there");
    home.register(&shop, &[]);
    let machine = Machine::start(&home);
    let done = |commit: &str, count: usize| {
        let runs = home.runs();
        let of = runs.iter().filter(|run| run["commit"] == commit);
        of.filter(|run| run["status"] == "succeeded").count() == count
    };
    let old = shop.commit("Old");
    until("the old one is built", || done(&old, 1));
    let new = shop.commit("New");
    until("the new one is built", || done(&new, 1));

    let runs = home.runs();
    let first = runs.iter().find(|run| run["commit"] == old).unwrap();
    let again = home.document(&["retry", first["run"].as_str().unwrap()]);
    until("the old one is built again", || done(&old, 2));
    // For the same reason as the first time, and not as something that a person thought of.
    let again = home.show(again["run"].as_str().unwrap());
    assert_eq!(again["event"], "push", "{again:#}");
    assert_eq!(machine.stop(), Some(0));
}
