//! Purpose: test results in the plain output of test runners.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::support::{known, show};
use crate::{from_console, headline};

fn check(output: &str, expected: &Expect) {
    let report = from_console(output, &known());
    expected.assert_eq(&report.map_or("nothing\n".to_owned(), |report| show(&report)));
}

#[test]
fn cargo_test_with_two_binaries_and_doc_tests() {
    let output = include_str!("../../fixtures/console/cargo.txt");
    check(
        output,
        &expect![[r#"
        3 passed, 5 failed, 1 skipped, 520 ms
        failed cart::refuses_zero at src/lib.rs:17
          | note: test did not panic as expected at src/lib.rs:17:8
        failed cart::says_why
          | Error: "no price for tea"
        failed cart::unwraps at src/lib.rs:19
          | a cart
          | with a price
        failed cart::adds_two at src/lib.rs:12
          | assertion `left == right` failed
          |   left: 4
          |  right: 5
        failed fails at tests/api.rs:5
          | tax is missing
    "#]],
    );
    let report = from_console(output, &known()).unwrap();
    assert_eq!(
        (report.kind, report.path.as_str(), report.holds()),
        (None, "console", true)
    );
    expect![
        "src/lib.rs:17 cart::refuses_zero: note: test did not panic as expected at src/lib.rs:17:8"
    ]
    .assert_eq(&headline(&[report]).unwrap());
}

#[test]
fn cargo_test_that_captures_nothing() {
    check(
        include_str!("../../fixtures/console/cargo-nocapture.txt"),
        &expect![[r#"
            3 passed, 5 failed, 1 skipped, 480 ms
            failed cart::refuses_zero at src/lib.rs:17
              | note: test did not panic as expected at src/lib.rs:17:8
            failed cart::adds_two at src/lib.rs:12
              | assertion `left == right` failed
              |   left: 4
              |  right: 5
            failed cart::says_why
              | Error: "no price for tea"
            failed cart::unwraps at src/lib.rs:19
              | a cart
              | with a price
            failed fails at tests/api.rs:5
              | tax is missing
        "#]],
    );
}

#[test]
fn cargo_test_of_an_old_rust_and_with_its_beginning_cut_off() {
    check(
        "---- old stdout ----\nthread 'old' panicked at 'left, right', src/old.rs:3:9\nnote: run with `RUST_BACKTRACE=1`\n\n\nfailures:\n    cut\n    old\n\ntest result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s\n",
        &expect![[r#"
            0 passed, 2 failed, 0 skipped, 1500 ms
            failed old at src/old.rs:3
              | left, right
            failed cut
              | the test failed without a message
        "#]],
    );
}

#[test]
fn tests_of_the_same_name_in_two_binaries_are_two() {
    let binary = "test works ... FAILED\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    check(
        &binary.repeat(2),
        &expect![[r#"
        0 passed, 2 failed, 0 skipped, 0 ms
        failed works
          | the test failed without a message
        failed works
          | the test failed without a message
    "#]],
    );
}

#[test]
fn go_test() {
    check(
        include_str!("../../fixtures/console/go.txt"),
        &expect![[r#"
            1 passed, 6 failed, 0 skipped, 37 ms
            failed example.com/shop/cart.TestAdd at cart_test.go:12
              | got 4, want 5
            failed example.com/shop/cart.TestGroup at cart_test.go:27
              | the group itself is wrong
            failed example.com/shop/cart.TestTotal/one_tea at cart_test.go:20
              | no tax on tea
            failed example.com/shop/exit
              | the package failed and no test of it did
            failed example.com/shop/price at price/price.go:4
              | undefined: undefinedPrice
            failed example.com/shop/stock.TestPanics at stock/stock_test.go:9
              | panic: assignment to entry in nil map [recovered, repanicked]
            note: go test names passing tests only with -v: a package that passed without it counts as one test
        "#]],
    );
}

#[test]
fn go_test_verbose() {
    check(
        include_str!("../../fixtures/console/go-v.txt"),
        &expect![[r#"
            6 passed, 6 failed, 1 skipped, 48 ms
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
fn pytest() {
    check(
        include_str!("../../fixtures/console/pytest.txt"),
        &expect![[r#"
            2 passed, 5 failed, 2 skipped, 110 ms
            failed tests/test_cart.py::test_add at tests/test_cart.py:6
              | assert (2 + 2) == 5
            failed tests/test_cart.py::test_same[1-2] at tests/test_cart.py:15
              | assert 1 == 2
            failed tests/test_cart.py::TestCart::test_price at shop.py:2
              | ValueError: no price for tea
            failed tests/test_broken.py at tests/test_broken.py:1
              | ModuleNotFoundError: No module named 'no_such_module'
            failed tests/test_cart.py::test_shelf at tests/test_cart.py:33
              | OSError: shelf is gone
        "#]],
    );
}

#[test]
fn pytest_quiet_and_in_colour() {
    check(
        include_str!("../../fixtures/console/pytest-colour.txt"),
        &expect![[r#"
            2 passed, 4 failed, 2 skipped, 120 ms
            failed tests/test_cart.py::test_add at tests/test_cart.py:6
              | assert (2 + 2) == 5
            failed tests/test_cart.py::test_same[1-2] at tests/test_cart.py:15
              | assert 1 == 2
            failed tests/test_cart.py::TestCart::test_price at shop.py:2
              | ValueError: no price for tea
            failed tests/test_cart.py::test_shelf at tests/test_cart.py:33
              | OSError: shelf is gone
        "#]],
    );
}

#[test]
fn several_runners_in_one_job_are_added_up() {
    check(
        "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n== 2 passed, 1 warning in 0.20s ==\nok  \texample.com/a\t0.300s\n",
        &expect![[r#"
            6 passed, 0 failed, 1 skipped, 600 ms
            note: go test names passing tests only with -v: a package that passed without it counts as one test
        "#]],
    );
}

#[test]
fn what_is_no_test_runner_has_no_results() {
    check("", &expect![["nothing\n"]]);
    check(
        "Compiling shop v0.1.0\nFinished in 3s\n",
        &expect![["nothing\n"]],
    );
    check(
        "test result: unknown\n3 files changed in 2s\nFAIL test/cart.test.js\nok then, go on\n",
        &expect![["nothing\n"]],
    );
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "(\\PC|\n|test result: |---- |failures:|=== |--- FAIL: |FAIL\t|ok  \t| in 1s|FAILED |panicked at |____ |'|: | \\()*") {
        from_console(&text, &known());
    }
}
