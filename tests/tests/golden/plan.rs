//! A plan in which every field is set, and small values that samples share.

use domain::ids::{CommitSha, Digest, PersonId};
use domain::plan::{
    ApprovalPolicy, ArtifactSpec, CacheSpec, Concurrency, FreezeWindow, Gate, OnNew, Parties, Plan,
    PlannedJob, PlannedStage, ReportKind, ReportSpec, Role, Step, Trigger,
};
use domain::run::Opening;
use jiff::Timestamp;

/// With a fraction, because that is how clocks tell it.
pub fn at() -> Timestamp {
    "2026-01-01T00:00:00.123456789Z".parse().unwrap()
}

pub fn digest(digit: char) -> Digest {
    Digest::new(digit.to_string().repeat(64))
}

pub fn commit() -> CommitSha {
    CommitSha::new("c".repeat(40))
}

fn step(run: &str) -> Step {
    Step {
        run: vec![run.to_owned(), "echo \"done\"".to_owned()],
        env: [("MATRIX_GO".to_owned(), "1.24".to_owned())].into(),
        timeout_seconds: 600,
        image: Some("docker.io/library/golang:1.24".to_owned()),
    }
}

fn plain(run: &str) -> Step {
    Step {
        run: vec![run.to_owned()],
        env: [].into(),
        timeout_seconds: 60,
        image: None,
    }
}

fn gate() -> Gate {
    Gate {
        max_failed: Some(0),
        min_tests: Some(3),
        max_new: Some(1),
        max_findings: Some(9),
        min_coverage: Some(8_000),
    }
}

fn jobs() -> Vec<PlannedJob> {
    let kinds = [
        ReportKind::Junit,
        ReportKind::GoTest,
        ReportKind::Sarif,
        ReportKind::Lcov,
    ];
    let report = |kind| ReportSpec {
        kind,
        path: "out/*.xml".to_owned(),
        gate: gate(),
    };
    let full = PlannedJob {
        id: "unit (go=1.24)".into(),
        name: "unit".to_owned(),
        needs: vec!["build".into()],
        skip: Some("no path of it has changed".to_owned()),
        step: step("make test"),
        retries: 2,
        reports: kinds.map(report).into(),
        artifacts: vec![ArtifactSpec {
            name: "shop".to_owned(),
            paths: vec!["dist/**".to_owned()],
        }],
        cache: vec![CacheSpec {
            key: "go-${hash:go.sum}".to_owned(),
            paths: vec!["~/go".to_owned()],
        }],
    };
    let least = PlannedJob {
        id: "build".into(),
        name: "build".to_owned(),
        needs: Vec::new(),
        skip: None,
        step: plain("make"),
        retries: 0,
        reports: Vec::new(),
        artifacts: Vec::new(),
        cache: Vec::new(),
    };
    vec![least, full]
}

fn stages() -> Vec<PlannedStage> {
    let full = PlannedStage {
        environment: "production".into(),
        after: Some("staging".into()),
        deploy: step("make deploy"),
        verify: Some(plain("make verify")),
        rollback: Some(plain("make rollback")),
        approval: Some(ApprovalPolicy {
            people: vec!["bob".to_owned()],
            teams: vec!["release-approvers".to_owned()],
            count: 1,
            exclude: vec![Role::Initiator, Role::Author],
            expires_seconds: 86_400,
        }),
        freeze: vec![FreezeWindow {
            cron: "0 16 * * 5".to_owned(),
            for_seconds: 230_400,
            time_zone: "Asia/Shanghai".to_owned(),
        }],
        url: None,
    };
    let least = PlannedStage {
        environment: "staging".into(),
        after: None,
        deploy: plain("make deploy"),
        verify: None,
        rollback: None,
        approval: None,
        freeze: Vec::new(),
        url: None,
    };
    vec![least, full]
}

/// An opening with everything in it.
pub fn opening(trigger: Trigger, on_new: OnNew) -> Opening {
    Opening {
        repository: domain::ids::RepositoryId(7),
        run: "0123456789ab".into(),
        delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned(),
        trigger,
        reference: "refs/heads/main".to_owned(),
        commit: commit(),
        parties: Parties {
            initiator: Some(PersonId(1)),
            author: None,
        },
        plan: Plan {
            pipeline: digest('d'),
            jobs: jobs(),
            stages: stages(),
            concurrency: Concurrency {
                group: "main".to_owned(),
                on_new,
            },
            environments: None,
        },
        repeats: None,
        problem: None,
        has_checks: false,
        awaits_trust: false,
        proposal: None,
    }
}
