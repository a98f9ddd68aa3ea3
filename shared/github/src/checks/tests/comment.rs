//! Purpose: the comment below a pull request: its tests and coverage beside those of the run before.

use domain::release::{Artifact, ArtifactFile};
use domain::report::{Coverage, FindingCounts};

use super::*;

fn failure(test: &str) -> TestFailure {
    TestFailure {
        test: test.to_owned(),
        file: None,
        line: None,
        message: "left".to_owned(),
    }
}

fn junit(passed: u32, failing: &[&str]) -> Report {
    let mut report = Report::empty(None, "junit.xml");
    report.tests = Some(TestCounts {
        passed,
        failed: u32::try_from(failing.len()).unwrap(),
        skipped: 1,
        millis: 9,
    });
    report.failures = failing.iter().map(|test| failure(test)).collect();
    report
}

fn lcov(covered: u64) -> Report {
    let mut report = Report::empty(None, "lcov.info");
    let lines = 400;
    report.coverage = Some(Coverage { lines, covered });
    report
}

/// A run at the commit of this digit whose one job ended with these reports.
fn run(digit: &str, reports: Vec<Report>) -> Run {
    run_ended(digit, Verdict::Succeeded, reports)
}

fn run_ended(digit: &str, verdict: Verdict, reports: Vec<Report>) -> Run {
    let mut run = opened(vec![job("unit", &[])], vec![], None);
    let opening = run.opening.as_mut().unwrap();
    opening.commit = CommitSha::new(digit.repeat(40));
    let run = go(run, &started("job/unit", 5));
    let over = finished(Outcome::Succeeded, "all jobs succeeded");
    let ended = ended("job/unit", verdict, None, reports);
    go(run, &[ended, over])
}

fn said(run: &Run, before: Option<&Run>) -> String {
    let around = Around {
        base_url: "https://ci.example.org",
        before,
        words: Words::default(),
    };
    comment(run, &around).unwrap()
}

#[test]
fn tests_and_coverage_are_compared_with_the_run_before() {
    let before = run("a", vec![junit(7, &["stays", "goes"]), lcov(300)]);
    let now = run("b", vec![junit(7, &["stays", "comes <b>"]), lcov(290)]);
    expect![[r#"
        **Passed** at bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: all jobs succeeded

        Tests: 7 passed, 2 failed, 1 skipped

        New failing tests since aaaaaaa:

        - comes \<b\>

        Other failing tests:

        - stays

        No longer failing since aaaaaaa:

        - goes

        Coverage: 72.50 % of 400 lines, −2.50 points since aaaaaaa

        | Job | State | Took | Tests |
        | --- | --- | --- | --- |
        | unit | Succeeded | 1 min 10 s | 2 of 10 tests failed |

        [The whole run](https://ci.example.org/runs/7/c0ffee012345)

        <!-- slipway: how the latest run ended -->"#]]
    .assert_eq(&said(&now, Some(&before)));
    assert!(is_comparable(&before) && !is_comparable(&run("a", vec![])));
}

#[test]
fn without_a_run_before_nothing_is_called_new() {
    let mut sarif = Report::empty(None, "lint.sarif");
    sarif.findings = Some(FindingCounts {
        errors: 1,
        warnings: 3,
        notes: 0,
        new: 2,
    });
    let now = run("b", vec![junit(7, &["fails"]), lcov(300), sarif]);
    let said = said(&now, None);
    let told = said.split("\n\n| Job").next().unwrap();
    expect![[r#"
        **Passed** at bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: all jobs succeeded

        Tests: 7 passed, 1 failed, 1 skipped

        Failing tests:

        - fails

        Findings: 4, of which 2 new

        Coverage: 75.00 % of 400 lines"#]]
    .assert_eq(told);
}

#[test]
fn what_no_report_names_is_neither_new_nor_gone() {
    let whole = || run("a", vec![junit(7, &["goes"])]);
    let mut cut = junit(7, &["comes"]);
    cut.tests.as_mut().unwrap().failed = 3;
    let now = run("b", vec![cut.clone()]);
    let (first, second) = (said(&now, Some(&whole())), said(&whole(), Some(&now)));
    // Two of the failing tests have no name, and `goes` may be one of them.
    assert!(!first.contains("No longer failing"), "{first}");
    assert!(first.contains("- comes"), "{first}");
    assert!(!second.contains("New failing"), "{second}");
    assert!(second.contains("No longer failing since bbbbbbb:\n\n- comes"));
    // A job that died before it wrote its reports has mended nothing.
    let died = said(&run("b", vec![lcov(1)]), Some(&whole()));
    assert!(!died.contains("failing"), "{died}");
    // Nor has one that was broken off, and what it did not come to may have failed before.
    let broken_off = || run_ended("b", Verdict::TimedOut, vec![junit(2, &["comes"])]);
    let first = said(&broken_off(), Some(&whole()));
    assert!(!first.contains("No longer failing"), "{first}");
    let second = said(&whole(), Some(&broken_off()));
    assert!(!second.contains("New failing"), "{second}");
}

#[test]
fn a_long_list_is_counted() {
    let names: Vec<String> = (0..30).map(|n| format!("t{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let said = said(&run("b", vec![junit(0, &names)]), None);
    assert!(said.contains("- t19\n- and 10 more\n"), "{said}");
}

#[test]
fn what_was_made_is_listed_with_its_digests() {
    let file = |path: &str, len| ArtifactFile {
        path: path.to_owned(),
        digest: Digest::of(path.as_bytes()),
        len,
        executable: false,
    };
    let mut end = EndFacts::without_build(Verdict::Succeeded, at(75));
    end.artifacts = vec![Artifact {
        name: "shop|web".to_owned(),
        digest: Digest::new("d".repeat(64)),
        files: vec![file("a", 2_000), file("b", 48)],
    }];
    let ended = Event::AttemptEnded {
        attempt: attempt("job/unit"),
        end: Box::new(end),
    };
    let sealed = Event::ReleaseSealed {
        release: Digest::new("e".repeat(64)),
    };
    let run = go(
        opened(vec![job("unit", &[])], vec![], None),
        &started("job/unit", 5),
    );
    let over = finished(Outcome::Succeeded, "all jobs succeeded");
    let said = said(&go(run, &[ended, sealed, over]), None);
    let table = said.split("\n\n").nth(2).unwrap();
    expect![[r#"
        | Artifact | Size | SHA-256 |
        | --- | --- | --- |
        | shop\|web | 2.0 KiB in 2 files | dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd |"#]]
    .assert_eq(table);
}

#[test]
fn an_overtaken_run_and_one_that_goes_on_say_nothing() {
    let around = Around {
        base_url: "https://ci.example.org",
        before: None,
        words: Words::default(),
    };
    assert_eq!(comment(&two_jobs(), &around), None);
    let over = go(two_jobs(), &[finished(Outcome::Superseded, "superseded")]);
    assert_eq!(comment(&over, &around), None);
}
