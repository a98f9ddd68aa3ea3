//! Purpose: links, codes and sessions hold for one person, one release and a short time.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ids::{EnvironmentName, RunId};

use super::browser::{Visit, deps};
use super::world::{ANA, BOB, REPOSITORY, RUN, World, production};
use crate::{Ask, Refusal, SESSION_SECONDS, decide_with_code};
use testkit::yielding::block_on;

const OLDER: &str = "000000000002";

/// No two calls have the same id.
pub fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

#[test]
fn sec_13_the_code_of_one_person_does_not_open_another_ones_link() {
    let world = World::plain();
    let (ana, bob) = (Visit::of(&world, ANA), Visit::of(&world, BOB));
    let mixed = Visit {
        code: bob.code.clone(),
        ..ana.clone()
    };
    let commits = world.journal.commits();
    let (mixed, answer) = mixed.sign_in();
    assert_eq!((answer.status, answer.header("set-cookie")), (403, ""));
    assert!(answer.body.contains("That is not the code"));
    assert!(mixed.cookie.is_none());
    // Nor does a session of one hold on the page of another.
    let (bob, _) = bob.sign_in();
    let thief = Visit {
        cookie: bob.cookie.clone(),
        ..ana
    };
    assert_eq!(thief.csrf(), "");
    let form = format!(
        "csrf={}&release={}&decision=approve",
        bob.csrf(),
        bob.suffix()
    );
    assert_eq!(thief.post("decision", &form).status, 403);
    assert_eq!(world.journal.commits(), commits);
}

#[test]
fn sec_10_sec_13_a_link_or_code_of_an_older_release_does_not_open_the_newer_one() {
    let world = World::plain();
    world.bring_to_approval(OLDER, "3");
    let (old, new) = (Visit::of_run(&world, ANA, OLDER), Visit::of(&world, ANA));
    assert_ne!(world.approval(OLDER).release, world.approval(RUN).release);
    let commits = world.journal.commits();
    let with_old_code = Visit {
        code: old.code.clone(),
        ..new.clone()
    };
    assert_eq!(with_old_code.sign_in().1.status, 403);
    let (old, _) = old.sign_in();
    let with_old_session = Visit {
        cookie: old.cookie.clone(),
        ..new.clone()
    };
    let form = format!(
        "csrf={}&release={}&decision=approve",
        old.csrf(),
        new.suffix()
    );
    assert_eq!(with_old_session.post("decision", &form).status, 403);
    let token = |visit: &Visit<'_>| visit.link.rsplit('/').next().unwrap().to_owned();
    let crossed = new.link.replace(&token(&new), &token(&old));
    assert_eq!(
        Visit {
            link: crossed,
            ..new
        }
        .look()
        .status,
        404
    );
    assert_eq!(world.journal.commits(), commits);
}

#[test]
fn a_session_holds_fifteen_minutes() {
    let world = World::plain();
    let (ana, answer) = Visit::of(&world, ANA).sign_in();
    let cookie = answer.header("set-cookie");
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("__Host-slipway-approval="));
    assert_eq!(
        attributes,
        "Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Strict"
    );
    let form = ana.form("approve", "");
    world.pass(SESSION_SECONDS - 1);
    assert_ne!(ana.csrf(), "");
    world.pass(1);
    let answer = ana.post("decision", &form);
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("You are not signed in"));
    assert_eq!(world.approval(RUN).decisions.len(), 0);
}

#[test]
fn sec_13_a_session_that_was_changed_is_none() {
    let world = World::plain();
    let (ana, _) = Visit::of(&world, ANA).sign_in();
    let cookie = ana.cookie.clone().unwrap();
    let (name, value) = cookie.split_once('=').unwrap();
    let (until, mac) = value.split_once('.').unwrap();
    let later = until.parse::<i64>().unwrap() + 60_000;
    let changed = [
        format!("{name}={later}.{mac}"),
        format!(
            "{name}={until}.{}",
            mac.replace(|c: char| c.is_ascii_digit(), "0")
        ),
        format!("{name}={until}."),
        format!("{name}={until}"),
        format!("{name}=+{value}"),
        format!("{name}=.{mac}"),
        format!("{name}="),
        format!("slipway-approval={value}"),
        format!("{cookie}; {cookie}"),
    ];
    for cookie in changed {
        let visit = Visit {
            cookie: Some(cookie.clone()),
            ..ana.clone()
        };
        assert_eq!(visit.csrf(), "", "{cookie}");
    }
    let beside = Visit {
        cookie: Some(format!("other=1; {cookie}")),
        ..ana
    };
    assert_ne!(beside.csrf(), "");
}

fn ask<'a>(run: &'a RunId, environment: &'a EnvironmentName, visit: &'a Visit<'_>) -> Ask<'a> {
    Ask {
        repository: REPOSITORY,
        run,
        environment,
        login: "ana",
        code: &visit.code,
        approve: true,
        reason: "",
        release_suffix: "",
    }
}

#[test]
fn the_command_line_decides_on_the_same_terms() {
    let world = World::plain();
    let ana = Visit::of(&world, ANA);
    let (run, environment, suffix) = (RunId::from(RUN), production(), ana.suffix());
    let commits = world.journal.commits();
    let decide = |ask: &Ask<'_>| {
        block_on(decide_with_code(
            &deps(&world),
            ask,
            &format!("cli-{}", unique()),
        ))
    };
    let ask = ask(&run, &environment, &ana);
    let status = |ask: &Ask<'_>| decide(ask).unwrap_err().status().as_u16();
    assert_eq!(status(&ask), 400, "no suffix");
    let ask = Ask {
        release_suffix: &suffix,
        ..ask
    };
    assert_eq!(
        status(&Ask {
            login: "bob",
            ..ask.clone()
        }),
        403
    );
    assert_eq!(
        status(&Ask {
            login: "nobody",
            ..ask.clone()
        }),
        403
    );
    assert_eq!(
        status(&Ask {
            code: "00000-00000",
            ..ask.clone()
        }),
        403
    );
    assert_eq!(
        status(&Ask {
            approve: false,
            ..ask.clone()
        }),
        400,
        "no reason"
    );
    let (no_run, staging) = (
        RunId::from("ffffffffffff"),
        EnvironmentName::from("staging"),
    );
    assert_eq!(
        status(&Ask {
            run: &no_run,
            ..ask.clone()
        }),
        404
    );
    assert_eq!(
        status(&Ask {
            environment: &staging,
            ..ask.clone()
        }),
        404
    );
    assert_eq!(world.journal.commits(), commits);

    let decided = decide(&ask).unwrap();
    assert_eq!((decided.person, decided.changed), (ANA, true));
    assert!(!decide(&ask).unwrap().changed);
    let other = decide(&Ask {
        approve: false,
        reason: "no",
        ..ask
    });
    let Err(Refusal::Rejected(rejection)) = other else {
        panic!("{other:?}");
    };
    assert_eq!(
        rejection.to_string(),
        "you have decided about production already"
    );
    assert_eq!(world.journal.commits(), commits + 1);
}
