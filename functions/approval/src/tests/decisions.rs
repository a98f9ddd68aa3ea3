//! Purpose: who may decide at the moment of the decision, and one decision for each of them.

use std::sync::atomic::Ordering;

use domain::ids::PersonId;
use domain::run::{Command, Rejection};
use engine::approvals::Recipient;
use engine::{Fault, Refused};
use futures::future::join_all;
use testkit::yielding::block_on;

use super::browser::{Answer, Visit, deps};
use super::codes::unique;
use super::world::{ANA, BASE, BOB, CARL, DORA, EVE, REPOSITORY, RUN, World, production};
use crate::{Refusal, handle};

/// Link and code of somebody who gets no mail, as if they had stolen the machine's key.
fn forged(world: &World, person: PersonId) -> Visit<'_> {
    let (run, environment, release) = (RUN.into(), production(), world.approval(RUN).release);
    let recipient = Recipient {
        run: &run,
        environment: &environment,
        release: &release,
        person,
    };
    Visit {
        world,
        link: block_on(recipient.link(world, BASE, REPOSITORY)).unwrap(),
        code: block_on(recipient.code(world)).unwrap().to_string(),
        cookie: None,
    }
}

fn refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(words), "{words}: {}", answer.body);
}

#[test]
fn sec_11_the_initiator_and_the_author_get_no_mail_and_cannot_decide() {
    let world = World::plain();
    let _ana = Visit::of(&world, ANA);
    assert_eq!(world.mails.lock().unwrap().len(), 2);
    for (person, why) in [(CARL, "started this run"), (DORA, "wrote this change")] {
        for decision in ["approve", "reject"] {
            let (own, _) = forged(&world, person).sign_in();
            let page = own.look();
            assert!(
                page.body
                    .contains(&format!("You may not decide, because you {why}."))
            );
            assert!(!page.body.contains("<form"));
            // No form is shown, so its token is forged as well.
            let value = own.cookie.as_ref().unwrap().split_once('=').unwrap().1;
            let mac = engine::ports::Keys::mac(&world, "approval-csrf", value.as_bytes());
            let csrf = hex::encode(block_on(mac).unwrap());
            let form = format!(
                "csrf={csrf}&release={}&decision={decision}&reason=x",
                own.suffix()
            );
            refused(
                &own.post("decision", &form),
                403,
                "you started or wrote this change yourself",
            );
        }
    }
    assert_eq!(world.approval(RUN).decisions, []);
}

#[test]
fn sec_12_somebody_without_a_part_has_no_page_even_with_a_forged_link() {
    let world = World::plain();
    let eve = forged(&world, EVE);
    assert_eq!(eve.look().status, 404);
    assert_eq!(
        eve.post("sign-in", &format!("code={}", eve.code)).status,
        404
    );
}

fn signed_in_then(change: impl Fn(&World)) -> (World, Answer) {
    let world = World::plain();
    let answer = {
        let (bob, ana) = (Visit::of(&world, BOB), Visit::of(&world, ANA));
        let ((bob, _), (ana, _)) = (bob.sign_in(), ana.sign_in());
        let (as_bob, as_ana) = (bob.form("approve", ""), ana.form("approve", ""));
        change(&world);
        let commits = world.journal.commits();
        let (bob, ana) = (bob.post("decision", &as_bob), ana.post("decision", &as_ana));
        assert_eq!((bob.status, bob.status == 303), (ana.status, false));
        assert_eq!(world.journal.commits(), commits);
        ana
    };
    (world, answer)
}

#[test]
fn sec_12_who_was_removed_between_signing_in_and_deciding_is_refused() {
    let (_, answer) = signed_in_then(|world| world.people.lock().unwrap().clear());
    refused(&answer, 403, "one of those whom its policy names");

    let (_, answer) = signed_in_then(|world| {
        let mut people = world.people.lock().unwrap();
        people[0].teams = vec!["releases".to_owned()];
        // The login that the policy names belongs to somebody else now.
        people[1].login = "robert".to_owned();
        people[4].login = "bob".to_owned();
    });
    refused(&answer, 403, "one of those whom its policy names");
}

#[test]
fn sec_02_sec_12_a_fault_while_reading_people_denies() {
    let (_, answer) = signed_in_then(|world| world.people_fail.store(true, Ordering::SeqCst));
    refused(&answer, 503, "nothing was decided; try again in a minute");
}

#[test]
fn sec_12_who_joined_the_team_after_the_approval_was_opened_has_no_part() {
    let world = World::plain();
    world.people.lock().unwrap()[4].teams = vec!["release".to_owned()];
    let eve = forged(&world, EVE);
    let (run, environment, suffix) = (RUN.into(), production(), eve.suffix());
    let ask = crate::Ask {
        repository: REPOSITORY,
        run: &run,
        environment: &environment,
        login: "eve",
        code: &eve.code,
        approve: true,
        reason: "",
        release_suffix: &suffix,
    };
    let refusal = block_on(crate::decide_with_code(&deps(&world), &ask, "cli")).unwrap_err();
    assert_eq!(refusal.status().as_u16(), 403);
    assert!(matches!(
        refusal,
        Refusal::Rejected(Rejection::NotAnApprover(_))
    ));
}

