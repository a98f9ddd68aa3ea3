//! Purpose: stories of a pull request: one comment, changed and never repeated, about the run that counts.

mod words;

use super::*;
use crate::ids::RepositoryId;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_452_800 + seconds).unwrap()
}

fn run(name: &str) -> Planned {
    Planned {
        run: RunId::new(name),
        commit: CommitSha::new(format!("{name}{}", "0".repeat(38))),
    }
}

fn plan(name: &str) -> Command {
    Command::Plan {
        opening: Opening {
            repository: RepositoryId(7),
            number: 5,
        },
        run: run(name),
    }
}

fn intend(call: &str) -> Command {
    Command::Intend {
        view: Digest::new("v"),
        call: call.to_owned(),
    }
}

fn shown(number: u64, ended: Option<&str>) -> Command {
    Command::Shown {
        number,
        view: Digest::new("v"),
        comment: 77,
        ended: ended.map(RunId::new),
        words: 0,
    }
}

/// What the commands make of a pull request, a second apart.
fn told(commands: &[Command]) -> Pull {
    let mut pull = Pull::default();
    for (second, command) in (0..).zip(commands) {
        let events = pull.decide(at(second), command).unwrap();
        pull = events.iter().fold(pull, Pull::evolve);
    }
    pull
}

#[test]
fn a_run_is_looked_at_until_it_is_said_how_it_ended() {
    let pull = told(&[plan("r1")]);
    assert_eq!(pull.outstanding(at(9)), [Effect::Compare]);
    let pull = told(&[plan("r1"), intend("a")]);
    assert_eq!(pull.outstanding(at(9)), [Effect::Update(1)]);
    let pull = told(&[plan("r1"), intend("a"), shown(1, None)]);
    assert_eq!(pull.outstanding(at(9)), [Effect::Compare]);
    assert!(!pull.is_ended());
    let pull = told(&[plan("r1"), intend("a"), shown(1, Some("r1"))]);
    assert!(pull.is_ended() && pull.outstanding(at(9)).is_empty());
    assert_eq!(pull.wake_at(at(9)), None);
    assert_eq!(pull.comment, Some(77));
    // Another run opens it again, and keeps the comment.
    let pull = told(&[plan("r1"), intend("a"), shown(1, Some("r1")), plan("r2")]);
    assert!(!pull.is_ended() && pull.comment == Some(77));
    assert_eq!(pull.latest(), Some(&run("r2")));
    assert_eq!(pull.run_at(&run("r1").commit), Some(&run("r1")));
}

#[test]
fn a_run_is_planned_once_and_only_the_latest_are_remembered() {
    let again = told(&[plan("r1"), plan("r2"), plan("r1")]);
    assert_eq!(again.runs.len(), 2);
    let many: Vec<Command> = (10..40).map(|n| plan(&format!("r{n}"))).collect();
    let pull = told(&many);
    assert_eq!(pull.runs.len(), MAX_RUNS);
    assert_eq!(pull.latest(), Some(&run("r39")));
    assert_eq!(pull.earlier().next(), Some(&run("r38")));
    assert_eq!(pull.earlier().count(), MAX_RUNS - 1);
}

#[test]
fn two_calls_do_not_write_at_the_same_time() {
    let pull = told(&[plan("r1"), intend("a")]);
    assert_eq!(pull.decide(at(9), &intend("b")), Ok(vec![]));
    let refused = pull.decide(at(9), &shown(2, None));
    assert_eq!(refused, Err(Rejection::Overtaken(Overtaken(2))));
    let second = told(&[plan("r1"), intend("a"), plan("r2")]);
    assert_eq!(second.outstanding(at(9)), [Effect::Update(1)]);
}

#[test]
fn a_run_of_which_there_is_nothing_to_say_is_said() {
    let say = |name: &str| Command::Say {
        run: RunId::new(name),
        words: 0,
    };
    assert!(told(&[plan("r1"), say("r1")]).is_ended());
    // It is not the latest any more.
    assert!(!told(&[plan("r1"), plan("r2"), say("r1")]).is_ended());
    let none = Pull::default().decide(at(0), &say("r1"));
    assert_eq!(none, Err(Rejection::NotOpened));
}

#[test]
fn a_github_that_refuses_is_not_asked_for_ever() {
    let mut pull = told(&[plan("r1")]);
    let mut asked = 0;
    let mut now = at(0);
    while !pull.is_ended() {
        asked += 1;
        for command in [
            intend("a"),
            Command::NotShown {
                number: asked,
                why: "it said no".to_owned(),
                failure: Failure::Refused,
            },
        ] {
            let events = pull.decide(now, &command).unwrap();
            pull = events.iter().fold(pull, Pull::evolve);
        }
        now = pull.wake_at(now).unwrap_or(now);
    }
    assert_eq!(asked, 5);
}

#[test]
fn an_intent_that_nobody_came_back_to_does_not_keep_it_open() {
    let say = Command::Say {
        run: RunId::new("r1"),
        words: 0,
    };
    let pull = told(&[plan("r1"), intend("a")]);
    // Somebody may be at it.
    assert_eq!(pull.decide(at(9), &say), Ok(vec![]));
    let events = pull.decide(at(300), &say).unwrap();
    let pull = events.iter().fold(pull, Pull::evolve);
    assert!(pull.is_ended() && !pull.updates.is_certain());
    // One that had compared before comes too late.
    assert_eq!(pull.decide(at(301), &intend("b")), Ok(vec![]));
}
