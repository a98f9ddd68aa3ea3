//! Purpose: stories of words about the pull request that come while its run is shown, and long after.

use super::*;

#[test]
fn a_word_after_the_end_opens_it_again_and_each_word_once() {
    let checks = check(
        "word 0
        intend a
        last
        wait 4000000
        owed
        word 1
        word 1
        owed
        seen 1
        intend b
        last
        owed",
        &expect![[r#"
              checks_opened
            > word 0
            > intend a
              update_intended 1 by a
            > last
              update_shown 1 last
            > wait 4000000
            > owed
              [], wakes in None s
            > word 1
              checks_reopened 1
            > word 1
            > owed
              [Compare], wakes in Some(3024000) s
            > seen 1
            > intend b
              update_intended 2 by b
            > last
              update_shown 2 last
            > owed
              [], wakes in None s
        "#]],
    );
    assert_eq!(checks.end, Some(End::Final));
}

#[test]
fn what_was_looked_at_before_a_word_is_not_the_end() {
    let checks = check(
        "intend a
        word 1
        last
        owed
        seen 1
        intend b
        last",
        &expect![[r#"
              checks_opened
            > intend a
              update_intended 1 by a
            > word 1
              checks_reopened 1
            > last
              update_shown 1
            > owed
              [Compare], wakes in Some(15) s
            > seen 1
            > intend b
              update_intended 2 by b
            > last
              update_shown 2 last
        "#]],
    );
    assert_eq!(checks.end, Some(End::Final));
}

#[test]
fn a_word_is_told_to_a_github_that_had_been_given_up() {
    let mut told = Story::open();
    while told.checks.end.is_none() {
        for line in ["intend a", "refused", "wait 900"] {
            told.tell(line);
        }
    }
    assert!(told.checks.is_ended());
    told.tell("word 1");
    assert!(!told.checks.is_ended());
    assert_eq!(told.checks.outstanding(told.now), [Effect::Compare]);
}

/// Found by the simulator: a view that had become again what it was before a lost answer was taken for shown.
#[test]
fn what_was_shown_is_not_known_any_more_once_an_update_may_have_been_made() {
    let mut told = Story::open();
    for line in ["intend a", "shown 1"] {
        told.tell(line);
    }
    assert_eq!(told.checks.certainly_shown(), Some(&told.checks.shown));
    assert!(told.checks.updates.is_certain());
    // Its answer is lost, or whoever makes it never comes back.
    for lost in [
        &["intend b", "unknown", "wait 900"][..],
        &["intend b", "wait 900", "intend c"],
    ] {
        let mut told = Story::open();
        for line in ["intend a", "shown 1"].iter().chain(lost) {
            told.tell(line);
        }
        assert!(!told.checks.shown.is_empty());
        assert_eq!(told.checks.certainly_shown(), None, "{lost:?}");
        assert!(!told.checks.updates.is_certain(), "{lost:?}");
    }
}
