//! Samples of runs.

use domain::ids::PersonId;
use domain::lane::Deployed;
use domain::plan::{OnNew, ReportKind, Trigger};
use domain::release::{Artifact, ArtifactFile};
use domain::report::{Coverage, Finding, FindingCounts, Report, TestCounts, TestFailure};
use domain::run::{
    Attempt, Decision, EndFacts, Event, Opening, Outcome, StageOutcome, TaskId, Verdict,
};

use crate::plan::{at, commit, digest, opening};
use crate::{Golden, golden};

pub fn golden() -> Golden<Event> {
    let samples = [
        openings(),
        attempts(),
        ends(),
        stages(),
        outcomes(),
        approvals(),
        finishes(),
        crate::added::run(),
    ];
    golden!(
        run,
        samples.concat(),
        RunOpened,
        RunTrusted,
        TurnTaken,
        TurnReturned,
        JobSkipped,
        AttemptQueued,
        SlotsTaken,
        SlotsReturned,
        BuildRequested,
        BuildDeferred,
        BuildStarted,
        BuildClaimed,
        AttemptEnded,
        ReleaseSealed,
        StageReached,
        ApprovalOpened,
        ApprovalMailed,
        ApprovalNotMailed,
        DecisionMade,
        ApprovalVoided,
        StageFrozen,
        LaneWanted,
        LaneTaken,
        DeployAuthorised,
        StageStopped,
        StageSettled,
        LaneReturned,
        StageEnded,
        CancelRequested,
        RunSuperseded,
        SkipRequested,
        JobCancelled,
        RunFinished,
    )
}

fn attempt(task: TaskId) -> Attempt {
    Attempt { task, number: 2 }
}

fn unit() -> Attempt {
    attempt(TaskId::Job("unit (go=1.24)".into()))
}

/// One for every kind of trigger.
fn openings() -> Vec<Event> {
    let text = str::to_owned;
    let opened = |opening: Opening| Event::RunOpened {
        opening: Box::new(opening),
        at: at(),
    };
    let mut bad = opening(
        Trigger::Manual {
            branch: text("main"),
        },
        OnNew::Queue,
    );
    bad.problem = Some(text("`jobs` is missing"));
    vec![
        opened(opening(
            Trigger::Push {
                branch: text("main"),
            },
            OnNew::Cancel,
        )),
        opened(opening(
            Trigger::Tag {
                tag: text("v1.2.3"),
            },
            OnNew::Cancel,
        )),
        opened(opening(
            Trigger::PullRequest {
                number: 12,
                base: text("main"),
                head: text("fix"),
            },
            OnNew::Cancel,
        )),
        opened(opening(
            Trigger::Schedule {
                name: text("nightly"),
                branch: text("main"),
            },
            OnNew::Queue,
        )),
        opened(bad),
    ]
}

fn attempts() -> Vec<Event> {
    let every = [
        unit(),
        attempt(TaskId::Deploy("staging".into())),
        attempt(TaskId::Verify("staging".into())),
        attempt(TaskId::Rollback("staging".into())),
    ];
    let build = || "b-0001".into();
    vec![
        Event::TurnTaken {},
        Event::TurnReturned {},
        Event::JobSkipped {
            task: TaskId::Job("unit".into()),
            why: "`if` says no".to_owned(),
        },
        Event::AttemptQueued {
            attempt: unit(),
            at: at(),
        },
        Event::SlotsTaken {
            attempts: every.to_vec(),
        },
        Event::SlotsReturned {
            attempts: every.to_vec(),
        },
        Event::BuildRequested {
            attempt: unit(),
            at: at(),
        },
        Event::BuildDeferred {
            attempt: unit(),
            why: "no place".to_owned(),
            until: at(),
            frozen: false,
        },
        Event::BuildStarted {
            attempt: unit(),
            build: build(),
            at: at(),
        },
        Event::BuildClaimed {
            attempt: unit(),
            build: build(),
            at: at(),
        },
    ]
}

/// One for every verdict; the first with everything that an end can hold.
fn ends() -> Vec<Event> {
    let why = || "exit status 1".to_owned();
    let verdicts = [
        Verdict::Succeeded,
        Verdict::TimedOut,
        Verdict::Cancelled,
        Verdict::Lost { why: why() },
        Verdict::NotStarted { why: why() },
        Verdict::Skipped { why: why() },
    ];
    let ended = |end| Event::AttemptEnded {
        attempt: unit(),
        end: Box::new(end),
    };
    let file = ArtifactFile {
        path: "dist/shop".to_owned(),
        digest: digest('a'),
        len: 42,
        executable: true,
    };
    let full = EndFacts {
        verdict: Verdict::Failed { why: why() },
        headline: Some("shop adds_up failed at src/shop.rs:12".to_owned()),
        reports: vec![full_report(), Report::empty(None, "console")],
        artifacts: vec![Artifact {
            name: "shop".to_owned(),
            digest: digest('b'),
            files: vec![file],
        }],
        started_ms: 1_767_225_600_000,
        finished_ms: 1_767_225_601_500,
        cpu_ms: 900,
        max_rss_kib: 20_480,
    };
    let short = verdicts.map(|verdict| ended(EndFacts::without_build(verdict, at())));
    std::iter::once(ended(full)).chain(short).collect()
}

