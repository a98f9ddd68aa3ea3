//! Purpose: tables as they look, wide and narrow.

use expect_test::{Expect, expect};

use super::*;

fn check(width: usize, expected: &Expect) {
    let mut table = Table::new(&[
        ("RUN", Fit::Whole),
        ("STATUS", Fit::Whole),
        ("WHEN", Fit::Spare),
        ("TESTS", Fit::Spare),
        ("HEADLINE", Fit::Cut),
    ]);
    let row = |run: &str, status: &str, when: &str, headline: &str| {
        [run, status, when, "", headline].map(Cell::new)
    };
    table.row(row(
        "3f2a9c0d1e5b",
        "failed",
        "just now",
        "tests::adds failed in src/lib.rs:12",
    ));
    table.row(row("77aa00bb11cc", "running", "2 minutes ago", ""));
    let text = table.render(width);
    let plain = anstream::adapter::strip_str(&text).to_string();
    assert!(plain.lines().all(|line| line.width() <= width), "{plain}");
    expected.assert_eq(&plain);
}

#[test]
fn everything_fits() {
    check(
        120,
        &expect![[r#"
            RUN           STATUS   WHEN           HEADLINE
            3f2a9c0d1e5b  failed   just now       tests::adds failed in src/lib.rs:12
            77aa00bb11cc  running  2 minutes ago
        "#]],
    );
}

#[test]
fn the_long_column_is_cut_first() {
    check(
        60,
        &expect![[r#"
            RUN           STATUS   WHEN           HEADLINE
            3f2a9c0d1e5b  failed   just now       tests::adds failed in…
            77aa00bb11cc  running  2 minutes ago
        "#]],
    );
}

#[test]
fn a_spare_column_goes_next() {
    check(
        40,
        &expect![[r#"
            RUN           STATUS   HEADLINE
            3f2a9c0d1e5b  failed   tests::adds fail…
            77aa00bb11cc  running
        "#]],
    );
}

#[test]
fn wide_characters_take_two_columns() {
    assert_eq!(cut("测试失败了", 7), "测试失…");
    assert_eq!(cut("abc", 3), "abc");
    assert_eq!(cut("abcd", 3), "ab…");
}
