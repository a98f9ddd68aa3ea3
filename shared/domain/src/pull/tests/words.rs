//! Purpose: stories of what people say about a pull request: the latest word holds, and every check hears of it.

use super::*;
use crate::ids::PersonId;

const ANA: PersonId = PersonId(1);

fn opening() -> Opening {
    Opening {
        repository: RepositoryId(7),
        number: 5,
    }
}

/// A word that was said in this minute and is known by this name.
fn speak(id: &str, minute: i64, word: Word) -> Command {
    Command::Speak {
        opening: opening(),
        word,
        wish: Wish {
            id: id.to_owned(),
            said: at(minute * 60),
            number: 0,
        },
    }
}

fn hold(reason: &str) -> Word {
    Word::Hold {
        by: ANA,
        reason: Some(reason.to_owned()),
    }
}

const UNHOLD: Word = Word::Unhold { by: ANA };

fn held(pull: &Pull) -> Option<&str> {
    pull.words.held().and_then(|hold| hold.reason.as_deref())
}

fn told(pull: &Pull, run: &str, words: u64) -> Command {
    let run = RunId::new(run);
    assert!(pull.outstanding(at(0)).contains(&Effect::Tell {
        run: run.clone(),
        words
    }));
    Command::Told { run, words }
}

fn after(pull: Pull, command: &Command) -> Pull {
    let events = pull.decide(at(0), command).unwrap();
    events.iter().fold(pull, Pull::evolve)
}

#[test]
fn what_was_said_last_holds_in_whatever_order_it_comes() {
    let (one, two) = (speak("a/1", 1, hold("look")), speak("b/1", 2, hold("wait")));
    let three = speak("c/1", 3, UNHOLD);
    for order in [
        [&one, &two, &three],
        [&three, &two, &one],
        [&two, &three, &one],
        [&one, &three, &two],
    ] {
        let order: Vec<Command> = order.into_iter().cloned().collect();
        let pull = super::told(&order);
        assert_eq!(held(&pull), None, "{order:?}");
    }
    let pull = super::told(&[two.clone(), one.clone()]);
    assert_eq!(held(&pull), Some("wait"));
    // Said again it changes who and why, and not since when.
    let pull = super::told(&[one.clone(), two]);
    assert_eq!(pull.words.held().unwrap().since, at(60));
    // What comes twice has happened already.
    assert_eq!(pull.decide(at(900), &one), Ok(Vec::new()));
}

#[test]
fn a_hold_needs_no_run_and_a_reason_has_its_length() {
    let pull = super::told(&[speak("a/1", 1, hold("look"))]);
    assert!(pull.is_ended() && pull.outstanding(at(0)).is_empty());
    assert_eq!(held(&pull), Some("look"));
    let long = hold(&"x".repeat(MAX_REASON + 1));
    for word in [hold("  "), long] {
        let refused = Pull::default().decide(at(0), &speak("a/1", 1, word));
        assert_eq!(refused, Err(Rejection::Reason));
    }
}

#[test]
fn a_run_that_is_planned_while_it_is_held_hears_of_it() {
    let pull = super::told(&[speak("a/1", 1, hold("look")), plan("r1"), plan("r2")]);
    assert_eq!(held(&pull), Some("look"));
    let pull = after(pull.clone(), &told(&pull, "r1", 1));
    let pull = after(pull.clone(), &told(&pull, "r2", 1));
    assert_eq!(pull.untold.len(), 0);
    assert_eq!(pull.outstanding(at(0)), [Effect::Compare]);
}

#[test]
fn every_run_hears_of_every_word_and_the_comment_is_looked_at_again() {
    let ended = [plan("r1"), intend("a"), shown(1, Some("r1"))];
    let pull = super::told(&ended);
    assert!(pull.is_ended());
    let pull = after(pull, &speak("a/1", 1, hold("look")));
    assert!(!pull.is_ended());
    assert!(pull.outstanding(at(0)).contains(&Effect::Compare));
    let first = told(&pull, "r1", 1);
    // Another word comes before the first was passed on.
    let pull = after(pull, &speak("b/1", 2, UNHOLD));
    assert_eq!(pull.decide(at(0), &first), Ok(Vec::new()));
    let pull = after(pull.clone(), &told(&pull, "r1", 2));
    let say = |words| Command::Say {
        run: RunId::new("r1"),
        words,
    };
    // Whoever has looked before does not know what there is to say.
    assert_eq!(pull.decide(at(0), &say(1)), Ok(Vec::new()));
    assert!(after(pull, &say(2)).is_ended());
}

