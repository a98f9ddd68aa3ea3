//! Purpose: stories of what GitHub is told: once, by one call at a time, until it shows the run's end.

mod deployments;
mod words;

use expect_test::{Expect, expect};

use super::*;
use crate::ids::CommitSha;

struct Story {
    checks: Checks,
    now: Timestamp,
    lines: Vec<String>,
    /// Words about the pull request that whoever looks has seen.
    seen: u64,
}

impl Story {
    fn open() -> Self {
        let mut story = Self {
            checks: Checks::default(),
            now: "2026-03-02T12:00:00Z".parse().unwrap(),
            lines: Vec::new(),
            seen: 0,
        };
        let opening = Opening {
            repository: RepositoryId(7),
            run: RunId::new("r1"),
            commit: CommitSha::new("c0ffee"),
            pull_request: Some(12),
        };
        story.give(&Command::Open(opening));
        story
    }

    fn tell(&mut self, line: &str) {
        self.lines.push(format!("> {line}"));
        let words: Vec<&str> = line.split(' ').collect();
        let number = self.checks.updates.number;
        match words[..] {
            ["intend", call] => self.give(&Command::Intend {
                view: Digest::new("v"),
                call: call.to_owned(),
            }),
            ["shown", number] => self.shown(number.parse().unwrap(), false, None),
            ["last"] => self.shown(number, true, None),
            ["deployed", ..] | ["undeployed", ..] => self.deployed(&words),
            ["unknown"] => self.fail(number, Failure::Unknown),
            ["refused"] => self.fail(number, Failure::Refused),
            ["limited", seconds] => {
                let until = later(self.now, seconds.parse().unwrap());
                self.fail(number, Failure::Limited { until });
            }
            ["wait", seconds] => {
                self.now = later(self.now, seconds.parse().unwrap());
                let events = self.checks.advance(self.now);
                self.happen(events);
            }
            ["word", number] => self.give(&Command::Reopen {
                words: number.parse().unwrap(),
            }),
            ["seen", number] => self.seen = number.parse().unwrap(),
            ["owed"] => {
                let (owed, wake) = (
                    self.checks.outstanding(self.now),
                    self.checks.wake_at(self.now),
                );
                let wake = wake.map(|wake| wake.duration_since(self.now).as_secs());
                self.lines.push(format!("  {owed:?}, wakes in {wake:?} s"));
            }
            _ => panic!("no story word {line}"),
        }
    }

    fn shown(&mut self, number: u64, last: bool, deployments: Option<Told>) {
        let shown = Shown {
            id: "CR_1".to_owned(),
            digest: Digest::new("d"),
        };
        self.give(&Command::Shown {
            number,
            view: Digest::new("v"),
            checks: [("slipway".to_owned(), shown)].into(),
            last,
            deployments,
            words: self.seen,
        });
    }

    fn fail(&mut self, number: u64, failure: Failure) {
        let why = "it said no".to_owned();
        self.give(&Command::NotShown {
            number,
            why,
            failure,
        });
    }

    fn give(&mut self, command: &Command) {
        match self.checks.decide(self.now, command) {
            Ok(events) => self.happen(events),
            Err(rejection) => self.lines.push(format!("  refused: {rejection}")),
        }
    }

    fn happen(&mut self, events: Vec<Event>) {
        for event in events {
            let line = match &event {
                Event::ChecksOpened { .. } => "checks_opened".to_owned(),
                Event::UpdateIntended { number, call, .. } => {
                    format!("update_intended {number} by {call}")
                }
                Event::UpdateShown { number, last, .. } => {
                    format!("update_shown {number}{}", if *last { " last" } else { "" })
                }
                Event::UpdateFailed { number, until, .. } => {
                    let pause = until.duration_since(self.now).as_secs();
                    format!("update_failed {number}, paused for {pause} s")
                }
                Event::ChecksGivenUp { why } => format!("checks_given_up {why}"),
                Event::DeploymentsShown { deployments } => {
                    let names: Vec<&str> = deployments.keys().map(String::as_str).collect();
                    format!("deployments_shown {}", names.join(" "))
                }
                Event::DeploymentsFailed { until, unsure, .. } => {
                    let pause = until.duration_since(self.now).as_secs();
                    format!("deployments_failed, paused for {pause} s, unsure {unsure}")
                }
                Event::DeploymentsGivenUp { why } => format!("deployments_given_up {why}"),
                Event::ChecksReopened { words, .. } => format!("checks_reopened {words}"),
            };
            self.lines.push(format!("  {line}"));
            self.checks = std::mem::take(&mut self.checks).evolve(&event);
        }
    }
}

fn check(story: &str, expected: &Expect) -> Checks {
    let mut told = Story::open();
    for line in story.lines().map(str::trim) {
        told.tell(line);
    }
    expected.assert_eq(&format!("{}\n", told.lines.join("\n")));
    told.checks
}

