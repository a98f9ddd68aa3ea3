//! Purpose: decisions in comments: whose count, of which release, and what is answered.

use std::collections::BTreeMap;

use domain::delivery::{Passed, Reaction, Said};
use domain::ids::{PersonId, RunId};
use engine::ports::Written;
use testkit::yielding::block_on;

use super::shop::{Shop, Words, said};
use super::world::{ANA, BOB, CARL, EVE, RUN};

#[test]
fn two_comments_of_two_approvers_approve_what_they_name() {
    let shop = Shop::new();
    let approve = shop.approves();
    let (reaction, body) = shop.say("one", (ANA, "ana"), &approve);
    assert_eq!(reaction, Reaction::ThumbsUp);
    let run = "[run a1b2c3d4e5f6](https://ci.example.org/runs/12/a1b2c3d4e5f6)";
    assert_eq!(
        body,
        format!("Approved for `production` in {run}; one more approval is needed.")
    );
    let (reaction, body) = shop.say("two", (BOB, "Bob"), &approve);
    assert_eq!(reaction, Reaction::ThumbsUp);
    assert_eq!(body, format!("Approved for `production` in {run}."));
    assert!(shop.world.approval(RUN).is_granted());

    let decision = shop.world.approval(RUN).decisions[0].clone();
    let text = decision.signed_text(&RUN.into(), &super::production());
    let verify = engine::ports::Keys::verify(&shop.world, text.as_bytes(), &decision.signature);
    assert!(block_on(verify).unwrap());
}

#[test]
fn a_comment_that_is_carried_out_again_decides_once_and_is_answered_once() {
    let shop = Shop::new();
    let body = shop.approves();
    let words = Words {
        guid: "one",
        id: ANA,
        login: "ana",
        body: &body,
    };
    let stream = shop.leave(&words, &[1]);
    assert_eq!(shop.ring(&stream), 0);
    let commits = shop.world.journal.commits();
    assert_eq!(shop.ring(&stream), 0);
    assert_eq!(shop.world.journal.commits(), commits);
    assert_eq!(shop.deciders(), [ANA]);
}

#[test]
fn sec_07_a_comment_counts_for_the_number_and_the_name_that_the_machine_knows() {
    let shop = Shop::new();
    let approve = shop.approves();
    let strangers = [
        // Known to nobody, with an approver's name.
        (PersonId(101), "ana"),
        // Where numbers were made up, somebody else has an approver's.
        (ANA, "mojombo"),
        (ANA, "anna"),
        (ANA, "аna"),
    ];
    for (at, who) in strangers.into_iter().enumerate() {
        let (reaction, body) = shop.say(&format!("g{at}"), who, &approve);
        assert_eq!(reaction, Reaction::Confused, "{who:?}");
        assert_eq!(
            body, "You may not use `/approve` here; an approver of the environment can.",
            "{who:?}"
        );
    }
    // Known, and of no part in it.
    let (reaction, body) = shop.say("eve", (EVE, "eve"), &approve);
    assert_eq!(reaction, Reaction::Confused);
    assert_eq!(
        body,
        "You may not decide about production: you are not, or not any more, one of those whom its policy names."
    );
    assert!(shop.deciders().is_empty());
}

#[test]
fn sec_11_nobody_approves_their_own_change_by_a_comment() {
    let shop = Shop::new();
    let approve = shop.approves();
    let (reaction, body) = shop.say("own", (CARL, "carl"), &approve);
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.contains("own change") || body.contains("started"),
        "{body}"
    );
    assert!(shop.deciders().is_empty());
}

#[test]
fn sec_12_an_approver_who_was_removed_decides_nothing() {
    let shop = Shop::new();
    let approve = shop.approves();
    shop.world
        .people
        .lock()
        .unwrap()
        .retain(|one| one.id != BOB);
    let (reaction, _) = shop.say("gone", (BOB, "bob"), &approve);
    assert_eq!(reaction, Reaction::Confused);
    assert!(shop.deciders().is_empty());
}

#[test]
fn sec_02_nobody_decides_while_it_is_not_known_who_may() {
    let shop = Shop::new();
    let approve = shop.approves();
    let words = Words {
        guid: "dark",
        id: ANA,
        login: "ana",
        body: &approve,
    };
    let stream = shop.leave(&words, &[1]);
    shop.world
        .people_fail
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(shop.ring(&stream), 1);
    assert!(shop.deciders().is_empty());
    assert!(shop.delivery(&stream).reply.is_none());
    shop.world
        .people_fail
        .store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(shop.ring(&stream), 0);
    assert_eq!(shop.deciders(), [ANA]);
}

#[test]
fn sec_10_another_release_is_not_approved_whatever_run_was_looked_up() {
    let shop = Shop::new();
    let body = format!("/approve production {}", "0".repeat(12));
    let (reaction, body) = shop.say("other", (ANA, "ana"), &body);
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.contains(shop.world.approval(RUN).release.as_str()),
        "{body}"
    );
    assert!(shop.deciders().is_empty());
}

