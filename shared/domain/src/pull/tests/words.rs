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