#[test]
fn sec_13_a_double_submit_is_one_decision() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let form = ana.form("approve", "");
    let commits = world.journal.commits();
    for _ in 0..5 {
        assert_eq!(ana.post("decision", &form).status, 303);
    }
    assert_eq!(world.journal.commits(), commits + 1);
    assert_eq!(world.approval(RUN).decisions.len(), 1);
    refused(
        &ana.post(
            "decision",
            &form
                .replace("approve", "reject")
                .replace("reason=", "reason=no"),
        ),
        409,
        "You have decided about production already.",
    );
    assert_eq!(world.journal.commits(), commits + 1);
}

#[test]
fn sec_13_approve_and_reject_at_once_have_one_winner() {
    for (first, second, attempts) in [("approve", "reject", 1_000), ("reject", "approve", 100)] {
        let world = World::plain();
        let (ana, _) = Visit::of(&world, ANA).sign_in();
        let forms = [ana.form(first, "a reason"), ana.form(second, "a reason")];
        let commits = world.journal.commits();
        let deps = deps(&world);
        let race = (0..attempts).map(|index| {
            let request = ana.posting("decision", &forms[index % 2]);
            let deps = &deps;
            async move {
                handle(deps, request, &format!("race-{}", unique()))
                    .await
                    .status()
                    .as_u16()
            }
        });
        let answers = block_on(join_all(race));
        assert_eq!(world.journal.commits(), commits + 1);
        let decisions = world.approval(RUN).decisions;
        assert_eq!(decisions.len(), 1);
        let winner = usize::from(decisions[0].approve != (first == "approve"));
        for (index, status) in answers.iter().enumerate() {
            // 410: a rejection ends the run.
            let lost = [409, 410].contains(status);
            let same = *status == 303 || *status == 410;
            assert!(
                if index % 2 == winner { same } else { lost },
                "{index}: {status}"
            );
        }
        assert!(answers.contains(&303));
    }
}

#[test]
fn the_words_of_a_decision_are_checked() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let (csrf, suffix) = (ana.csrf(), ana.suffix());
    let commits = world.journal.commits();
    let post = |rest: &str| ana.post("decision", &format!("csrf={csrf}&{rest}"));
    let other = if suffix == "000000" {
        "111111"
    } else {
        "000000"
    };
    let whole = world.approval(RUN).release;
    for typed in ["", other, &suffix[1..], whole.as_str()] {
        refused(
            &post(&format!("decision=approve&release={typed}")),
            400,
            "type the last 6 characters",
        );
    }
    refused(
        &post("decision=reject&reason=+%0D%0A+"),
        400,
        "To reject, say why",
    );
    let long = "%C3%A9".repeat(1_001);
    refused(
        &post(&format!("decision=reject&reason={long}")),
        400,
        "1001 characters, and at most 1000",
    );
    refused(
        &post("decision=Approve&reason=x"),
        400,
        "neither approve nor reject",
    );
    refused(
        &post(&format!("release={suffix}")),
        400,
        "neither approve nor reject",
    );
    // What was written is not lost.
    let answer = post(&format!(
        "decision=approve&release={other}&reason=my+%3Cwords%3E"
    ));
    assert!(
        answer.body.contains("my &#60;words&#62;</textarea>"),
        "{}",
        answer.body
    );
    assert_eq!(world.journal.commits(), commits);
    let answer = post(&format!(
        "decision=approve&release=+{}+",
        suffix.to_uppercase()
    ));
    assert_eq!(answer.status, 303);
}

#[test]
fn what_is_over_can_no_longer_be_decided() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let form = ana.form("approve", "");
    world.submit(
        RUN,
        &Command::Cancel {
            by: None,
            reason: "enough".to_owned(),
        },
    );
    refused(
        &ana.post("decision", &form),
        410,
        "The run has ended (cancelled).",
    );
    assert!(
        ana.look()
            .body
            .contains("The run was stopped; nothing was deployed.")
    );

    let world = World::plain();
    world.pass(86_399);
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let form = ana.form("approve", "");
    world.pass(1);
    refused(
        &ana.post("decision", &form),
        410,
        "The approval of production has expired.",
    );
    assert!(
        ana.look()
            .body
            .contains("It expired before enough people had decided")
    );
}

#[test]
fn every_no_of_the_machine_is_a_status() {
    let name = production;
    let statuses = [
        Rejection::NoRun,
        Rejection::NoEnvironment(name()),
        Rejection::Finished("failed"),
        Rejection::ApprovalExpired(name()),
        Rejection::NoApproval(name()),
        Rejection::OtherRelease("abc".to_owned()),
        Rejection::DecidedAlready(name()),
        Rejection::NotAnApprover(name()),
        Rejection::OwnChange(name()),
    ]
    .map(|rejection| {
        Refusal::from(Refused::Rejected(rejection))
            .status()
            .as_u16()
    });
    assert_eq!(statuses, [404, 404, 410, 410, 409, 409, 409, 403, 403]);
    let fault = Refusal::from(Refused::Fault(Fault::Unavailable("x".to_owned())));
    assert_eq!(fault.status().as_u16(), 503);
}