#[test]
fn a_rejection_takes_a_reason_and_ends_it_for_all() {
    let shop = Shop::new();
    let no = "/reject production the price is wrong";
    let (reaction, body) = shop.say("no", (BOB, "bob"), no);
    assert_eq!(reaction, Reaction::ThumbsUp);
    assert!(body.starts_with("Rejected for `production` in "), "{body}");
    assert_eq!(
        shop.world.approval(RUN).decisions[0].reason,
        "the price is wrong"
    );
    let (reaction, body) = shop.say("late", (ANA, "ana"), &shop.approves());
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.starts_with(char::is_uppercase) && body.ends_with('.'),
        "{body}"
    );
}

#[test]
fn all_lines_of_a_comment_are_answered_together() {
    let shop = Shop::new();
    let body = format!("/why\n{}\n/test", shop.approves());
    let words = Words {
        guid: "many",
        id: ANA,
        login: "ana",
        body: &body,
    };
    let passed = Passed {
        said: BTreeMap::from([
            (1, Said::text("It waits.".to_owned())),
            (3, Said::no("This pull request is closed.".to_owned())),
        ]),
        decisions: BTreeMap::from([(2, RunId::from(RUN))]),
    };
    let stream = shop.leave_as(&words, passed);
    assert_eq!(shop.ring(&stream), 0);
    let (reaction, body) = said(&shop.delivery(&stream));
    assert_eq!(reaction, Reaction::Confused);
    assert_eq!(
        body,
        "`/why` in line 1: It waits.\n\n`/approve` in line 2: Approved for `production` in \
         [run a1b2c3d4e5f6](https://ci.example.org/runs/12/a1b2c3d4e5f6); one more approval is needed.\n\n\
         `/test` in line 3: This pull request is closed."
    );
}

/// The decision is recorded, and whoever recorded it dies before the answer is.
#[test]
fn what_stands_is_said_to_stand_though_the_run_has_gone_on() {
    let shop = Shop::new();
    let words = Words {
        guid: "no",
        id: BOB,
        login: "bob",
        body: "/reject production the price is wrong",
    };
    let first = shop.leave(&words, &[1]);
    let again = shop.leave(
        &Words {
            guid: "again",
            ..words
        },
        &[1],
    );
    assert_eq!(shop.ring(&first), 0);
    assert!(shop.world.run(RUN).is_over());
    // Neither does it matter what became of the comment.
    shop.comments.lock().unwrap().clear();
    assert_eq!(shop.ring(&again), 0);
    assert_eq!(said(&shop.delivery(&again)), said(&shop.delivery(&first)));
    assert_eq!(shop.deciders(), [BOB]);
}

/// Functions that may not sign can write deliveries, too.
#[test]
fn sec_25_only_what_github_has_of_its_author_decides() {
    let forged: [fn(&mut Written); 5] = [
        |written| written.author = None,
        |written| written.author.as_mut().unwrap().id = EVE,
        |written| written.author.as_mut().unwrap().name = "eve".to_owned(),
        |written| written.body = "Looks good to me.".to_owned(),
        |written| written.is_edited = true,
    ];
    for forge in forged {
        let shop = Shop::new();
        let body = shop.approves();
        let words = Words {
            guid: "forged",
            id: ANA,
            login: "ana",
            body: &body,
        };
        let stream = shop.leave(&words, &[1]);
        forge(shop.comments.lock().unwrap().get_mut(&77).unwrap());
        assert_eq!(shop.ring(&stream), 0);
        let (reaction, body) = said(&shop.delivery(&stream));
        assert_eq!(reaction, Reaction::Confused);
        assert!(body.contains("not what its author wrote"), "{body}");
        assert!(shop.deciders().is_empty());
    }
    let shop = Shop::new();
    let body = shop.approves();
    let words = Words {
        guid: "gone",
        id: ANA,
        login: "ana",
        body: &body,
    };
    let stream = shop.leave(&words, &[1]);
    shop.comments.lock().unwrap().clear();
    assert_eq!(shop.ring(&stream), 0);
    assert_eq!(said(&shop.delivery(&stream)).0, Reaction::Confused);
    assert!(shop.deciders().is_empty());
}

#[test]
fn a_rejection_that_names_a_release_rejects_no_other() {
    let shop = Shop::new();
    let other = format!("/reject production {} no", "0".repeat(12));
    let (reaction, body) = shop.say("other", (ANA, "ana"), &other);
    assert_eq!(reaction, Reaction::Confused);
    assert!(body.contains("name it by the beginning"), "{body}");
    assert!(shop.deciders().is_empty());
    let release = shop.world.approval(RUN).release;
    let this = format!("/reject production {} no", release.short());
    assert_eq!(shop.say("this", (ANA, "ana"), &this).0, Reaction::ThumbsUp);
    assert_eq!(shop.world.approval(RUN).decisions[0].reason, "no");
}
