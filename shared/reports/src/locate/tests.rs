//! Purpose: the place of a failure in the text of many tools.

use proptest::prelude::*;

use super::locate;

fn check(text: &str, expected: &str) {
    let found = locate(text).map_or("nowhere".to_owned(), |place| {
        format!("{}:{}", place.file, place.line)
    });
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn rust() {
    check(
        "thread 'a' panicked at src/lib.rs:12:5:\nboom",
        "src/lib.rs:12",
    );
    check(
        "thread 'a' (77) panicked at tests/my cart.rs:12:5:\nboom",
        "tests/my cart.rs:12",
    );
    check(
        "thread 'a' panicked at 'a, b: x.rs:9', src/lib.rs:12:5",
        "src/lib.rs:12",
    );
    check(
        "note: test did not panic as expected at src/lib.rs:17:8",
        "src/lib.rs:17",
    );
    check(
        "error[E0308]: mismatched types\n --> src/lib.rs:3:9",
        "src/lib.rs:3",
    );
    check(
        "thread 'a' panicked at /rustc/0123/library/core/src/option.rs:1:2:\nx\n  at /rustc/0123/library/core/src/a.rs:1:1\n  at ./src/cart.rs:8:3",
        "src/cart.rs:8",
    );
}

#[test]
fn go() {
    check("    cart_test.go:42: got 4, want 5", "cart_test.go:42");
    check(
        "        deep_test.go:7: first\n        deep_test.go:9: second",
        "deep_test.go:7",
    );
    check("./cart.go:5:2: undefined: x", "cart.go:5");
    check(
        "panic: boom\n\ngoroutine 5 [running]:\npanic({0x1})\n\t/usr/local/go/src/runtime/panic.go:860 +0x13a\nshop.TestX(0x1?)\n\t/home/ci/shop/cart_test.go:9 +0x28\n",
        "/home/ci/shop/cart_test.go:9",
    );
}

#[test]
fn python() {
    check(
        "E  assert 4 == 5\n\ntests/test_cart.py:6: AssertionError",
        "tests/test_cart.py:6",
    );
    check(
        "tests/test_cart.py:20: \n\nshop.py:2: ValueError",
        "shop.py:2",
    );
    check(
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/unittest/case.py\", line 57, in run\n  File \"tests/a b.py\", line 3, in test\n  File \"shop.py\", line 8, in price\n  File \"/x/site-packages/requests/api.py\", line 9, in get\n",
        "shop.py:8",
    );
}

#[test]
fn javascript() {
    check(
        "Error: no\n    at TestContext.<anonymous> (file:///home/ci/shop/cart.test.mjs:4:31)\n    at Test.run (node:internal/test.js:206:9)",
        "/home/ci/shop/cart.test.mjs:4",
    );
    check(
        "    at expect (/x/node_modules/expect/index.js:1:2)\n    at Object.<anonymous> (test/cart.test.js:5:15)",
        "test/cart.test.js:5",
    );
    check("    at /home/ci/cart.js:7:1", "/home/ci/cart.js:7");
    check(" ❯ test/cart.spec.ts:9:17", "test/cart.spec.ts:9");
}

#[test]
fn java_and_others() {
    check(
        "\tat org.junit.jupiter.api.Assertions.fail(Assertions.java:1)\n\tat java.base/java.util.Objects.x(Objects.java:2)\n\tat com.shop.CartTest.adds(CartTest.java:42)\n",
        "CartTest.java:42",
    );
    check(
        "   at Shop.CartTest.Adds() in /src/CartTest.cs:line 42",
        "/src/CartTest.cs:42",
    );
    check("cart_test.cc:12: Failure\nExpected: 1", "cart_test.cc:12");
    check(
        "  Failure/Error: x\n  # ./spec/cart_spec.rb:8:in `block'",
        "spec/cart_spec.rb:8",
    );
}

#[test]
fn what_is_no_place_is_none() {
    for text in [
        "",
        "10:30:00",
        "http://localhost:8080/x",
        "version 1.2.3:4",
        "a.rs",
        "a.rs:",
        "a.rs:0",
        "a.rs:99999999999",
        ".rs:3",
        "::",
        "panicked at :::",
    ] {
        check(text, "nowhere");
    }
}

/// Looked at place by place, each of these lines would take the square of its length.
#[test]
fn sec_34_a_very_long_line_is_looked_at_in_part() {
    check(&format!("at {}", "a.rs:1 ".repeat(1_000_000)), "a.rs:1");
    check(&format!("{}a.rs:1 ", " ".repeat(1000)), "a.rs:1");
    check(&format!("{}a.rs:1 ", " ".repeat(2_000_000)), "nowhere");
    check(&"é".repeat(1000), "nowhere");
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "(\\PC|\n|panicked at |\\.rs:|1|:|File \"|\", line |at |\\()*") {
        if let Some(place) = locate(&text) {
            prop_assert!(place.line > 0 && !place.file.is_empty());
        }
    }
}
