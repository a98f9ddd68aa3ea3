//! Purpose: whole files through the public functions: what is said about bad ones, and that reading never fails
//! without a reason.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// Every diagnostic as one line.
fn check(text: &str, expected: &Expect) {
    let lines: String = lint(text)
        .iter()
        .map(|d| {
            format!(
                "{}:{}+{} {}: {}\n",
                d.line, d.column, d.length, d.code, d.message
            )
        })
        .collect();
    expected.assert_eq(&lines);
}

const TEN_MISTAKES: &str = r#"version: 1
on: { push: { branches: [main] }, pull_requst: {} }
defaults: { timeout: 20 }
jobs:
  build: { run: make, retries: 9 }
  unit:
    run: go test ./...
    needs: [biuld]
    paths: [../secret]
    reports: [{ kind: junitt, path: unit.xml }]
  lint: { run: make lint, env: { SLIPWAY_TOKEN: x } }
environments:
  staging: { branches: [main], deploy: { run: ./deploy } }
  production:
    after: stagin
    deploy: { run: ./deploy }
    approval: { count: 1 }
    freeze: [{ cron: "0 18 * * FRI", for: 62h, time_zone: Asia/Shangai }]
"#;

#[test]
fn a_file_with_ten_mistakes_lists_ten() {
    assert_eq!(lint(TEN_MISTAKES).len(), 10);
    check(
        TEN_MISTAKES,
        &expect![[r#"
        2:35+11 unknown-key: `pull_requst` is not a key of `on`
        3:22+2 wrong-type: `timeout` must be a length of time such as `20m` or `1h30m`, not a number
        5:32+1 out-of-range: `retries` must be between 0 and 5
        8:13+5 unknown-need: there is no job `biuld`
        9:13+9 path-outside: `../secret` leaves the checkout
        10:23+6 unknown-value: `junitt` is not a value of `kind`
        11:34+13 reserved-variable: `SLIPWAY_TOKEN` is a name that Slipway itself gives a value
        15:12+6 unknown-after: there is no environment `stagin`
        17:15+1 empty-approval: nobody can give this approval
        18:59+12 unknown-time-zone: `Asia/Shangai` is not a time zone
    "#]],
    );
}

#[test]
fn a_mistake_is_shown_with_its_line_and_what_to_do() {
    let text = "version: 1\njobs:\n  test: { run: make, needz: [a] }\n";
    expect![[r#"
        error[unknown-key]: `needz` is not a key of a job
         --> .slipway.yaml:3:22
        3 |   test: { run: make, needz: [a] }
          |                      ^^^^^
          = help: did you mean `needs`? allowed here: `artifacts`, `cache`, `env`, `if`, `image`, `matrix`, `needs`, `paths`, `paths-ignore`, `reports`, `retries`, `run`, `timeout`

        .slipway.yaml: 1 mistake
    "#]].assert_eq(&render(FILE_NAME, text, &lint(text), false));
}

#[test]
fn the_smallest_file_is_two_lines() {
    check(
        "version: 1\njobs: { test: { run: cargo test } }\n",
        &expect![[""]],
    );
}

#[test]
fn nothing_and_things_that_are_no_mapping_are_refused() {
    check(
        "",
        &expect![[r#"
        1:1+1 empty-file: the file says nothing
    "#]],
    );
    check(
        "# only a comment\n",
        &expect![[r#"
        1:1+1 empty-file: the file says nothing
    "#]],
    );
    check(
        "- a\n- b\n",
        &expect![[r#"
        1:1+1 wrong-type: the file must be a mapping, not a list
    "#]],
    );
    check(
        "version: 1\njobs: {}\n",
        &expect![[r#"
        2:7+1 empty: `jobs` is empty; it needs at least 1
    "#]],
    );
    check(
        "version: 1\njobs:\n",
        &expect![[r#"
        2:1+4 wrong-type: `jobs` must be a mapping, not nothing
    "#]],
    );
}

#[test]
fn keys_of_later_versions_are_named_as_such() {
    check(
        "version: 1\n\
         jobs: { a: { run: x, services: { compose: c.yml } } }\n\
         images: { server: {} }\n\
         environments: { staging: { branches: [main], kubernetes: { namespace: n } } }\n",
        &expect![[r#"
            2:22+8 not-supported-yet: `services` is not supported by this version of Slipway yet
            3:1+6 not-supported-yet: `images` is not supported by this version of Slipway yet
            4:46+10 not-supported-yet: `kubernetes` is not supported by this version of Slipway yet
        "#]],
    );
}

#[test]
fn a_wrong_type_says_what_is_wanted() {
    check(
        "version: 1\n\
         jobs:\n  a:\n    run: true\n    needs: b\n    timeout: 20\n    retries: \"2\"\n    env: [A=1]\n    \
         matrix:\n  b: make\n  c: { run: [] }\n",
        &expect![[r#"
            4:10+4 wrong-type: `run` must be a text or a list, not true or false
            5:12+1 wrong-type: `needs` must be a list, not a text
            6:14+2 wrong-type: `timeout` must be a length of time such as `20m` or `1h30m`, not a number
            7:14+3 wrong-type: `retries` must be a whole number, not a text
            8:10+1 wrong-type: `env` must be a mapping, not a list
            9:5+6 wrong-type: `matrix` must be a mapping, not nothing
            10:6+4 wrong-type: `b` must be a mapping, not a text
            11:13+1 empty: `run` is empty; it needs at least 1
        "#]],
    );
}

#[test]
fn a_key_given_twice_is_a_mistake_and_both_are_read() {
    check(
        "version: 1\njobs:\n  a: { run: x }\n  a: { run: y, nedes: [] }\n",
        &expect![[r#"
            4:3+1 duplicate-key: `a` is given twice
            4:16+5 unknown-key: `nedes` is not a key of a job
        "#]],
    );
}

#[test]
fn an_alias_repeats_a_value_and_its_mistakes_once() {
    check(
        "version: 1\njobs:\n  a: &a { run: x, timeout: 1y }\n  b: *a\n  c: { <<: *a }\n",
        &expect![[r#"
            3:28+2 bad-duration: `1y` is not a length of time
            5:8+2 merge-key: merge keys (`<<`) are not read here
        "#]],
    );
}

#[test]
fn more_mistakes_than_anybody_reads_are_counted() {
    let keys: String = (0..150)
        .map(|n| format!("  K{n}: {{ run: x }}\n"))
        .collect();
    let found = lint(&format!("version: 1\njobs:\n{keys}"));
    let last = found.last().expect("there are diagnostics");
    assert_eq!((found.len(), last.code), (101, "more"));
    assert_eq!(last.message, "50 more mistakes are not listed");
}

#[test]
fn text_is_never_a_way_into_the_terminal() {
    let text = "version: 1\njobs: { a: { run: x, \"\\e[31m\\u202e\": 1 } } # \u{1b}[2J\n";
    let rendered = render(FILE_NAME, text, &lint(text), false);
    assert!(!rendered.contains(['\u{1b}', '\u{202e}']), "{rendered}");
}

/// Pieces that make a file nearly right more often than chance would.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,6}",
        prop::sample::select(vec![
            "version: 1\n",
            "jobs:\n",
            "  a:\n",
            "    run: x\n",
            "on:",
            "environments:\n",
            "- ",
            ": ",
            "&a ",
            "*a",
            "{",
            "}",
            "[",
            "]",
            ",",
            "\"",
            "'",
            "|\n",
            ">-\n",
            "\t",
            "!!str ",
            "---\n",
            "...\n",
            "%YAML 1.2\n",
            "<<: *a\n",
            "\r",
            "\u{feff}",
            "\u{85}",
            "matrix: {go: [1, 2]}\n",
            "    needs: [a]\n",
            "cron: \"* * * * *\"",
            "? ",
            "#",
            "0x1F",
            ".nan",
            "1e999",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn reading_never_panics(text: &str) {
    let found = lint(text);
    assert_eq!(found.is_empty(), read(text).is_ok(), "{text:?}");
    assert!(
        found
            .iter()
            .all(|d| d.line >= 1 && d.column >= 1 && d.length >= 1),
        "{found:?}"
    );
    assert!(
        found.iter().all(|d| d.code != "schema-disagrees"),
        "{text:?}"
    );
    assert_eq!(render("x", text, &found, true).is_empty(), found.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        reading_never_panics(&text);
    }

    #[test]
    fn nearly_right_text_is_read_or_refused(text in pieces()) {
        reading_never_panics(&text);
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(
        at in 0..TEN_MISTAKES.len(), cut in 0..8usize, put in "\\PC{0,3}"
    ) {
        let end = (at + cut).min(TEN_MISTAKES.len());
        let text = format!("{}{put}{}", &TEN_MISTAKES[..at], &TEN_MISTAKES[end..]);
        reading_never_panics(&text);
    }
}
