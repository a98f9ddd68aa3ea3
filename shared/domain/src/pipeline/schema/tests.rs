//! Purpose: the schema and the reader accept the same files. The schema is asked through a full validator, and the
//! YAML of the files is read by another reader.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::lint;
use super::*;

const GOOD: &[(&str, &str)] = &[
    ("smallest", include_str!("good/smallest.yaml")),
    ("everything", include_str!("good/everything.yaml")),
    ("look-alike", include_str!("good/look-alike.yaml")),
    ("aliases", include_str!("good/aliases.yaml")),
];

/// One mistake that a schema can see, each in a file that is good otherwise.
const BAD: &[&str] = &[
    "[]",
    "version: 1",
    "jobs: { a: { run: x } }",
    "{ version: 2, jobs: { a: { run: x } } }",
    "{ version: \"1\", jobs: { a: { run: x } } }",
    "{ version: 1, jobs: {} }",
    "{ version: 1, jobs: null }",
    "{ version: 1, jobs: { a: {} } }",
    "{ version: 1, jobs: { A: { run: x } } }",
    "{ version: 1, jobs: { a: { run: x, extra: 1 } } }",
    "{ version: 1, jobs: { a: { run: \" \" } } }",
    "{ version: 1, jobs: { a: { run: [] } } }",
    "{ version: 1, jobs: { a: { run: true } } }",
    "{ version: 1, jobs: { a: { run: x, needs: b } } }",
    "{ version: 1, jobs: { a: { run: x, timeout: 20 } } }",
    "{ version: 1, jobs: { a: { run: x, timeout: 20x } } }",
    "{ version: 1, jobs: { a: { run: x, retries: 6 } } }",
    "{ version: 1, jobs: { a: { run: x, retries: -1 } } }",
    "{ version: 1, jobs: { a: { run: x, retries: 1.5 } } }",
    "{ version: 1, jobs: { a: { run: x, env: { SLIPWAY_X: y } } } }",
    "{ version: 1, jobs: { a: { run: x, env: { 1A: y } } } }",
    "{ version: 1, jobs: { a: { run: x, env: { A: [y] } } } }",
    "{ version: 1, jobs: { a: { run: x, env: { A: \"\\0\" } } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: {} } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: { go: [] } } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: { go: [1, 1] } } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: { go: [1.2, 1.20] } } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: { Go: [1] } } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: { go: [\"a,b\"] } } } }",
    "{ version: 1, jobs: { a: { run: x, matrix: { go: [1], include: [{ include: 1, go: 2 }] } } } }",
    "{ version: 1, jobs: { a: { run: x, paths: [/etc] } } }",
    "{ version: 1, jobs: { a: { run: x, paths: [a/../b] } } }",
    "{ version: 1, jobs: { a: { run: x, paths: ['a\\b'] } } }",
    "{ version: 1, jobs: { a: { run: x, if: {} } } }",
    "{ version: 1, jobs: { a: { run: x, if: { event: [pushed] } } } }",
    "{ version: 1, jobs: { a: { run: x, reports: [{ kind: junit }] } } }",
    "{ version: 1, jobs: { a: { run: x, reports: [{ kind: tap, path: x }] } } }",
    "{ version: 1, jobs: { a: { run: x, reports: [{ kind: lcov, path: x, gate: { min_coverage: 101 } }] } } }",
    "{ version: 1, jobs: { a: { run: x, artifacts: [{ name: a/b, paths: [x] }] } } }",
    "{ version: 1, jobs: { a: { run: x, cache: [{ key: k, paths: [] }] } } }",
    "{ version: 1, jobs: { a: { run: x, image: \"a b\" } } }",
    "{ version: 1, jobs: { a: { run: x, services: {} } } }",
    "{ version: 1, on: {}, jobs: { a: { run: x } } }",
    "{ version: 1, on: { push: null }, jobs: { a: { run: x } } }",
    "{ version: 1, on: { push: { branches: [] } }, jobs: { a: { run: x } } }",
    "{ version: 1, on: { push: { branches: [\"a b\"] } }, jobs: { a: { run: x } } }",
    "{ version: 1, on: { schedule: [{ name: a, cron: \"0 3 * *\", branch: main }] }, jobs: { a: { run: x } } }",
    "{ version: 1, on: { schedule: [{ name: a, cron: \"0 3 * * *\", branch: \"a..b\" }] }, jobs: { a: { run: x } } }",
    "{ version: 1, jobs: { a: { run: x } }, environments: { s: { branches: [main] } } }",
    "{ version: 1, jobs: { a: { run: x } }, concurrency: { on_new: stop } }",
    "{ version: 1, jobs: { a: { run: x } }, concurrency: { group: \"\" } }",
    "{ version: 1, jobs: { a: { run: x } }, images: {} }",
];

