//! Purpose: what the mail says, to whom it goes, and what becomes of those who cannot be reached.

mod answers;
mod deployed;
mod shown;
mod waiting;
mod words;
mod world;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use domain::ids::PersonId;
use domain::kernel::StreamId;
use engine::ports::{Announcement, Doorbell, Mail};
use engine::{Fault, queue};
use expect_test::expect;
use testkit::yielding::block_on;

use crate::dead::dead;
use crate::{Deps, handle};
use world::{ANA, BASE, BOB, RUN, World, hostile, stream};

/// What the function may touch, without GitHub and without a topic.
fn deps(world: &World) -> Deps<'_> {
    Deps {
        journal: &world.journal,
        clock: world,
        doorbells: world,
        sources: world,
        people: world,
        repositories: world,
        keys: world,
        mailer: world,
        announcer: None,
        checks: None,
        comments: None,
        base_url: BASE,
    }
}

fn ring(world: &World, stream: StreamId) -> usize {
    let deps = Deps {
        announcer: Some(world),
        ..deps(world)
    };
    let event = queue::event(&[Doorbell { stream }]).unwrap();
    let call = format!("call-{}", world.journal.commits());
    block_on(handle(&deps, event, &call))
        .batch_item_failures
        .len()
}

fn mails(world: &World) -> Vec<Mail> {
    assert_eq!(ring(world, stream(RUN)), 0);
    world.mails.lock().unwrap().clone()
}

fn told(world: &World) -> Vec<PersonId> {
    world.approval(RUN).opened_for
}

#[test]
fn the_mail_as_text() {
    let mails = mails(&World::plain());
    expect![[r#"
        id: approval/a1b2c3d4e5f6/production/3713dee2cbfae64b379eb51396f0ad802a1cf599d6174e6deafb48db574477dc/1
        to: Ana <ana@example.org>
        subject: Deploy acme/shop to production? Release 3713dee2cbfa, 3 commits

        Hello Ana,

        acme/shop asks for a decision: may this release be deployed to production?

        Release       3713dee2cbfae64b379eb51396f0ad802a1cf599d6174e6deafb48db574477dc
        Commit        2222222 Round prices up
        From          push on main, started by Carl, written by Dora
        Until         2026-03-02 09:00:00 UTC
        Who decides   2 approvals are needed, from among Ana and Bob.
                      Not Carl, who started this run.
                      Not Dora, who wrote this change.

        WHAT CHANGES
        3 commits since 1111111, which production runs now: 2 files changed, +10 −4.
        - 2222222 Round prices up (Dora)
        - 9999999 Add a test (Dora)
        - and 1 more

        TESTS
        120 passed, 1 failed, 3 skipped.
        - failing: cart::rounds at src/cart.rs:7
        4 findings, 1 of them new.
        - new: unused: never read

        BEFORE production
        staging: deployed, verification succeeded.

        WHAT IS DEPLOYED
        - server, 2.0 KiB in 1 file, dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
        - pipeline file bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

        DECIDE
        https://ci.example.org/approvals/12/a1b2c3d4e5f6/production/48c21a594257221224e6be5881470de4
        Your code: 76P4A-V6YT5

        The link alone authorises nothing: to decide, you sign in there with this code. It is yours; give it to nobody."#]].assert_eq(&format!(
        "id: {}\nto: {} <{}>\nsubject: {}\n\n{}",
        mails[0].id, mails[0].to_name, mails[0].to_address, mails[0].subject, mails[0].text
    ));
}

#[test]
fn each_approver_gets_one_mail_with_their_own_link_and_code() {
    let world = World::plain();
    let mails = mails(&world);
    let to: Vec<&str> = mails.iter().map(|mail| mail.to_address.as_str()).collect();
    assert_eq!(to, ["ana@example.org", "bob@example.org"]);
    assert_eq!(told(&world), [ANA, BOB]);
    let secrets: BTreeSet<&str> = mails.iter().map(|mail| secrets_of(&mail.text)).collect();
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!((secrets.len(), ids.len()), (2, 2));
    // A doorbell that comes again sends nothing.
    assert_eq!(ring(&world, stream(RUN)), 0);
    assert_eq!(world.mails.lock().unwrap().len(), 2);
}

