#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::expect;
use testkit::conformance::{record as made, stream};

use super::*;
use engine::ports::Position;

/// What is in the table must never change its meaning.
#[test]
fn a_commit_is_stored_so() {
    let id = stream("run/7/a1b2");
    let mut commit = made(
        &id,
        &Position::after(&[]),
        "c1",
        1_700_000_000_000,
        "{\"a\":1}",
    );
    commit.events.push(commit.events[0].clone());
    let payloads = [
        Payload::Inline(commit.events[0].body.clone()),
        Payload::Blob {
            sha256: Digest::of(b"x"),
            bytes: 70_000,
        },
    ];
    let stored = of_record(&id, &commit, &payloads);
    let mut lines: Vec<String> = stored
        .iter()
        .map(|(name, value)| format!("{name} = {}", show(value)))
        .collect();
    lines.sort();
    expect![[r#"
        a = S person:7
        c = S c1
        e = 
          {b = S {"a":1}, v = N 1, y = S noted}
          {r = {len = N 70000, sha256 = S 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881}, v = N 1, y = S noted}
        h = S 0000000000000000000000000000000000000000000000000000000000000000
        k = S conformance
        n = N 1
        p = S run/7/a1b2
        t = N 1700000000000
        x = S 66093136718d606ca30591cc52e41aca460501a0d8a6453ffbb5afff41888f3d"#]].assert_eq(&lines.join("\n"));
    let (back, places) = record(&stored).unwrap();
    assert_eq!(places, payloads);
    assert_eq!((back.number, back.hash), (1, commit.hash));
}

fn show(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("S {text}"),
        AttributeValue::N(number) => format!("N {number}"),
        AttributeValue::L(list) => list
            .iter()
            .map(|value| format!("\n  {}", show(value)))
            .collect(),
        AttributeValue::M(map) => {
            let mut parts: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{name} = {}", show(value)))
                .collect();
            parts.sort();
            format!("{{{}}}", parts.join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn what_is_not_as_it_was_written_is_named() {
    let id = stream("run/7/a1b2");
    let commit = made(&id, &Position::after(&[]), "c1", 1, "{}");
    let whole = of_record(&id, &commit, &[Payload::Inline("{}".to_owned())]);
    for name in ["n", "c", "h", "x", "t", "a", "k"] {
        let mut cut = whole.clone();
        cut.remove(name);
        let why = record(&cut).unwrap_err();
        assert!(why.contains(&format!("`{name}`")), "{why}");
        let mut other = whole.clone();
        other.insert(name.to_owned(), AttributeValue::Bool(true));
        assert!(record(&other).is_err(), "{name}");
    }
    for events in [
        AttributeValue::L(vec![text("x")]),
        AttributeValue::L(vec![map([("y", text("a")), ("v", number(1))])]),
        AttributeValue::L(vec![map([
            ("y", text("a")),
            ("v", number(70_000)),
            ("b", text("")),
        ])]),
        AttributeValue::L(vec![map([
            ("y", text("a")),
            ("v", number(1)),
            ("r", map([])),
        ])]),
        text("[]"),
    ] {
        let mut other = whole.clone();
        other.insert("e".to_owned(), events);
        assert!(record(&other).is_err(), "{other:?}");
    }
}
