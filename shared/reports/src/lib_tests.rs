//! Purpose: reading by kind, sizes, and reports that are not there.

use domain::plan::{Gate, ReportKind};
use expect_test::expect;

use crate::support::{known, read_plain, show, spec};
use crate::{MAX_BYTES, fingerprints, missing, read};

const KINDS: [ReportKind; 4] = [
    ReportKind::Junit,
    ReportKind::GoTest,
    ReportKind::Sarif,
    ReportKind::Lcov,
];

#[test]
fn sec_34_a_file_above_the_limit_is_not_read() {
    let mut bytes = b"SF:a\nDA:1,1\nend_of_record\n".to_vec();
    bytes.resize(MAX_BYTES, b'\n');
    assert!(read_plain(ReportKind::Lcov, &bytes).holds());
    bytes.push(b'\n');
    expect![[r#"
        unreadable: out/file cannot be read: it has 8388609 bytes and the limit is 8388608; split it into several files and name them with a pattern
    "#]].assert_eq(&show(&read_plain(ReportKind::Lcov, &bytes)));
    for kind in KINDS {
        assert!(!read_plain(kind, &bytes).holds());
    }
    assert!(fingerprints(&bytes, &known()).is_err());
}

#[test]
fn a_missing_report_says_what_to_do() {
    for kind in KINDS {
        let report = missing(&spec(kind, Gate::default()));
        assert!(!report.holds());
        assert_eq!(report.kind, Some(kind));
    }
    expect![[r#"
        unreadable: no file matches out/*: let the job write its go-test report there, or correct the path in the pipeline file
    "#]].assert_eq(&show(&missing(&spec(ReportKind::GoTest, Gate::default()))));
}

#[test]
fn a_path_is_cleaned_too() {
    let report = read(
        &spec(ReportKind::Lcov, Gate::default()),
        "a\u{1b}[31m\u{202e}b",
        b"x",
        &known(),
    );
    assert_eq!(report.path, "ab");
}
