//! Purpose: what patterns mean.

use super::*;

#[test]
fn one_star_stays_within_a_part() {
    assert!(matches("release-*", "release-1.2"));
    assert!(!matches("release-*", "release-1/hotfix"));
    assert!(matches("feature/**", "feature/a/b"));
    assert!(matches("**", "a/b/c"));
    assert!(matches("docs/**/*.md", "docs/x.md"));
    assert!(!matches("v*", "release-v1"));
    assert!(matches("main", "main") && !matches("main", "Main"));
}

#[test]
fn exceptions_win_wherever_they_stand() {
    assert!(selects(["release-*", "!release-1"], "release-2"));
    assert!(!selects(["release-*", "!release-1"], "release-1"));
    assert!(!selects(["!release-1", "release-*"], "release-1"));
    assert!(!selects(["!release-1"], "main"));
    assert!(!selects([], "main"));
}

#[test]
fn lists_overlap_unless_they_surely_do_not() {
    assert!(may_overlap(&["main"], &["main", "dev"]));
    assert!(!may_overlap(&["main"], &["dev"]));
    assert!(may_overlap(&["release-*"], &["release-1"]));
    assert!(!may_overlap(&["release-*"], &["main"]));
    assert!(!may_overlap(&["release-*"], &["feature-*"]));
    assert!(may_overlap(&["release-*"], &["*-1"]));
    assert!(!may_overlap(&["main", "!main"], &["main"]));
    assert!(!may_overlap(&[], &["main"]));
}

#[test]
fn a_glob_that_cannot_be_read_is_said_and_matches_nothing() {
    assert_eq!(
        check("a[").map_err(|complaint| complaint.code),
        Err("bad-glob")
    );
    assert!(!matches("a[", "a["));
}

#[test]
fn variables_are_found() {
    assert_eq!(variables("a-${ref}-${hash:go.sum}"), ["ref", "hash:go.sum"]);
    assert_eq!(variables("a-$ref"), Vec::<&str>::new());
    assert_eq!(variables("${open"), ["open"]);
}
