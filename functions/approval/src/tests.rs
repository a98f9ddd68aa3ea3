//! Purpose: the road from the mail to the decision, and everything that must not lead there.

mod browser;
mod codes;
mod comments;
mod decisions;
mod forms;
mod lost;
mod pages_shown;
mod scanners;
mod shop;
#[path = "../../notifier/src/tests/world.rs"]
mod world;

use browser::Visit;
use world::{ANA, BOB, RUN, World, production};

#[test]
fn two_people_approve_and_the_run_goes_on() {
    let world = World::plain();
    let (ana, bob) = (Visit::of(&world, ANA), Visit::of(&world, BOB));
    let (ana, answer) = ana.sign_in();
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, ana.path().as_str())
    );
    let page = ana.look();
    assert!(
        page.body
            .contains("You are signed in as Ana until 09:15 UTC."),
        "{}",
        page.body
    );

    let before = world.journal.commits();
    let answer = ana.decide("approve", "");
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, ana.path().as_str())
    );
    assert_eq!(world.journal.commits(), before + 1);
    let page = ana.look();
    assert!(
        page.body
            .contains("You approved this release, 2026-03-01 09:00:00 UTC.")
    );
    assert!(page.body.contains("1 approval missing"));
    assert!(!page.body.contains("<form"));

    let (bob, _) = bob.sign_in();
    assert_eq!(bob.decide("approve", "looks good").status, 303);
    assert!(bob.look().body.contains("It waits for its turn to deploy."));
    let approval = world.approval(RUN);
    assert!(approval.is_granted());
    assert_eq!(approval.decisions[1].reason, "looks good");
}

#[test]
fn the_decision_is_signed_over_everything_that_it_is_bound_to() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    ana.decide("approve", "");
    let decision = world.approval(RUN).decisions[0].clone();
    let text = decision.signed_text(&RUN.into(), &production());
    let verified = |text: &str| {
        let verify = engine::ports::Keys::verify(&world, text.as_bytes(), &decision.signature);
        testkit::yielding::block_on(verify).unwrap()
    };
    assert!(verified(&text));
    assert!(!verified(&text.replace("approve", "reject")));
    let records = world.journal.all_records();
    let last = records[&world::stream(RUN)].last().unwrap().clone();
    assert_eq!(
        (last.actor.as_str(), last.events[0].kind.as_str()),
        ("person:1", "DecisionMade")
    );
}

#[test]
fn a_rejection_ends_the_stage_and_everybody_sees_why() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    assert_eq!(ana.decide("reject", "the price\r\nis wrong").status, 303);
    assert_eq!(
        world.approval(RUN).decisions[0].reason,
        "the price\nis wrong"
    );
    let bob = Visit::of(&world, BOB).look();
    assert!(
        bob.body.contains("Ana rejected it: the price is wrong"),
        "{}",
        bob.body
    );
    assert!(bob.body.contains("It can no longer be decided."));
}
