//! Purpose: lcov trace files with repeated sections, with totals only, and broken ones.

use domain::plan::ReportKind;
use expect_test::{Expect, expect};

use crate::support::{read_plain, show};

fn check(trace: &str, expected: &Expect) {
    expected.assert_eq(&show(&read_plain(ReportKind::Lcov, trace.as_bytes())));
}

#[test]
fn sections_of_one_file_are_united_and_totals_count_where_no_lines_are() {
    check(
        include_str!("../../fixtures/lcov/shop.info"),
        &expect![[r#"
        10 of 14 lines, 7142
    "#]],
    );
}

#[test]
fn totals_cannot_cover_more_than_there_is() {
    check(
        "SF:a\nLF:3\nLH:9\nend_of_record\n",
        &expect![[r#"
        3 of 3 lines, 10000
    "#]],
    );
}

#[test]
fn what_is_no_trace_file_says_so() {
    check(
        "",
        &expect![[r#"
        unreadable: out/file cannot be read: it is empty; the tool wrote nothing
    "#]],
    );
    check(
        "<xml/>",
        &expect![[r#"
        unreadable: out/file cannot be read: there is no source file (SF:) in it, so it is not an lcov trace file
    "#]],
    );
    check(
        "SF:a\nDA:1,1\n",
        &expect![[r#"
        unreadable: out/file cannot be read: it ends in the middle of a section; the tool was ended while it wrote
    "#]],
    );
    check(
        "SF:a\nDA:1,many\nend_of_record\n",
        &expect![[r#"
            unreadable: out/file cannot be read: line 2 (DA:1,many) cannot be used: invalid value of field `count`: invalid digit found in string
        "#]],
    );
    check(
        "DA:1,1\n",
        &expect![[r#"
            unreadable: out/file cannot be read: line 1 (DA:1,1) cannot be used: it stands outside of a section (SF: … end_of_record)
        "#]],
    );
    check(
        "SF:a\nSF:b\n",
        &expect![[r#"
            unreadable: out/file cannot be read: line 2 (SF:b) cannot be used: the section before has no end
        "#]],
    );
}
