//! Purpose: decisions in comments: whose count, of which release, and what is answered.

use std::collections::BTreeMap;

use domain::delivery::{Command, Delivery, Passed, Reaction, Said};
use domain::ids::{PersonId, RunId};
use domain::kernel::StreamId;
use engine::ports::{self, Doorbell, Inbox as _};
use engine::{Invocation, load, queue};
use serde_json::json;
use testkit::yielding::block_on;

use super::browser::deps;
use super::world::{ANA, BOB, CARL, EVE, REPOSITORY, RUN, World};
use crate::doorbells;

/// A comment that somebody writes below pull request 5.
struct Words<'a> {
    guid: &'a str,
    id: PersonId,
    login: &'a str,
    body: &'a str,
}

impl World {
    /// Hands a comment in as the webhook does, and leaves it to the approval function as the planner does.
    fn leave(&self, words: &Words<'_>, decisions: &[usize]) -> StreamId {
        let decisions = decisions.iter().map(|line| (*line, RunId::from(RUN)));
        let passed = Passed {
            said: BTreeMap::new(),
            decisions: decisions.collect(),
        };
        self.leave_as(words, passed)
    }

    fn leave_as(&self, words: &Words<'_>, passed: Passed) -> StreamId {
        let user = json!({ "id": words.id, "login": words.login, "type": "User" });
        let body = json!({
            "action": "created",
            "issue": { "number": 5, "user": { "id": 1 }, "pull_request": {} },
            "comment": {
                "id": 77, "user": user, "body": words.body, "created_at": "2026-03-01T09:00:00Z",
            },
            "repository": { "id": REPOSITORY },
            "sender": user,
        });
        let delivery = ports::Delivery {
            guid: words.guid.to_owned(),
            event: "issue_comment".to_owned(),
            body: body.to_string(),
            at_ms: 0,
        };
        block_on(self.journal.accept(&delivery)).unwrap();
        let stream = StreamId::delivery(words.guid);
        self.pass_on(&stream, passed);
        stream
    }

    fn pass_on(&self, stream: &StreamId, passed: Passed) {
        let call = Invocation::new(&self.journal, self, self, "function:planner", "planned");
        block_on(call.submit::<Delivery>(stream, &Command::PassOn(passed))).unwrap();
    }

    /// Rings the function; how many messages failed.
    fn ring(&self, stream: &StreamId) -> usize {
        let rung = [Doorbell {
            stream: stream.clone(),
        }];
        let call = format!("call-{}", super::codes::unique());
        let event = queue::event(&rung).unwrap();
        let answered = block_on(doorbells(&deps(self), event, &call));
        answered.batch_item_failures.len()
    }

    fn delivery(&self, stream: &StreamId) -> Delivery {
        block_on(load::<Delivery>(&self.journal, stream))
            .unwrap()
            .state
    }

    /// What somebody is answered who writes this.
    fn say(&self, guid: &str, (id, login): (PersonId, &str), body: &str) -> (Reaction, String) {
        let words = Words {
            guid,
            id,
            login,
            body,
        };
        let stream = self.leave(&words, &[1]);
        assert_eq!(self.ring(&stream), 0);
        said(&self.delivery(&stream))
    }

    /// `/approve` of the release that waits.
    fn approves(&self) -> String {
        format!("/approve production {}", self.approval(RUN).release.short())
    }

    fn deciders(&self) -> Vec<PersonId> {
        let decisions = self.approval(RUN).decisions;
        decisions.iter().map(|one| one.person).collect()
    }
}

fn said(delivery: &Delivery) -> (Reaction, String) {
    let reply = delivery.reply.clone().unwrap();
    assert_eq!((reply.thread, reply.comment), (5, Some(77)));
    (reply.reaction, reply.body.unwrap_or_default())
}

#[test]
fn two_comments_of_two_approvers_approve_what_they_name() {
    let world = World::plain();
    let approve = world.approves();
    let (reaction, body) = world.say("one", (ANA, "ana"), &approve);
    assert_eq!(reaction, Reaction::ThumbsUp);
    assert_eq!(body, "Approved; `production` needs 1 more.");
    let last = world.say("two", (BOB, "Bob"), &approve);
    assert_eq!(last, (Reaction::ThumbsUp, String::new()));
    assert!(world.approval(RUN).is_granted());

    let decision = world.approval(RUN).decisions[0].clone();
    let text = decision.signed_text(&RUN.into(), &super::production());
    let verify = engine::ports::Keys::verify(&world, text.as_bytes(), &decision.signature);
    assert!(block_on(verify).unwrap());
}