#[test]
fn an_update_is_intended_made_and_the_last_one_ends_it() {
    let checks = check(
        "owed
        intend a
        owed
        shown 1
        owed
        intend b
        last
        owed",
        &expect![[r#"
              checks_opened
            > owed
              [Compare], wakes in Some(3024000) s
            > intend a
              update_intended 1 by a
            > owed
              [Update(1)], wakes in Some(180) s
            > shown 1
              update_shown 1
            > owed
              [Compare], wakes in Some(15) s
            > intend b
              update_intended 2 by b
            > last
              update_shown 2 last
            > owed
              [], wakes in None s
        "#]],
    );
    assert!(checks.is_ended());
    assert_eq!(checks.summary().given_up, None);
}

#[test]
fn one_call_makes_an_update_and_another_waits_until_it_counts_as_dead() {
    let checks = check(
        "intend a
        intend b
        owed
        wait 180
        owed
        intend b
        shown 1
        owed",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > intend b
            > owed
              [Update(1)], wakes in Some(180) s
            > wait 180
            > owed
              [Compare], wakes in Some(3023820) s
            > intend b
              update_intended 2 by b
            > shown 1
              refused: update 1 is not the one that is being made
            > owed
              [Update(2)], wakes in Some(180) s
        "#]],
    );
    let intended = checks.updates.intent.as_ref().unwrap().at;
    assert!(!checks.updates.is_made_by(2, "a", intended));
    assert!(checks.updates.is_made_by(2, "b", intended));
    assert!(!checks.updates.is_made_by(2, "b", later(intended, 60)));
    // The call before may have come as far as GitHub.
    assert!(!checks.updates.may_create());
}

#[test]
fn what_failed_is_tried_again_with_growing_pauses() {
    let checks = check(
        "intend a
        unknown
        owed
        wait 5
        intend a
        unknown
        wait 10
        intend a
        limited 900
        intend a
        wait 900
        intend a
        owed",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > unknown
              update_failed 1, paused for 5 s
            > owed
              [], wakes in Some(5) s
            > wait 5
            > intend a
              update_intended 2 by a
            > unknown
              update_failed 2, paused for 10 s
            > wait 10
            > intend a
              update_intended 3 by a
            > limited 900
              update_failed 3, paused for 900 s
            > intend a
            > wait 900
            > intend a
              update_intended 4 by a
            > owed
              [Update(4)], wakes in Some(180) s
        "#]],
    );
    assert!(!checks.updates.may_create());
}

#[test]
fn a_limit_leaves_no_doubt_about_what_github_has() {
    let mut story = Story::open();
    story.tell("intend a");
    story.tell("limited 900");
    assert!(story.checks.updates.may_create());
}

#[test]
fn what_github_refuses_is_given_up_after_a_while() {
    let checks = check(
        "intend a
        refused
        wait 60
        intend a
        refused
        wait 120
        intend a
        refused
        wait 240
        intend a
        refused
        wait 480
        intend a
        refused
        owed
        intend a",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > refused
              update_failed 1, paused for 60 s
            > wait 60
            > intend a
              update_intended 2 by a
            > refused
              update_failed 2, paused for 120 s
            > wait 120
            > intend a
              update_intended 3 by a
            > refused
              update_failed 3, paused for 240 s
            > wait 240
            > intend a
              update_intended 4 by a
            > refused
              update_failed 4, paused for 480 s
            > wait 480
            > intend a
              update_intended 5 by a
            > refused
              update_failed 5, paused for 900 s
              checks_given_up it said no
            > owed
              [], wakes in None s
            > intend a
              refused: GitHub is not told any more
        "#]],
    );
    assert_eq!(checks.summary().given_up.as_deref(), Some("it said no"));
}

#[test]
fn a_github_that_never_answers_is_given_up_in_the_end() {
    check(
        "intend a
        wait 3024000
        owed",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > wait 3024000
              checks_given_up GitHub could not be told how the run ended in all this time
            > owed
              [], wakes in None s
        "#]],
    );
}

#[test]
fn the_first_and_the_last_view_are_shown_at_once_and_others_not_too_often() {
    let mut story = Story::open();
    assert!(story.checks.is_due(story.now, false));
    story.tell("intend a");
    story.tell("shown 1");
    assert!(!story.checks.is_due(story.now, false));
    assert!(story.checks.is_due(story.now, true));
    story.tell("wait 15");
    assert!(story.checks.is_due(story.now, false));
}

#[test]
fn opening_twice_is_opening_once() {
    let story = Story::open();
    let opening = story.checks.opening.clone().unwrap();
    let again = story.checks.decide(story.now, &Command::Open(opening));
    assert_eq!(again, Ok(vec![]));
    assert_eq!(
        Checks::default().decide(
            story.now,
            &Command::Intend {
                view: Digest::new("v"),
                call: "a".to_owned()
            }
        ),
        Err(Rejection::NotOpened)
    );
}
