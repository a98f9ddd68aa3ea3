//! Purpose: `go test -json` as Go writes it, whole and cut off.

use domain::plan::ReportKind;
use expect_test::{Expect, expect};

use crate::support::{read_plain, show};

fn check(json: &str, expected: &Expect) {
    expected.assert_eq(&show(&read_plain(ReportKind::GoTest, json.as_bytes())));
}

#[test]
fn subtests_a_panic_a_build_failure_and_an_early_exit() {
    check(
        include_str!("../../fixtures/go-test/shop.json"),
        &expect![[r#"
            6 passed, 6 failed, 1 skipped, 26 ms
            failed example.com/shop/cart.TestAdd at cart_test.go:12
              | got 4, want 5
            failed example.com/shop/cart.TestGroup at cart_test.go:27
              | the group itself is wrong
            failed example.com/shop/cart.TestTotal/one_tea at cart_test.go:20
              | no tax on tea
            failed example.com/shop/exit.TestExits
              | the test did not finish
            failed example.com/shop/price at price/price.go:4
              | undefined: undefinedPrice
            failed example.com/shop/stock.TestPanics at stock/stock_test.go:9
              | panic: assignment to entry in nil map [recovered, repanicked]
        "#]],
    );
}

#[test]
fn a_build_failure_before_go_1_24_is_told_on_stderr() {
    check(
        include_str!("../../fixtures/go-test/old-build.json"),
        &expect![[r#"
            0 passed, 1 failed, 0 skipped, 0 ms
            failed example.com/shop/price at price/price.go:4
              | undefined: undefinedPrice
        "#]],
    );
}

#[test]
fn output_in_pieces_a_test_run_twice_a_failed_set_up_and_the_end_cut_off() {
    check(
        include_str!("../../fixtures/go-test/pieces.json"),
        &expect![[r#"
            0 passed, 4 failed, 0 skipped, 510 ms
            failed example.com/shop/cart.TestPieces at cart_test.go:42
              | the tea is cold
            failed example.com/shop/cart.TestTwice
              | the test failed without a message
            failed example.com/shop/cut.TestCut
              | the test did not finish
            failed example.com/shop/setup
              | 2026/01/05 10:00:00 no data base
        "#]],
    );
}

#[test]
fn a_subtest_is_found_beside_names_that_sort_between() {
    let events: String = ["TestA", "TestA/b", "TestA/b-c", "TestA/b/d"]
        .iter()
        .map(|test| {
            let action = if *test == "TestA/b-c" { "pass" } else { "fail" };
            format!("{{\"Action\":\"{action}\",\"Package\":\"p\",\"Test\":\"{test}\"}}\n")
        })
        .collect();
    check(
        &format!("{events}{{\"Action\":\"fail\",\"Package\":\"p\"}}\n"),
        &expect![[r#"
            1 passed, 1 failed, 0 skipped, 0 ms
            failed p.TestA/b/d
              | the test failed without a message
        "#]],
    );
}

#[test]
fn what_is_no_event_stream_says_so() {
    check(
        "",
        &expect![[r#"
        unreadable: out/file cannot be read: it is empty; the tool wrote nothing
    "#]],
    );
    check(
        "ok  \texample.com/shop\t0.01s\n",
        &expect![[r#"
        unreadable: out/file cannot be read: no line of it is an event of go test -json; write it with: go test -json ./... > FILE
    "#]],
    );
    check(
        "{\"level\":\"info\"}\n",
        &expect![[r#"
        unreadable: out/file cannot be read: no line of it is an event of go test -json; write it with: go test -json ./... > FILE
    "#]],
    );
}
