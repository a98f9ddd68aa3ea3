//! Purpose: JUnit XML as its writers really write it, and what is refused.

use domain::plan::ReportKind;
use expect_test::{Expect, expect};

use crate::support::{read_plain, show};

fn check(xml: &str, expected: &Expect) {
    expected.assert_eq(&show(&read_plain(ReportKind::Junit, xml.as_bytes())));
}

#[test]
fn pytest() {
    check(
        include_str!("../../fixtures/junit/pytest.xml"),
        &expect![[r#"
            2 passed, 5 failed, 2 skipped, 6 ms
            failed tests.test_broken at tests/test_broken.py:1
              | collection failure
            failed tests.test_cart::test_add at tests/test_cart.py:6
              | assert (2 + 2) == 5
            failed tests.test_cart::test_same[1-2] at tests/test_cart.py:15
              | assert 1 == 2
            failed tests.test_cart.TestCart::test_price at shop.py:2
              | ValueError: no price for tea
            failed tests.test_cart::test_shelf at tests/test_cart.py:33
              | failed on setup with "OSError: shelf is gone"
        "#]],
    );
}

#[test]
fn a_root_test_suite_of_maven_with_errors_failures_and_a_flaky_test() {
    check(
        include_str!("../../fixtures/junit/maven.xml"),
        &expect![[r#"
            1 passed, 3 failed, 1 skipped, 1200534 ms
            failed com.shop.CartTest::adds at CartTest.java:42
              | expected: <5> but was: <4>
            failed com.shop.CartTest::total at Cart.java:17
              | java.lang.NullPointerException
            failed com.shop.CartTest::both at CartTest.java:70
              | the first reason
        "#]],
    );
}

#[test]
fn suites_in_suites_and_an_error_of_a_whole_suite() {
    check(
        include_str!("../../fixtures/junit/nested.xml"),
        &expect![[r#"
            2 passed, 3 failed, 1 skipped, 0 ms
            failed tea is free at test/cart.spec.ts:9
              | expected 3 to be 0
            failed sugar is free at test/sugar.php:12
              | Sugar
            failed shop at test/global_setup.ts:3
              | the data base is gone
        "#]],
    );
}

#[test]
fn node_nests_suites_too() {
    check(
        include_str!("../../fixtures/junit/node.xml"),
        &expect![[r#"
        1 passed, 2 failed, 1 skipped, 22 ms
        failed cart::adds at cart.test.mjs:4
          | Expected values to be strictly equal:4 !== 5
        failed inner::throws at cart.test.mjs:7
          | no <tea> & no sugar
    "#]],
    );
}

#[test]
fn a_rust_panic_of_nextest() {
    check(
        include_str!("../../fixtures/junit/nextest.xml"),
        &expect![[r#"
            1 passed, 1 failed, 0 skipped, 16 ms
            failed shop::cart::adds_two at src/lib.rs:12
              | assertion `left == right` failed
              |   left: 4
              |  right: 5
        "#]],
    );
}

#[test]
fn what_quick_junit_writes_is_read_back() {
    use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
    let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
    failed
        .set_message("a < b & \"c\"\nsecond line")
        .set_description("at src/lib.rs:7:1");
    let mut suite = TestSuite::new("s");
    suite.add_test_case(TestCase::new("ok", TestCaseStatus::success()));
    suite.add_test_case(TestCase::new("bad", failed));
    suite.add_test_case(TestCase::new("later", TestCaseStatus::skipped()));
    let mut report = Report::new("r");
    report.add_test_suite(suite);
    check(
        &report.to_string().unwrap(),
        &expect![[r#"
        1 passed, 1 failed, 1 skipped, 0 ms
        failed bad at src/lib.rs:7
          | a < b & "c" second line
    "#]],
    );
}

#[test]
fn sec_34_a_document_type_is_refused() {
    check(
        include_str!("../../fixtures/junit/entities.xml"),
        &expect![[r#"
            unreadable: out/file cannot be read: it has a document type (<!DOCTYPE …>), which is refused; write it without
        "#]],
    );
}

#[test]
fn sec_34_an_entity_without_a_document_type_is_refused() {
    check(
        "<testsuites><testsuite name='a'><testcase name='b'><failure>&xxe;</failure></testcase></testsuite></testsuites>",
        &expect![[r#"
            unreadable: out/file cannot be read: it has the entity &xxe;, and only &lt; &gt; &amp; &apos; &quot; and &#…; are read
        "#]],
    );
    check(
        "<testsuites><testsuite name='&xxe;'/></testsuites>",
        &expect![[r#"
            unreadable: out/file cannot be read: an attribute in it is not well-formed XML: at 1..4: unrecognized entity `xxe`
        "#]],
    );
    check(
        "<testsuites><testsuite><testcase><failure>&#0;</failure></testcase></testsuite></testsuites>",
        &expect![[r#"
            unreadable: out/file cannot be read: it has the entity &#0;, and only &lt; &gt; &amp; &apos; &quot; and &#…; are read
        "#]],
    );
}

#[test]
fn sec_34_elements_nested_without_end_are_refused() {
    let deep = "<testsuite name='x'>".repeat(100_000);
    check(
        &deep,
        &expect![[r#"
        unreadable: out/file cannot be read: its elements are nested more than 64 deep
    "#]],
    );
}

#[test]
fn sec_34_very_many_attributes_take_no_quadratic_time() {
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=''")).collect();
    check(
        &format!("<testsuite name='s'><testcase name='t'{attributes}/></testsuite>"),
        &expect![[r#"
            1 passed, 0 failed, 0 skipped, 0 ms
        "#]],
    );
}

#[test]
fn counts_are_whole_and_details_are_capped() {
    let cases = "<testcase name='t'><failure message='m'/></testcase>".repeat(70);
    let report = read_plain(
        ReportKind::Junit,
        format!("<testsuite name='s'>{cases}</testsuite>").as_bytes(),
    );
    assert_eq!(
        (report.tests.unwrap().failed, report.failures.len()),
        (70, 50)
    );
}

#[test]
fn what_is_no_junit_says_so() {
    check(
        "",
        &expect![[r#"
        unreadable: out/file cannot be read: it is empty; the tool wrote nothing
    "#]],
    );
    check(
        "<html><body/></html>",
        &expect![[r#"
        unreadable: out/file cannot be read: there is no <testsuites> and no <testsuite> in it, so it is not JUnit XML
    "#]],
    );
    check(
        "{}",
        &expect![[r#"
        unreadable: out/file cannot be read: there is no <testsuites> and no <testsuite> in it, so it is not JUnit XML
    "#]],
    );
    check(
        "<testsuites><testsuite name='a'>\n<testcase name='b'>",
        &expect![[r#"
            unreadable: out/file cannot be read: it ends in the middle of an element; the tool was ended while it wrote
        "#]],
    );
    check(
        "<testsuites>\n<testsuite name='a'></testcase></testsuites>",
        &expect![[r#"
            unreadable: out/file cannot be read: it is not well-formed XML near line 2: ill-formed document: expected `</testsuite>`, but `</testcase>` was found
        "#]],
    );
    check(
        "\u{feff}<testsuites/>",
        &expect![[r#"
        0 passed, 0 failed, 0 skipped, 0 ms
    "#]],
    );
    let utf_16: Vec<u8> = "\u{feff}<testsuites/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    expect![[r#"
        unreadable: out/file cannot be read: it is UTF-16; let the tool write UTF-8
    "#]]
    .assert_eq(&show(&read_plain(ReportKind::Junit, &utf_16)));
}
