//! Purpose: limits are kept by counting, before a small text has become a large tree.

use super::*;

/// The code of the only diagnostic, and how many nodes were made.
fn refused(text: &str) -> (&'static str, usize) {
    let mut out = Diagnostics::default();
    let mut reader = Reader::new(text, &mut out);
    assert!(reader.document().is_err());
    let nodes = reader.nodes;
    let found = out.finish();
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].code, nodes)
}

#[test]
fn sec_32_a_bomb_of_aliases_is_refused_by_count() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..9 {
        let before = vec![format!("*a{}", n - 1); 9].join(", ");
        text.push_str(&format!("a{n}: &a{n} [{before}]\n"));
    }
    let (code, nodes) = refused(&text);
    assert_eq!(code, "too-many-nodes");
    // The alias that went over the limit was counted, not made: 9 times what fitted is the most.
    assert!(nodes <= MAX_NODES * 9, "{nodes}");
}

#[test]
fn sec_32_aliases_are_limited() {
    let uses = vec!["*a"; MAX_ALIASES + 1].join(", ");
    assert_eq!(
        refused(&format!("a: &a x\nb: [{uses}]\n")).0,
        "too-many-aliases"
    );
}

#[test]
fn sec_32_nodes_are_limited() {
    let items = "x,".repeat(MAX_NODES);
    assert_eq!(
        refused(&format!("[{items}]")),
        ("too-many-nodes", MAX_NODES + 1)
    );
}

#[test]
fn sec_32_depth_is_limited() {
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
    assert_eq!(refused(&deep), ("too-deep", MAX_DEPTH + 1));
    // Far beyond the limit the scanner itself may give up first; nothing overflows, and no tree was made.
    for piece in ["[", "{a: ", "- "] {
        let (code, nodes) = refused(&piece.repeat(50_000));
        assert!(matches!(code, "syntax" | "too-deep"), "{piece}: {code}");
        assert!(nodes <= 2 * MAX_DEPTH + 1, "{piece}: {nodes}");
    }
}

#[test]
fn sec_32_size_is_limited() {
    let text = format!("a: {}", "x".repeat(MAX_BYTES));
    assert_eq!(refused(&text), ("file-too-large", 0));
}

#[test]
fn a_value_cannot_hold_itself() {
    assert_eq!(refused("a: &a [*a]\n").0, "unknown-alias");
}

#[test]
fn numbers_keep_the_way_they_are_written() {
    let mut out = Diagnostics::default();
    let root = parse("go: 1.20\ntext: \"1.20\"\nnone:\n", &mut out).expect("it is YAML");
    let go = root.get("go").expect("given");
    assert_eq!(
        (go.text(), go.type_of()),
        (Some("1.20"), super::super::node::Type::Number)
    );
    let text = root.get("text").expect("given");
    assert_eq!(text.type_of(), super::super::node::Type::Text);
    let none = root.get("none").expect("given");
    assert_eq!(
        (none.text(), none.place.line, none.place.length),
        (None, 3, 4)
    );
    assert!(out.is_empty());
}