fn full_report() -> Report {
    let failure = TestFailure {
        test: "shop::adds_up".to_owned(),
        file: Some("src/shop.rs".to_owned()),
        line: Some(12),
        message: "3 is not 4".to_owned(),
    };
    let finding = Finding {
        rule: "unused".to_owned(),
        level: "warning".to_owned(),
        message: "`x` is unused".to_owned(),
        file: Some("src/shop.rs".to_owned()),
        line: Some(3),
        fingerprint: "f1".to_owned(),
        new: true,
    };
    Report {
        kind: Some(ReportKind::Junit),
        path: "out/unit.xml".to_owned(),
        tests: Some(TestCounts {
            passed: 2,
            failed: 1,
            skipped: 1,
            millis: 40,
        }),
        failures: vec![failure],
        findings: Some(FindingCounts {
            errors: 1,
            warnings: 2,
            notes: 3,
            new: 1,
        }),
        details: vec![finding],
        coverage: Some(Coverage {
            lines: 100,
            covered: 80,
        }),
        broken_gates: vec!["1 test failed, 0 are allowed".to_owned()],
        notes: vec!["50 of 60 are kept".to_owned()],
        unreadable: Some("it is not XML".to_owned()),
        source: Some(digest('9')),
    }
}

fn stages() -> Vec<Event> {
    let staging = || "staging".into();
    let previous = Deployed {
        run: "ba9876543210".into(),
        commit: commit(),
        release: digest('f'),
        at: at(),
    };
    vec![
        Event::ReleaseSealed {
            release: digest('e'),
        },
        Event::StageReached {
            environment: staging(),
        },
        Event::StageFrozen {
            environment: staging(),
            until: at(),
        },
        Event::LaneWanted {
            environment: staging(),
        },
        Event::LaneTaken {
            environment: staging(),
            fence: 3,
            previous: Some(previous),
        },
        Event::LaneTaken {
            environment: staging(),
            fence: 1,
            previous: None,
        },
        Event::StageStopped {
            environment: staging(),
            outcome: StageOutcome::Deployed,
        },
        Event::StageSettled {
            environment: staging(),
        },
        Event::LaneReturned {
            environment: staging(),
        },
    ]
}

/// One for every outcome of a stage.
fn outcomes() -> Vec<Event> {
    let why = || "exit status 1".to_owned();
    let all = [
        StageOutcome::Deployed,
        StageOutcome::Failed { why: why() },
        StageOutcome::RolledBack { why: why() },
        StageOutcome::Untouched { why: why() },
        StageOutcome::Rejected {
            by: PersonId(2),
            reason: "not today".to_owned(),
        },
        StageOutcome::Expired,
        StageOutcome::Cancelled,
    ];
    let ended = |outcome| Event::StageEnded {
        environment: "staging".into(),
        outcome,
    };
    all.map(ended).into()
}

fn approvals() -> Vec<Event> {
    let production = || "production".into();
    let decision = Decision {
        person: PersonId(2),
        approve: true,
        reason: "it adds up".to_owned(),
        release: digest('e'),
        at: at(),
        signature: "c2lnbmVk".to_owned(),
    };
    vec![
        Event::ApprovalOpened {
            environment: production(),
            release: digest('e'),
            approvers: vec![PersonId(2), PersonId(3)],
            excluded: vec![PersonId(1)],
            count: 1,
            expires_at: at(),
        },
        Event::ApprovalMailed {
            environment: production(),
            person: PersonId(2),
        },
        Event::ApprovalNotMailed {
            environment: production(),
            person: PersonId(3),
            why: "no address".to_owned(),
        },
        Event::DecisionMade {
            environment: production(),
            decision,
        },
        Event::ApprovalVoided {
            environment: production(),
            why: "the release has changed".to_owned(),
        },
        Event::DeployAuthorised {
            environment: production(),
            approvers: vec![PersonId(2)],
        },
    ]
}

/// One for every outcome of a run.
fn finishes() -> Vec<Event> {
    let outcomes = [
        Outcome::Succeeded,
        Outcome::Failed,
        Outcome::Cancelled,
        Outcome::Superseded,
        Outcome::Rejected,
        Outcome::Expired,
    ];
    let headline = || "staging and production run it".to_owned();
    let finished = outcomes.map(|outcome| Event::RunFinished {
        outcome,
        headline: headline(),
        at: at(),
    });
    let cancel = |by| Event::CancelRequested {
        by,
        reason: "wrong branch".to_owned(),
        at: at(),
    };
    let mut all = vec![
        cancel(Some(PersonId(1))),
        cancel(None),
        Event::RunSuperseded {
            by: "ba9876543210".into(),
        },
    ];
    all.extend(finished);
    all
}
