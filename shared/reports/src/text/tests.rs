//! Purpose: hostile text made harmless, and messages made short.

use expect_test::expect;
use proptest::prelude::*;

use super::{MAX_MESSAGE, cap, clean, file, line, message};
use crate::Known;

#[test]
fn sec_31_escape_sequences_and_control_characters_are_gone() {
    assert_eq!(clean("a\u{1b}[31mred\u{1b}[0m\tb"), "ared b");
    assert_eq!(
        clean("\u{1b}]8;;http://evil\u{1b}\\click\u{1b}]8;;\u{7}"),
        "click"
    );
    assert_eq!(clean("\u{1b}]0;title\u{7}shown"), "shown");
    assert_eq!(clean("a\u{0}\u{8}\u{7f}\u{9b}b"), "ab");
    assert_eq!(clean("one\r\ntwo\rthree"), "one\ntwo three");
}

#[test]
fn sec_31_an_escape_sequence_without_an_end_hides_only_its_own_line() {
    assert_eq!(
        clean("\u{1b}]0;never ends\ntest result: FAILED"),
        "\ntest result: FAILED"
    );
}

#[test]
fn sec_31_characters_that_turn_the_direction_of_text_are_gone() {
    assert_eq!(
        clean("\u{202e}abc\u{2066}d\u{200b}\u{feff}\u{e0041}\u{200f}"),
        "abcd"
    );
    assert_eq!(clean("日本 é 👩\u{200d}🚀"), "日本 é 👩\u{200d}🚀");
}

#[test]
fn text_is_cut_between_characters() {
    assert_eq!(cap("日本語", 3), "日本語");
    assert_eq!(cap("日本語です", 3), "日本…");
    assert_eq!(line(" a \n\n b\tc ", 10), "a b c");
}

#[test]
fn files_are_named_from_the_checkout() {
    let known = Known {
        checkout: Some("/home/ci/shop".to_owned()),
        ..Known::default()
    };
    assert_eq!(file("/home/ci/shop/src/a.rs", &known), "src/a.rs");
    assert_eq!(file("file:///home/ci/shop/src/a.rs", &known), "src/a.rs");
    assert_eq!(file("./src/a.rs", &known), "src/a.rs");
    assert_eq!(
        file("/home/ci/shopping/a.rs", &known),
        "/home/ci/shopping/a.rs"
    );
    assert_eq!(
        file("/home/ci/shop/a.rs", &Known::default()),
        "/home/ci/shop/a.rs"
    );
    let root = Known {
        checkout: Some("/".to_owned()),
        ..Known::default()
    };
    assert_eq!(file("/a.rs", &root), "/a.rs");
}

#[test]
fn a_message_is_what_was_said() {
    expect![["
        assertion `left == right` failed
          left: 4
         right: 5"]]
    .assert_eq(&message("adding\n\nthread 'x' (7) panicked at src/lib.rs:1:2:\nassertion `left == right` failed\n  left: 4\n right: 5\nnote: run with `RUST_BACKTRACE=1`"));
    assert_eq!(
        message("thread 'x' panicked at 'a, b', src/lib.rs:1:2"),
        "a, b"
    );
    assert_eq!(message("\n    cart_test.go:42: got 4\n"), "got 4");
    assert_eq!(message("./cart.go:5:2: undefined: x"), "undefined: x");
    assert_eq!(message("one\ntwo"), "one\ntwo");
    assert_eq!(message(&"x\n".repeat(100)).lines().count(), 10);
    assert_eq!(message(&"é".repeat(1000)).chars().count(), MAX_MESSAGE);
}

proptest! {
    #[test]
    fn nothing_harmful_is_left(text in "(\\PC|\\p{C}|\u{1b}\\[|\u{1b}\\])*") {
        let clean = clean(&text);
        prop_assert!(clean.chars().all(|c| c == '\n' || !c.is_control()));
        let turns = clean.contains(['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{200e}']);
        prop_assert!(!turns);
        let again = super::clean(&clean);
        prop_assert_eq!(again.trim_end(), clean.trim_end());
        prop_assert!(message(&text).chars().count() <= MAX_MESSAGE);
    }
}
