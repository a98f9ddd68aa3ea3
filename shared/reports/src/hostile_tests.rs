//! Purpose: bytes that want to do harm: nothing panics, and everything that is kept is bounded and clean.

use domain::plan::{Gate, ReportKind};
use domain::report::{MAX_DETAILS, Report};
use proptest::prelude::*;

use crate::support::{known, spec};
use crate::{fingerprints, from_console, headline, judge, read};

const FIXTURES: [(ReportKind, &[u8]); 9] = [
    (
        ReportKind::Junit,
        include_bytes!("../fixtures/junit/maven.xml"),
    ),
    (
        ReportKind::Junit,
        include_bytes!("../fixtures/junit/nested.xml"),
    ),
    (
        ReportKind::Junit,
        include_bytes!("../fixtures/junit/node.xml"),
    ),
    (
        ReportKind::Junit,
        include_bytes!("../fixtures/junit/nextest.xml"),
    ),
    (
        ReportKind::GoTest,
        include_bytes!("../fixtures/go-test/shop.json"),
    ),
    (
        ReportKind::GoTest,
        include_bytes!("../fixtures/go-test/pieces.json"),
    ),
    (
        ReportKind::Sarif,
        include_bytes!("../fixtures/sarif/golangci-lint.sarif"),
    ),
    (
        ReportKind::Sarif,
        include_bytes!("../fixtures/sarif/codeql.sarif"),
    ),
    (
        ReportKind::Lcov,
        include_bytes!("../fixtures/lcov/shop.info"),
    ),
];

const KINDS: [ReportKind; 4] = [
    ReportKind::Junit,
    ReportKind::GoTest,
    ReportKind::Sarif,
    ReportKind::Lcov,
];

fn gate() -> Gate {
    Gate {
        max_failed: Some(0),
        min_tests: Some(1),
        max_new: Some(0),
        max_findings: Some(0),
        min_coverage: Some(1),
    }
}

/// Reads, judges, and looks at everything that was kept.
fn survive(kind: ReportKind, bytes: &[u8]) -> Report {
    let spec = spec(kind, gate());
    let mut reports = [read(&spec, "out/file", bytes, &known())];
    judge(&spec, &mut reports);
    let headline = headline(&reports).unwrap_or_default();
    let [report] = reports;
    assert!(report.failures.len() <= MAX_DETAILS && report.details.len() <= MAX_DETAILS);
    let mut texts = vec![(headline, 300)];
    for failure in &report.failures {
        texts.push((failure.test.clone(), 300));
        texts.push((failure.message.clone(), 500));
        texts.push((failure.file.clone().unwrap_or_default(), 300));
    }
    for finding in &report.details {
        texts.push((finding.rule.clone(), 300));
        texts.push((finding.message.clone(), 500));
        texts.push((finding.file.clone().unwrap_or_default(), 300));
        texts.push((finding.fingerprint.clone(), 50));
    }
    texts.push((report.unreadable.clone().unwrap_or_default(), 1000));
    for (text, max) in texts {
        assert!(text.chars().count() <= max, "{text}");
        assert!(
            !text
                .chars()
                .any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)),
            "{text:?}"
        );
    }
    report
}

/// A fixture with a few bytes changed, a piece doubled or cut out, or hostile text put in.
fn mutated() -> impl Strategy<Value = (ReportKind, Vec<u8>)> {
    let hostile = prop::sample::select(vec![
        "\u{1b}]0;x",
        "\u{202e}",
        "&xxe;",
        "<!DOCTYPE a>",
        "]]>",
        "<testsuite>",
        "</testcase>",
        "\0",
        "{",
        "[[[[",
        "\"",
        "-1",
        "99999999999999999999",
        "NaN",
        "1e999",
        "null",
        "\n",
        "\u{fffd}",
        "DA:4294967295,18446744073709551615\n",
        "%s",
    ]);
    let change = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..4_u8,
        hostile,
    );
    (
        prop::sample::select(FIXTURES.to_vec()),
        prop::collection::vec(change, 1..8),
    )
        .prop_map(|((kind, bytes), changes)| {
            let mut bytes = bytes.to_vec();
            for (from, to, how, hostile) in changes {
                let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
                let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 400));
                match how {
                    0 => drop(bytes.drain(from..to)),
                    1 => drop(bytes.splice(from..from, hostile.bytes())),
                    2 => drop(bytes.splice(from..to, hostile.bytes())),
                    _ => {
                        let piece = bytes[from..to].to_vec();
                        drop(bytes.splice(from..from, piece));
                    }
                }
            }
            (kind, bytes)
        })
}

proptest! {
    #[test]
    fn sec_34_arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for kind in KINDS {
            survive(kind, &bytes);
        }
        let found = fingerprints(&bytes, &known());
        prop_assert!(found.is_err() || survive(ReportKind::Sarif, &bytes).unreadable.is_none());
        from_console(&String::from_utf8_lossy(&bytes), &known());
    }

    #[test]
    fn sec_34_changed_reports_never_panic((kind, bytes) in mutated()) {
        survive(kind, &bytes);
        from_console(&String::from_utf8_lossy(&bytes), &known());
    }
}

#[test]
fn the_fixtures_themselves_are_readable() {
    for (kind, bytes) in FIXTURES {
        assert_eq!(survive(kind, bytes).unreadable, None, "{kind:?}");
    }
}

/// Many tiny results must not become many large structs.
#[test]
fn sec_34_a_small_file_with_very_many_entries_is_counted() {
    let results = vec!["{\"message\":{}}"; 30_000].join(",");
    let log = format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"t\"}}}},\"results\":[{results}]}}]}}"
    );
    assert_eq!(
        survive(ReportKind::Sarif, log.as_bytes())
            .findings
            .map(|found| found.warnings),
        Some(30_000)
    );
    let cases = "<testcase/>".repeat(30_000);
    let suite = format!("<testsuite>{cases}</testsuite>");
    assert_eq!(
        survive(ReportKind::Junit, suite.as_bytes())
            .tests
            .map(|tests| tests.passed),
        Some(30_000)
    );
}

/// One long text that every result points at must not be copied for each of them.
#[test]
fn sec_34_a_long_text_that_many_results_share_is_cut_once() {
    let long = "x".repeat(2_000_000);
    let results = vec!["{\"ruleIndex\":0,\"message\":{\"id\":\"m\"}}"; 3_000].join(",");
    let rule =
        format!("{{\"id\":\"{long}\",\"messageStrings\":{{\"m\":{{\"text\":\"{long}\"}}}}}}");
    let driver = format!("{{\"name\":\"{long}\",\"rules\":[{rule}]}}");
    let log = format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{driver}}},\"results\":[{results}]}}]}}"
    );
    assert_eq!(
        survive(ReportKind::Sarif, log.as_bytes())
            .findings
            .map(|found| found.warnings),
        Some(3_000)
    );
}