static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()).expect("the schema is a schema"));

/// The codes of what a schema can see. What only the types notice is a hole in the reader.
fn only_schema_codes(text: &str) -> Vec<&'static str> {
    let found = lint(text);
    assert!(
        found.iter().all(|d| d.code != "schema-disagrees"),
        "{text}\n{found:?}"
    );
    let beyond = |code: &str| NOT_IN_SCHEMA.iter().any(|(other, _)| *other == code);
    found
        .iter()
        .map(|d| d.code)
        .filter(|code| !beyond(code))
        .collect()
}

#[test]
fn good_files_are_accepted_by_both() {
    for (name, text) in GOOD {
        let value: Value = serde_saphyr::from_str(text).expect(name);
        let errors: Vec<String> = VALIDATOR
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
        assert_eq!(lint(text), vec![], "{name}");
    }
}

#[test]
fn bad_files_are_refused_by_both() {
    for text in BAD {
        let value: Value = serde_saphyr::from_str(text).expect(text);
        assert!(!VALIDATOR.is_valid(&value), "the schema accepts {text}");
        assert!(
            !only_schema_codes(text).is_empty(),
            "the reader accepts {text}: {:?}",
            lint(text)
        );
    }
}

#[test]
fn the_schema_helps_editors() {
    let schema = schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(schema["title"].is_string() && schema["description"].is_string());
    let described = |properties: &Value| {
        properties
            .as_object()
            .is_some_and(|keys| keys.values().all(|v| v["description"].is_string()))
    };
    assert!(
        described(&schema["properties"]),
        "every key has a help text"
    );
    for (name, definition) in schema["$defs"].as_object().expect("definitions") {
        assert!(
            described(&definition["properties"]) || definition.get("properties").is_none(),
            "{name}"
        );
    }
    let text = schema.to_string();
    assert!(!text.contains("\"null\""), "a key is left out, never null");
}

/// Values to put where others belong; their texts are as ordinary as mistakes are.
fn replacement() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(2.0),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(""),
        json!(" "),
        json!("x"),
        json!("Main Street"),
        json!("20m"),
        json!("../x"),
        json!("/x"),
        json!("push"),
        json!("junit"),
        json!("0 3 * * *"),
        json!("SLIPWAY_A"),
        json!("!x"),
        json!("include"),
        json!([]),
        json!(["x"]),
        json!(["x", "x"]),
        json!([1, "1"]),
        json!({}),
        json!({"x": 1}),
        json!({"run": "x"}),
        json!({"include": [{"a": 1}]}),
    ])
}

fn keys() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "x",
        "X",
        "run",
        "needs",
        "include",
        "exclude",
        "MATRIX_A",
        "services",
        "kubernetes",
        "<",
        "",
        "branches",
        "timeout",
        "a.b",
        "-",
        "retries",
    ])
}

/// The value at the n-th place of a depth-first walk, changed.
fn change(value: &mut Value, n: &mut usize, how: u8, with: &Value, key: &str) {
    if *n == 0 {
        *n = usize::MAX;
        match (how, &mut *value) {
            (0, Value::Object(map)) => {
                map.insert(key.to_owned(), with.clone());
            }
            (1, Value::Object(map)) => {
                let first = map.keys().next().cloned().unwrap_or_default();
                map.remove(&first);
            }
            (0, Value::Array(list)) => list.push(with.clone()),
            _ => *value = with.clone(),
        }
        return;
    }
    *n = n.saturating_sub(1);
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| {
            if *n != usize::MAX {
                change(value, n, how, with, key);
            }
        }),
        Value::Array(list) => list.iter_mut().for_each(|value| {
            if *n != usize::MAX {
                change(value, n, how, with, key);
            }
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_file_is_judged_alike(
        changes in prop::collection::vec((0..160usize, 0..3u8, replacement(), keys()), 1..3)
    ) {
        let mut value: Value = serde_saphyr::from_str(GOOD[1].1).expect("good");
        for (n, how, with, key) in changes {
            change(&mut value, &mut { n }, how, &with, key);
        }
        // JSON is YAML.
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let errors: Vec<String> = VALIDATOR.iter_errors(&value).map(|e| e.to_string()).collect();
        let codes = only_schema_codes(&text);
        prop_assert_eq!(errors.is_empty(), codes.is_empty(), "{:?} {:?}\n{}", errors, codes, text);
    }
}
