//! Purpose: the plan of the sample pipeline, and ends of its builds.

use std::collections::BTreeMap;

use domain::ids::{CommitSha, Digest, JobId, PersonId, RepositoryId, RunId};
use domain::plan::{
    ApprovalPolicy, Concurrency, OnNew, Parties, Plan, PlannedJob, PlannedStage, ReportKind, Role,
    Step, Trigger,
};
use domain::release::{Artifact, ArtifactFile, digest_of};
use domain::report::{Coverage, Finding, FindingCounts, Report, TestCounts, TestFailure};
use domain::run::{EndFacts, Opening, Verdict};

use super::world::NOON;

fn step(run: &str) -> Step {
    Step {
        run: vec![run.to_owned()],
        env: BTreeMap::new(),
        timeout_seconds: 1_200,
        image: None,
    }
}

fn job(id: &str, needs: &[&str], run: &str) -> PlannedJob {
    PlannedJob {
        id: JobId::from(id),
        name: id.split(' ').next().unwrap().to_owned(),
        needs: needs.iter().map(|need| JobId::from(*need)).collect(),
        skip: None,
        step: step(run),
        retries: 1,
        reports: Vec::new(),
        artifacts: Vec::new(),
        cache: Vec::new(),
    }
}

fn stage(name: &str, after: Option<&str>, approval: Option<ApprovalPolicy>) -> PlannedStage {
    PlannedStage {
        environment: name.into(),
        after: after.map(Into::into),
        deploy: step(&format!("./deploy.sh {name}")),
        verify: Some(step("./smoke.sh")),
        rollback: None,
        approval,
        freeze: Vec::new(),
        url: None,
    }
}

/// Five jobs, staging, production after an approval.
pub fn plan() -> Plan {
    let policy = ApprovalPolicy {
        people: vec!["bo".to_owned(), "cy".to_owned()],
        teams: Vec::new(),
        count: 1,
        exclude: vec![Role::Initiator, Role::Author],
        expires_seconds: 24 * 3_600,
    };
    Plan {
        pipeline: Digest::of(b"pipeline"),
        jobs: vec![
            job("build", &[], "cargo build --release"),
            job("lint", &[], "cargo clippy -- -D warnings"),
            job("unit (os=linux)", &["build"], "cargo test"),
            job("unit (os=macos)", &["build"], "cargo test"),
            job("smoke", &["build"], "./smoke.sh"),
        ],
        stages: vec![
            stage("staging", None, None),
            stage("production", Some("staging"), Some(policy)),
        ],
        concurrency: Concurrency {
            group: "main".to_owned(),
            on_new: OnNew::Queue,
        },
        environments: None,
    }
}

/// A push of Ana's to a branch.
pub fn opening(repository: u64, run: &str, branch: &str) -> Opening {
    Opening {
        repository: RepositoryId(repository),
        run: RunId::new(run),
        delivery: format!("delivery-{run}"),
        trigger: Trigger::Push {
            branch: branch.to_owned(),
        },
        reference: format!("refs/heads/{branch}"),
        commit: commit_of(run),
        parties: Parties {
            initiator: Some(PersonId(1)),
            author: Some(PersonId(1)),
        },
        plan: plan(),
        repeats: None,
        problem: None,
        has_checks: false,
        awaits_trust: false,
        proposal: None,
    }
}

/// The commit of a sample run.
pub fn commit_of(run: &str) -> CommitSha {
    let digest = Digest::of(run.as_bytes());
    CommitSha::new(&digest.as_str()[..40])
}

/// A build that went well, `took` seconds from `begin` seconds after noon.
pub fn good(begin: i64, took: i64) -> EndFacts {
    EndFacts {
        verdict: Verdict::Succeeded,
        headline: None,
        reports: Vec::new(),
        artifacts: Vec::new(),
        started_ms: (NOON + begin) * 1_000,
        finished_ms: (NOON + begin + took) * 1_000,
        cpu_ms: u64::try_from(took).unwrap() * 1_700,
        max_rss_kib: 412_000,
    }
}

/// A release binary.
pub fn with_artifact(mut end: EndFacts) -> EndFacts {
    let files = vec![ArtifactFile {
        path: "shop".to_owned(),
        digest: Digest::of(b"binary"),
        len: 8_421_376,
        executable: true,
    }];
    end.artifacts = vec![Artifact {
        name: "shop".to_owned(),
        digest: digest_of(&files),
        files,
    }];
    end
}

/// Tests with coverage.
pub fn with_tests(mut end: EndFacts, passed: u32, failures: Vec<TestFailure>) -> EndFacts {
    let mut report = Report::empty(ReportKind::Junit, "target/junit.xml");
    report.tests = Some(TestCounts {
        passed,
        failed: u32::try_from(failures.len()).unwrap(),
        skipped: 2,
        millis: 61_000,
    });
    report.failures = failures;
    let mut cover = Report::empty(ReportKind::Lcov, "target/lcov.info");
    cover.coverage = Some(Coverage {
        lines: 4_210,
        covered: 3_431,
    });
    end.reports = vec![report, cover];
    end
}

/// A linter's findings.
pub fn with_findings(mut end: EndFacts) -> EndFacts {
    let finding = |rule: &str, message: &str, line, new| Finding {
        rule: rule.to_owned(),
        level: "warning".to_owned(),
        message: message.to_owned(),
        file: Some("src/cart/total.rs".to_owned()),
        line: Some(line),
        fingerprint: format!("{rule}{line}"),
        new,
    };
    let mut report = Report::empty(ReportKind::Sarif, "target/clippy.sarif");
    report.findings = Some(FindingCounts {
        errors: 0,
        warnings: 2,
        notes: 0,
        new: 1,
    });
    report.details = vec![
        finding(
            "clippy::redundant_clone",
            "redundant clone of `cart`",
            88,
            true,
        ),
        finding(
            "clippy::too_many_lines",
            "this function has too many lines (112/100)",
            12,
            false,
        ),
    ];
    end.reports = vec![report];
    end
}

/// A build whose tests failed.
pub fn failing(begin: i64, took: i64) -> EndFacts {
    let failures = vec![
        TestFailure {
            test: "cart::total::rounds_half_to_even".to_owned(),
            file: Some("src/cart/total.rs".to_owned()),
            line: Some(142),
            message: "assertion `left == right` failed\n  left: 1999\n right: 2000".to_owned(),
        },
        TestFailure {
            test: "cart::total::empty_cart_costs_nothing".to_owned(),
            file: Some("src/cart/total.rs".to_owned()),
            line: Some(97),
            message: "called `Option::unwrap()` on a `None` value".to_owned(),
        },
    ];
    let mut end = with_tests(good(begin, took), 410, failures);
    end.verdict = Verdict::Failed {
        why: "2 tests failed".to_owned(),
    };
    end.headline = Some(
        "src/cart/total.rs:142: cart::total::rounds_half_to_even: left 1999, right 2000".to_owned(),
    );
    end
}