#[test]
fn a_comment_that_was_written_before_a_word_is_not_the_last() {
    let pull = super::told(&[plan("r1"), intend("a"), speak("a/1", 1, hold("look"))]);
    let pull = after(pull, &shown(1, Some("r1")));
    assert!(pull.said.is_none() && !pull.is_ended());
}

#[test]
fn what_is_remembered_of_words_is_bounded() {
    let many: Vec<Command> = (0..100)
        .map(|n| speak(&format!("{n}/1"), n, hold("look")))
        .collect();
    let pull = super::told(&many);
    assert_eq!(pull.words.topics.len(), 1);
    let text = serde_json::to_string(&pull.words.topics).unwrap();
    assert!(text.len() < 3_000, "{}", text.len());
}

fn commit(name: &str) -> CommitSha {
    run(name).commit
}

fn looks(by: u64, name: &str) -> Word {
    Word::LooksGood {
        by: PersonId(by),
        commit: commit(name),
    }
}

fn overrides(job: &str, name: &str, reason: &str) -> Word {
    Word::Override {
        by: ANA,
        job: job.into(),
        commit: commit(name),
        reason: reason.to_owned(),
    }
}

/// To whom it looks good, and what is overridden, at the commit of this run.
fn at_commit(pull: &Pull, name: &str) -> (Vec<u64>, Vec<String>) {
    let commit = commit(name);
    let looks = pull.words.looks_at(&commit).map(|look| look.by.0);
    let overrides = pull.words.overrides_at(&commit);
    let overrides = overrides.map(|(job, one)| format!("{job}: {}", one.reason));
    (looks.collect(), overrides.collect())
}

#[test]
fn what_is_said_of_a_commit_holds_there_and_at_no_other() {
    let pull = super::told(&[
        plan("r1"),
        speak("a/1", 1, looks(1, "r1")),
        speak("b/1", 2, looks(2, "r1")),
        speak("c/1", 3, overrides("unit", "r1", "flaky")),
        speak(
            "c/2",
            3,
            Word::Hold {
                by: ANA,
                reason: None,
            },
        ),
    ]);
    let said = (vec![1, 2], vec!["unit: flaky".to_owned()]);
    assert_eq!(at_commit(&pull, "r1"), said);
    assert_eq!(at_commit(&pull, "r2"), (vec![], vec![]));
    // Another run of the same commit keeps it.
    let again = Command::Plan {
        opening: opening(),
        run: Planned {
            run: RunId::new("r1-again"),
            commit: commit("r1"),
        },
    };
    let pull = after(pull, &again);
    assert_eq!(at_commit(&pull, "r1"), said);
    assert_eq!(pull.words.number, 4);
    // It holds at no other commit, and a run of an older one that comes late takes nothing away; the hold stays.
    let pull = after(pull, &plan("r2"));
    assert_eq!(at_commit(&pull, "r2"), (vec![], vec![]));
    assert_eq!(at_commit(&pull, "r1"), said);
    assert!(pull.words.held().is_some());
}

#[test]
fn everybody_takes_back_their_own_and_each_job_has_its_own_latest_word() {
    let back = |by| Word::TakenBack { by: PersonId(by) };
    let pull = super::told(&[
        plan("r1"),
        speak("a/1", 1, looks(1, "r1")),
        speak("b/1", 5, looks(2, "r1")),
        speak("c/1", 6, back(1)),
        // This one comes late.
        speak("d/1", 4, back(2)),
        speak("e/1", 3, overrides("unit", "r1", "flaky")),
        speak("f/1", 2, overrides("unit", "r1", "too late")),
        speak("f/2", 2, overrides("lint", "r1", "not ours")),
    ]);
    let expected = vec!["lint: not ours".to_owned(), "unit: flaky".to_owned()];
    assert_eq!(at_commit(&pull, "r1"), (vec![2], expected));
    let empty = overrides("unit", "r1", " ");
    let refused = pull.decide(at(0), &speak("g/1", 9, empty));
    assert_eq!(refused, Err(Rejection::Reason));
}

/// Else a word that was said before the hold, and comes late, would end it.
#[test]
fn a_hold_is_remembered_however_much_is_said() {
    let hold = Word::Hold {
        by: ANA,
        reason: None,
    };
    let mut said = vec![plan("r1"), speak("a/1", 2, hold)];
    said.extend((0..150).map(|n| {
        let job = format!("job{n}");
        speak(&format!("b/{n}"), 3, overrides(&job, "r1", "flaky"))
    }));
    said.push(speak("late", 1, Word::Unhold { by: ANA }));
    assert!(super::told(&said).words.held().is_some());
}
