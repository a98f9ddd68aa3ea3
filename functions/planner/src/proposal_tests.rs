//! Purpose: the difference of two pipeline files as text, within its bounds.

use super::*;

#[test]
fn a_difference_is_told_with_its_surroundings() {
    let base = "version: 1\njobs:\n  unit: { run: make test }\n";
    let own = "version: 1\njobs:\n  unit: { run: make all }\n";
    let expected = "@@ -1,3 +1,3 @@\n version: 1\n jobs:\n-  unit: { run: make test }\n+  unit: { run: make all }\n";
    assert_eq!(diff(base, own), expected);
    assert_eq!(diff(base, base), "");
}

#[test]
fn a_long_difference_is_cut_after_a_line() {
    let long = diff("", &"# é line of a file\n".repeat(5_000));
    assert!(long.len() <= MAX_DIFF, "{}", long.len());
    assert!(long.ends_with("of a file\n… and more\n"), "{long}");
    let lineless = diff("", &"é".repeat(20_000));
    assert!(lineless.ends_with(REST) && lineless.len() <= MAX_DIFF);
}

#[test]
fn many_mistakes_are_counted() {
    let jobs = (0..30).map(|n| format!("  j{n}: {{ steps: x }}\n"));
    let text = format!("version: 1\njobs:\n{}", jobs.collect::<String>());
    let told = sentences(&pipeline::lint(&text));
    assert_eq!(told.len(), MAX_MISTAKES + 1);
    assert!(told[0].starts_with("line 3: "), "{told:?}");
    assert!(told[MAX_MISTAKES].starts_with("and "), "{told:?}");
}
