//! Purpose: each rule's regular expression, which the schema states, and its check say the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::pipeline::NOT_IN_SCHEMA;

type Validators = BTreeMap<&'static str, jsonschema::Validator>;

static PATTERNS: LazyLock<Validators> = LazyLock::new(|| {
    TEXT_RULES
        .iter()
        .map(|(rule, pattern)| {
            let schema = json!({ "type": "string", "pattern": pattern });
            (
                rule.name,
                jsonschema::validator_for(&schema).expect(rule.name),
            )
        })
        .collect()
});

/// Whether schema and check agree on this text, for every rule.
fn agree(text: &str) -> Result<(), String> {
    for (rule, _) in TEXT_RULES {
        let schema = PATTERNS[rule.name].is_valid(&json!(text));
        let check = match (rule.check)(text) {
            Ok(()) => true,
            Err(complaint) => NOT_IN_SCHEMA
                .iter()
                .any(|(code, _)| *code == complaint.code),
        };
        if schema != check {
            return Err(format!(
                "{}: schema {schema}, check {check}: {text:?}",
                rule.name
            ));
        }
    }
    Ok(())
}

#[test]
fn rules_and_patterns_agree_on_the_edges() {
    let long = |n: usize| "a".repeat(n);
    let edges = [
        "",
        " ",
        "a",
        "A",
        "0",
        "_",
        "-",
        ".",
        "/",
        "a/",
        "a.",
        "..",
        "a/..",
        "../a",
        "a/../b",
        "a..b",
        "...",
        "a/...",
        "/a",
        "!a",
        "!!a",
        "!",
        "SLIPWAY_A",
        "MATRIX_A",
        "SLIPWAY",
        "include",
        "exclude",
        "includes",
        "a\0",
        "a\n",
        "\t",
        "a b",
        "a\\b",
        "1.20",
        "-1",
        "0 3 * * *",
        "0 3 * *",
        "0 3 * * * *",
        " 0 3 * * *",
        "0\t3  * * *",
        "0 3 * * *\n",
        "UTC",
        "Etc/GMT+1",
        "Europe/Berlin",
        "europe/berlin",
        "ana",
        "@ana",
        "dependabot[bot]",
        "golang:1.25",
        "https://a",
        "http://a.example:8080/b?c=d#e",
        "https://",
        "https:///a",
        "https://a b",
        "https://ä",
        "HTTPS://a",
        "javascript://a",
        "https://a\n",
        "a@{b",
        "a//b",
        "${ref}",
        "${hash:a}",
        "${",
        "ä",
        "😀",
        "a,b",
        "a\u{7f}",
        "**",
        "[",
        "{a,b",
    ];
    for text in edges
        .into_iter()
        .map(str::to_owned)
        .chain((30..32).map(long))
        .chain(
            [
                62, 63, 64, 65, 100, 101, 127, 128, 253, 254, 255, 256, 1_024, 1_025,
            ]
            .map(long),
        )
    {
        assert_eq!(agree(&text), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn rules_and_patterns_agree(text in "[a-cA-C0-2_./!*\\[\\]{}$@~^:, -]{0,12}") {
        prop_assert_eq!(agree(&text), Ok(()));
    }

    #[test]
    fn rules_and_patterns_agree_on_any_text(text in "\\PC{0,20}") {
        prop_assert_eq!(agree(&text), Ok(()));
    }
}

/// The code with which a rule refuses a text, and its help.
fn refusal(name: &str, text: &str) -> (&'static str, String) {
    let rule = rule(name).expect(name);
    match (rule.check)(text) {
        Ok(()) => ("accepted", String::new()),
        Err(complaint) => (complaint.code, complaint.help.unwrap_or_default()),
    }
}

#[test]
fn what_no_pattern_can_say_is_checked_too() {
    assert_eq!(refusal("cron", "0 25 * * *").0, "bad-cron");
    assert_eq!(refusal("cron", "0 0 30 2 *").0, "bad-cron");
    assert_eq!(refusal("cron", "0 0 29 2 *").0, "accepted");
    assert_eq!(refusal("path", "a[").0, "bad-glob");
    assert_eq!(
        refusal("cache-key", "go-${hash:../x}").0,
        "bad-cache-variable"
    );
    assert_eq!(refusal("cache-key", "go-${os}").0, "bad-cache-variable");
    assert_eq!(refusal("group", "${title}").0, "bad-group-variable");
    assert_eq!(refusal("time-zone", "Mars/Base").0, "unknown-time-zone");
}

#[test]
fn what_was_meant_is_guessed() {
    assert!(
        refusal("group", "${brnch}")
            .1
            .starts_with("did you mean `branch`?")
    );
    assert!(
        refusal("time-zone", "Europe/Belin")
            .1
            .starts_with("did you mean `Europe/Berlin`?")
    );
    assert!(
        refusal("time-zone", "berlin")
            .1
            .starts_with("did you mean `Europe/Berlin`?")
    );
    assert!(
        refusal("time-zone", "asia/shanghai")
            .1
            .starts_with("did you mean `Asia/Shanghai`?")
    );
}
