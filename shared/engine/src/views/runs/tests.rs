//! Purpose: the small rules of the list of runs; whole pages are tested in the dashboard.

use super::*;

#[test]
fn a_reference_is_shown_without_its_prefix() {
    let shown = [
        ("refs/heads/main", "main"),
        ("refs/heads/release/1.2", "release/1.2"),
        ("refs/tags/v1", "v1"),
        ("refs/pull/7/head", "pull/7"),
        ("refs/pull/7/merge", "pull/7"),
        ("refs/notes/x", "refs/notes/x"),
        ("", ""),
    ];
    for (reference, short) in shown {
        assert_eq!(short_reference(reference), short);
    }
}

#[test]
fn a_cursor_survives_the_way_through_a_link() {
    let stream = StreamId::run(RepositoryId(12), &RunId::new("0a1b-2c"));
    let cursor = HeadCursor {
        created_ms: 1_700_000_000_000,
        stream,
    };
    let text = show_cursor(&cursor);
    assert_eq!(text, "1700000000000-run/12/0a1b-2c");
    assert_eq!(read_cursor(&text), Some(cursor));
    for bad in ["", "x", "1-", "-run/1/a", "1700-run", "1e9-run/1/a"] {
        assert_eq!(read_cursor(bad), None, "{bad}");
    }
}

#[test]
fn a_filter_keeps_what_is_equal_and_nothing_that_only_begins_so() {
    let summary = Summary {
        reference: "refs/heads/main".to_owned(),
        status: "failed".to_owned(),
        ..Summary::default()
    };
    let keeps = |branch: Option<&str>, status: Option<&str>| {
        let filter = RunsFilter {
            repository: None,
            branch: branch.map(str::to_owned),
            status: status.map(str::to_owned),
        };
        filter.keeps(&summary)
    };
    assert!(keeps(None, None));
    assert!(keeps(Some("main"), Some("failed")));
    assert!(keeps(Some("refs/heads/main"), None));
    assert!(!keeps(Some("mai"), None));
    assert!(!keeps(Some("main-2"), None));
    assert!(!keeps(None, Some("fail")));
    assert!(!keeps(Some("main"), Some("running")));
}
