//! Purpose: SARIF of several tools, and which findings are new.

use domain::plan::{Gate, ReportKind};
use expect_test::{Expect, expect};

use crate::support::{known, read_plain, show, spec};
use crate::{Known, fingerprints, read};

const GOLANGCI: &str = include_str!("../../fixtures/sarif/golangci-lint.sarif");
const CODEQL: &str = include_str!("../../fixtures/sarif/codeql.sarif");

fn check(json: &str, expected: &Expect) {
    expected.assert_eq(&show(&read_plain(ReportKind::Sarif, json.as_bytes())));
}

fn against(base: &str, json: &str) -> (u32, u32) {
    let known = Known {
        fingerprints: Some(fingerprints(base.as_bytes(), &known()).unwrap()),
        ..known()
    };
    let report = read(
        &spec(ReportKind::Sarif, Gate::default()),
        "x",
        json.as_bytes(),
        &known,
    );
    let findings = report.findings.unwrap();
    (findings.new, findings.total())
}

#[test]
fn golangci_lint_without_fingerprints() {
    check(
        GOLANGCI,
        &expect![[r#"
        2 errors, 1 warnings, 0 notes, 0 new
        error errcheck at cart/cart.go:12: Error return value of `f.Close` is not checked
          # a2d8b17e11899c7ba603ae0ba83593b7
        error errcheck at cart/cart.go:40: Error return value of `f.Close` is not checked
          # a2d8b17e11899c7ba603ae0ba83593b7-2
        warning unused at price/price.go:3: func `old` is unused
          # b95286ef0707cbf3b9db9012c2e573ab
    "#]],
    );
}

#[test]
fn codeql_with_fingerprints_suppressions_and_rules_in_an_extension() {
    check(
        CODEQL,
        &expect![[r#"
        2 errors, 1 warnings, 2 notes, 1 new
        new warning js/else/7: a rule that the tool does not describe
          # d1c8673603d76655fb16b2634a4d515c
        error js/sql-injection at src/db.js:42: This query depends on a [user-provided value](1).
          # d47bb286217284baac1c99c5d58ca37e
        note js/unused at src/db.js:3: Unused variable in src/db.js.
          # ec0433a5ed0687d44d581fc09ab4be82
        error js/sql-injection: a suppression that nobody has accepted yet
          # c7dd76e64ac5300f8578dd0422414cf3
        note js/unused/2: a rule below another
          # ee8235a99c778455ec4e02c1c3e51b28
    "#]],
    );
}

#[test]
fn the_same_findings_on_other_lines_are_not_new() {
    assert_eq!(
        against(
            GOLANGCI,
            &GOLANGCI.replace("\"startLine\": 12", "\"startLine\": 99")
        ),
        (0, 3)
    );
    assert_eq!(
        against(
            CODEQL,
            &CODEQL.replace("\"startLine\": 42", "\"startLine\": 43")
        ),
        (0, 5)
    );
}

#[test]
fn in_another_checkout_the_findings_are_the_same() {
    let elsewhere = GOLANGCI.replace("/home/ci/shop/", "/var/other/");
    let base = fingerprints(
        elsewhere.as_bytes(),
        &Known {
            checkout: Some("/var/other/".to_owned()),
            ..known()
        },
    );
    assert_eq!(base, fingerprints(GOLANGCI.as_bytes(), &known()));
    assert_ne!(base, fingerprints(elsewhere.as_bytes(), &known()));
}

#[test]
fn a_second_finding_of_the_same_kind_is_new() {
    let one = GOLANGCI.replacen("errcheck", "errcheck-else", 1);
    assert_eq!(against(&one, GOLANGCI), (1, 3));
}

#[test]
fn another_file_rule_or_message_is_new() {
    for (from, to) in [
        ("price.go", "cost.go"),
        ("\"unused\"", "\"unused2\""),
        ("`old`", "`older`"),
        ("golangci", "other"),
    ] {
        let new = if from == "golangci" { 3 } else { 1 };
        assert_eq!(
            against(GOLANGCI, &GOLANGCI.replace(from, to)),
            (new, 3),
            "{from}"
        );
    }
}

#[test]
fn an_unknown_base_is_noted_where_a_gate_asks_for_it() {
    let gate = Gate {
        max_new: Some(0),
        ..Gate::default()
    };
    let of = |known: &Known| {
        read(
            &spec(ReportKind::Sarif, gate.clone()),
            "x",
            GOLANGCI.as_bytes(),
            known,
        )
        .notes
    };
    expect!["no good run of this job was found on the base branch, so 3 of 3 findings count as not new (max_new)"].assert_eq(&of(&known()).join("\n"));
    assert!(
        of(&Known {
            fingerprints: Some(Default::default()),
            ..known()
        })
        .is_empty()
    );
    assert!(
        read_plain(ReportKind::Sarif, GOLANGCI.as_bytes())
            .notes
            .is_empty()
    );
}

#[test]
fn new_findings_are_kept_first() {
    let results: Vec<String> = (0..80)
        .map(|n| format!("{{\"message\":{{\"text\":\"m{n}\"}},\"level\":\"note\"}}"))
        .collect();
    let log = |results: &[String]| {
        format!(
            "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"t\"}}}},\"results\":[{}]}}]}}",
            results.join(",")
        )
    };
    let known = Known {
        fingerprints: Some(fingerprints(log(&results[..70]).as_bytes(), &known()).unwrap()),
        ..known()
    };
    let report = read(
        &spec(ReportKind::Sarif, Gate::default()),
        "x",
        log(&results).as_bytes(),
        &known,
    );
    assert_eq!(
        (
            report.findings.unwrap().notes,
            report.findings.unwrap().new,
            report.details.len()
        ),
        (80, 10, 50)
    );
    assert!(report.details.iter().take(10).all(|finding| finding.new));
    assert_eq!(
        report.details.iter().filter(|finding| finding.new).count(),
        10
    );
}

#[test]
fn what_is_no_sarif_says_so() {
    check(
        "",
        &expect![[r#"
        unreadable: out/file cannot be read: it is empty; the tool wrote nothing
    "#]],
    );
    check(
        "[]",
        &expect![[r#"
            unreadable: out/file cannot be read: it is no JSON object, so it is not SARIF
        "#]],
    );
    check(
        "{\"version\":\"2.0.0\",\"runs\":[]}",
        &expect![[r#"
        unreadable: out/file cannot be read: it is SARIF 2.0.0, and only 2.1.0 is read
    "#]],
    );
    check(
        "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"t\"}},\"results\":[{}]}]}",
        &expect![[r#"
            unreadable: out/file cannot be read: runs[0].results[0] is not SARIF: missing field `message` at line 1 column 2
        "#]],
    );
    check(
        &"[".repeat(100_000),
        &expect![[r#"
            unreadable: out/file cannot be read: it is no JSON object, so it is not SARIF
        "#]],
    );
    let deep = format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"t\"}}}},\"results\":[{{\"message\":{{}},\"properties\":{{\"a\":{}1{}}}}}]}}]}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    check(
        &deep,
        &expect![[r#"
        unreadable: out/file cannot be read: runs[0].results[0] is not SARIF: recursion limit exceeded at line 1 column 158
    "#]],
    );
}