fn secrets_of(text: &str) -> &str {
    let start = text.find(BASE).unwrap();
    &text[start..text.find("The link alone").unwrap()]
}

#[test]
fn a_mail_that_was_sent_but_not_recorded_is_the_same_mail_again() {
    let (first, second) = (World::plain(), World::plain());
    assert_eq!(mails(&first), mails(&second));
}

#[test]
fn a_mail_server_that_does_not_answer_is_asked_again() {
    let world = World::plain();
    *world.mail_fault.lock().unwrap() = Some(Fault::Unavailable("no answer".to_owned()));
    assert_eq!(ring(&world, stream(RUN)), 1);
    assert_eq!(told(&world), []);
    *world.mail_fault.lock().unwrap() = None;
    assert_eq!(mails(&world).len(), 2);
    assert_eq!(told(&world), [ANA, BOB]);
}

fn notes(world: &World) -> Vec<String> {
    let records = world.journal.all_records();
    let events = records[&stream(RUN)]
        .iter()
        .flat_map(|record| &record.events);
    events
        .filter(|event| event.kind == "ApprovalNotMailed")
        .map(|event| event.body.clone())
        .collect()
}

#[test]
fn people_who_cannot_be_reached_are_recorded_with_the_reason() {
    let world = World::plain();
    {
        let mut people = world.people.lock().unwrap();
        people[0].address = None;
        people.remove(1);
    }
    assert_eq!(mails(&world).len(), 0);
    expect![[r#"
        {"environment":"production","person":1,"why":"ana has no mail address"}
        {"environment":"production","person":2,"why":"the machine does not know this person any more"}"#]].assert_eq(&notes(&world).join("\n"));

    let world = World::plain();
    *world.mail_fault.lock().unwrap() = Some(Fault::Malformed("no such mailbox".to_owned()));
    assert_eq!(mails(&world).len(), 0);
    expect![[r#"
        {"environment":"production","person":1,"why":"the mail was refused: no such mailbox"}
        {"environment":"production","person":2,"why":"the mail was refused: no such mailbox"}"#]]
    .assert_eq(&notes(&world).join("\n"));
}

#[test]
fn a_fault_while_reading_people_tells_nobody_and_records_nothing() {
    let world = World::plain();
    world
        .people_fail
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let commits = world.journal.commits();
    assert_eq!(ring(&world, stream(RUN)), 1);
    assert_eq!(
        (world.journal.commits(), world.mails.lock().unwrap().len()),
        (commits, 0)
    );
}

#[test]
fn streams_that_owe_no_mail_are_left_alone() {
    let world = World::plain();
    let commits = world.journal.commits();
    assert_eq!(
        ring(
            &world,
            StreamId::lane(world::REPOSITORY, &world::production())
        ),
        0
    );
    assert_eq!(ring(&world, StreamId::pool("jobs")), 0);
    assert_eq!(world.journal.commits(), commits);
}

#[test]
fn sec_09_the_mail_says_that_the_link_alone_authorises_nothing_and_the_code_is_not_in_it() {
    for mail in mails(&World::plain()) {
        for body in [&mail.text, &mail.html] {
            assert_eq!(body.matches("The link alone authorises nothing").count(), 1);
            let code = &body[body.find("Your code: ").unwrap() + 11..];
            let code = code.trim_start_matches(r#"<code class="code">"#);
            let code = code.get(..11).unwrap();
            assert!(
                code.chars()
                    .all(|c| c == '-' || c.is_ascii_digit() || c.is_ascii_uppercase()),
                "{code}"
            );
            let link = body
                .find(&format!("{BASE}/approvals/12/{RUN}/production/"))
                .unwrap();
            assert!(!body[link..link + 110].contains(code));
            assert!(!mail.subject.contains(code));
        }
    }
}

#[test]
fn sec_23_hostile_text_is_escaped_in_every_field() {
    let mail = &mails(&World::new(hostile))[0];
    assert!(!mail.html.contains("<script"), "{}", mail.html);
    assert!(
        mail.html.matches("&#60;script&#62;").count() >= 12,
        "{}",
        mail.html
    );
    // The only tags are the template's own, with and without hostile text.
    let plain = &mails(&World::plain())[0];
    assert_eq!(tags(&mail.html), tags(&plain.html));
    for text in [&mail.html, &mail.text, &mail.subject] {
        assert!(!text.contains('\u{202e}'));
    }
    assert!(!mail.subject.contains('\n') && mail.subject.chars().count() <= 151);
}

fn tags(html: &str) -> Vec<&str> {
    let names = html.split('<').skip(1);
    names
        .map(|rest| rest.split([' ', '>']).next().unwrap())
        .collect()
}

#[test]
fn the_only_links_are_ours_and_nothing_is_loaded() {
    let mail = &mails(&World::new(hostile))[0];
    for text in [&mail.html, &mail.text, &mail.subject] {
        let all = text.matches("://").count();
        assert_eq!(
            all,
            text.matches(&format!("{BASE}/approvals/12/")).count(),
            "{text}"
        );
    }
    for loaded in [
        "<img", "<link", "<script", "<iframe", "url(", "@import", "src=",
    ] {
        assert!(!mail.html.contains(loaded), "{loaded}");
    }
}

#[test]
fn the_html_has_a_title_headings_and_a_width_for_phones() {
    let html = &mails(&World::plain())[0].html;
    for part in [
        "<!doctype html>",
        r#"<html lang="en">"#,
        r#"<meta name="viewport" content="width=device-width, initial-scale=1">"#,
        "prefers-color-scheme: dark",
        "<h1>May this release of acme/shop be deployed to production?</h1>",
        "3 commits since 1111111",
        "120 passed, 1 failed, 3 skipped.",
        "staging: deployed, verification succeeded.",
        "2026-03-02 09:00:00 UTC",
    ] {
        assert_eq!(html.matches(part).count(), 1, "{part}");
    }
    let opened = html.matches("<li>").count();
    assert_eq!(opened, html.matches("</li>").count());
    assert_eq!(opened, 7);
}

#[test]
fn links_of_strangers_are_dead() {
    let cases = [
        ("see https://evil.example", "see https[:]//evil.example"),
        (
            "www.evil.example WWW.evil.example",
            "www[.]evil.example WWW[.]evil.example",
        ),
        ("src/main.rs: fine", "src/main.rs: fine"),
    ];
    for (text, shown) in cases {
        assert_eq!(dead(text), shown);
    }
}

#[test]
fn an_approval_is_announced_once_however_many_decide_and_names_nobody() {
    let world = World::plain();
    mails(&world);
    assert_eq!(ring(&world, stream(RUN)), 0);
    let announcements = world.announcements.lock().unwrap().clone();
    assert_eq!(
        announcements,
        [Announcement {
            sentence: "acme/shop asks whether a release may be deployed to production.".to_owned(),
            link: format!("{BASE}/runs/12/{RUN}"),
        }]
    );
    let hostile = World::new(hostile);
    mails(&hostile);
    let told = hostile.announcements.lock().unwrap()[0].sentence.clone();
    assert!(!told.contains("://") && !told.contains('\n'), "{told}");
}

#[test]
fn a_topic_that_does_not_answer_holds_no_mail_up() {
    let world = World::plain();
    world.topic_fails.store(true, Ordering::SeqCst);
    assert_eq!(mails(&world).len(), 2);
    assert_eq!(told(&world), [ANA, BOB]);
}