#[test]
fn a_comment_that_is_carried_out_again_decides_once_and_is_answered_once() {
    let world = World::plain();
    let body = world.approves();
    let words = Words {
        guid: "one",
        id: ANA,
        login: "ana",
        body: &body,
    };
    let stream = world.leave(&words, &[1]);
    assert_eq!(world.ring(&stream), 0);
    let commits = world.journal.commits();
    assert_eq!(world.ring(&stream), 0);
    assert_eq!(world.journal.commits(), commits);
    // The answer was lost with the one who gave it: the decision is there, and the next one says so.
    let stream = world.leave(
        &Words {
            guid: "two",
            ..words
        },
        &[1],
    );
    assert_eq!(world.ring(&stream), 0);
    assert_eq!(said(&world.delivery(&stream)).0, Reaction::ThumbsUp);
    assert_eq!(world.deciders(), [ANA]);
}

#[test]
fn sec_07_a_comment_counts_for_the_number_and_the_name_that_the_machine_knows() {
    let world = World::plain();
    let approve = world.approves();
    let strangers = [
        // Of no part in it.
        (EVE, "eve"),
        // Known to nobody, with an approver's name.
        (PersonId(101), "ana"),
        // Where numbers were made up, somebody else has an approver's.
        (ANA, "mojombo"),
        (ANA, "anna"),
        (ANA, "аna"),
    ];
    for (at, who) in strangers.into_iter().enumerate() {
        let (reaction, body) = world.say(&format!("g{at}"), who, &approve);
        assert_eq!(reaction, Reaction::Confused, "{who:?}");
        assert_eq!(
            body, "You may not use `/approve` here; an approver of the environment can.",
            "{who:?}"
        );
    }
    assert!(world.deciders().is_empty());
}

#[test]
fn sec_11_nobody_approves_their_own_change_by_a_comment() {
    let world = World::plain();
    let approve = world.approves();
    let (reaction, body) = world.say("own", (CARL, "carl"), &approve);
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.contains("own change") || body.contains("started"),
        "{body}"
    );
    assert!(world.deciders().is_empty());
}

#[test]
fn sec_12_an_approver_who_was_removed_decides_nothing() {
    let world = World::plain();
    let approve = world.approves();
    world.people.lock().unwrap().retain(|one| one.id != BOB);
    let (reaction, _) = world.say("gone", (BOB, "bob"), &approve);
    assert_eq!(reaction, Reaction::Confused);
    assert!(world.deciders().is_empty());
}

#[test]
fn sec_02_nobody_decides_while_it_is_not_known_who_may() {
    let world = World::plain();
    let approve = world.approves();
    let words = Words {
        guid: "dark",
        id: ANA,
        login: "ana",
        body: &approve,
    };
    let stream = world.leave(&words, &[1]);
    world
        .people_fail
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.ring(&stream), 1);
    assert!(world.deciders().is_empty());
    assert!(world.delivery(&stream).reply.is_none());
    world
        .people_fail
        .store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.ring(&stream), 0);
    assert_eq!(world.deciders(), [ANA]);
}

#[test]
fn sec_10_another_release_is_not_approved_whatever_run_was_looked_up() {
    let world = World::plain();
    let body = format!("/approve production {}", "0".repeat(12));
    let (reaction, body) = world.say("other", (ANA, "ana"), &body);
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.contains(world.approval(RUN).release.as_str()),
        "{body}"
    );
    assert!(world.deciders().is_empty());
}

#[test]
fn a_rejection_takes_a_reason_and_ends_it_for_all() {
    let world = World::plain();
    let told = world.say("no", (BOB, "bob"), "/reject production the price is wrong");
    assert_eq!(told, (Reaction::ThumbsUp, String::new()));
    assert_eq!(
        world.approval(RUN).decisions[0].reason,
        "the price is wrong"
    );
    let (reaction, body) = world.say("late", (ANA, "ana"), &world.approves());
    assert_eq!(reaction, Reaction::Confused);
    assert!(
        body.starts_with(char::is_uppercase) && body.ends_with('.'),
        "{body}"
    );
}

#[test]
fn all_lines_of_a_comment_are_answered_together() {
    let world = World::plain();
    let body = format!("/why\n{}\n/test", world.approves());
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
    let stream = world.leave_as(&words, passed);
    assert_eq!(world.ring(&stream), 0);
    let (reaction, body) = said(&world.delivery(&stream));
    assert_eq!(reaction, Reaction::Confused);
    assert_eq!(
        body,
        "`/why` in line 1: It waits.\n\n`/approve` in line 2: Approved; `production` needs 1 more.\n\n\
         `/test` in line 3: This pull request is closed."
    );
}
