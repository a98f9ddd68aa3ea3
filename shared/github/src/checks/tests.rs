//! Purpose: views of runs on their way, and text of strangers that stays text.

mod comment;
mod deployments;
mod proposal;
mod waits;
mod words;

use std::fmt::Write as _;

use domain::checks::{Check, View};
use domain::ids::{CommitSha, Digest, EnvironmentName, PersonId, RepositoryId, RunId};
use domain::kernel::Machine;
use domain::plan::{
    ApprovalPolicy, Concurrency, OnNew, Parties, Plan, PlannedJob, PlannedStage, Step, Trigger,
};
use domain::report::{Report, TestCounts, TestFailure};
use domain::run::{Attempt, EndFacts, Event, Opening, Outcome, Run, StageOutcome, TaskId, Verdict};
use expect_test::{Expect, expect};
use jiff::Timestamp;

use super::text;
use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_452_800 + second).unwrap()
}

fn step() -> Step {
    Step {
        run: vec!["true".to_owned()],
        env: Default::default(),
        timeout_seconds: 600,
        image: None,
    }
}

fn job(id: &str, needs: &[&str]) -> PlannedJob {
    PlannedJob {
        id: id.into(),
        name: id.to_owned(),
        needs: needs.iter().map(|need| (*need).into()).collect(),
        skip: None,
        step: step(),
        retries: 0,
        reports: Vec::new(),
        artifacts: Vec::new(),
        cache: Vec::new(),
    }
}

fn stage(name: &str, after: Option<&str>, approval: bool) -> PlannedStage {
    PlannedStage {
        environment: name.into(),
        after: after.map(Into::into),
        deploy: step(),
        verify: None,
        rollback: None,
        approval: approval.then(|| ApprovalPolicy {
            people: vec!["bob".to_owned()],
            teams: Vec::new(),
            count: 1,
            exclude: Vec::new(),
            expires_seconds: 86_400,
        }),
        freeze: Vec::new(),
        url: None,
    }
}

fn opened(jobs: Vec<PlannedJob>, stages: Vec<PlannedStage>, problem: Option<&str>) -> Run {
    let opening = Opening {
        repository: RepositoryId(7),
        run: RunId::new("c0ffee012345"),
        delivery: "d1".to_owned(),
        trigger: Trigger::Push {
            branch: "main".to_owned(),
        },
        reference: "refs/heads/main".to_owned(),
        commit: CommitSha::new("c0ffee".repeat(6) + "c0ff"),
        parties: Parties::default(),
        plan: Plan {
            pipeline: Digest::of(b"pipeline"),
            jobs,
            stages,
            concurrency: Concurrency {
                group: "main".to_owned(),
                on_new: OnNew::Cancel,
            },
            environments: None,
        },
        repeats: None,
        problem: problem.map(ToOwned::to_owned),
        has_checks: true,
        awaits_trust: false,
        proposal: None,
    };
    let opening = Box::new(opening);
    Run::default().evolve(&Event::RunOpened { opening, at: at(0) })
}

fn go(run: Run, events: &[Event]) -> Run {
    events.iter().fold(run, Run::evolve)
}

fn attempt(task: &str) -> Attempt {
    Attempt {
        task: TaskId::try_from(task.to_owned()).unwrap(),
        number: 1,
    }
}

fn started(task: &str, second: i64) -> Vec<Event> {
    let (attempt, at) = (attempt(task), at(second));
    vec![
        Event::BuildRequested {
            attempt: attempt.clone(),
            at,
        },
        Event::BuildStarted {
            attempt,
            build: "b".into(),
            at,
        },
    ]
}

fn ended(task: &str, verdict: Verdict, headline: Option<&str>, reports: Vec<Report>) -> Event {
    let mut end = EndFacts::without_build(verdict, at(75));
    end.started_ms = at(5).as_millisecond();
    end.headline = headline.map(ToOwned::to_owned);
    end.reports = reports;
    Event::AttemptEnded {
        attempt: attempt(task),
        end: Box::new(end),
    }
}

fn finished(outcome: Outcome, headline: &str) -> Event {
    Event::RunFinished {
        outcome,
        headline: headline.to_owned(),
        at: at(80),
    }
}

fn told(view: &View) -> String {
    let mut text = String::new();
    for check in &view.checks {
        let Check {
            name,
            external_id,
            status,
            title,
            ..
        } = check;
        writeln!(text, "{name} [{external_id}] {status:?}: {title}").unwrap();
        for note in &check.annotations {
            let (path, line, level) = (&note.path, note.line, note.level);
            writeln!(
                text,
                "  {path}:{line} {level:?} {}: {}",
                note.title, note.message
            )
            .unwrap();
        }
    }
    text
}

/// Of a run of whose places in lines nothing is known.
fn view(run: &Run, base_url: &str) -> View {
    super::view(run, base_url, &Waits::default())
}

fn check(run: &Run, expected: &Expect) {
    expected.assert_eq(&told(&view(run, "https://ci.example.org")));
}

fn two_jobs() -> Run {
    opened(vec![job("lint", &[]), job("unit", &["lint"])], vec![], None)
}

#[test]
fn a_run_that_has_just_begun_waits() {
    check(
        &two_jobs(),
        &expect![[r#"
        slipway [c0ffee012345] Queued: Queued
        slipway / lint [c0ffee012345/job/lint] Queued: Waits for the run's turn
        slipway / unit [c0ffee012345/job/unit] Queued: Waits for lint
    "#]],
    );
}

#[test]
fn a_failing_test_is_the_title_and_an_annotation() {
    let mut report = Report::empty(None, "junit.xml");
    report.tests = Some(TestCounts {
        passed: 2,
        failed: 1,
        skipped: 0,
        millis: 9,
    });
    let failure = |file: Option<&str>| TestFailure {
        test: "TestTotal".to_owned(),
        file: file.map(ToOwned::to_owned),
        line: Some(12),
        message: "got 3\nwant 4".to_owned(),
    };
    let files = [Some("cart_test.go"), Some("../../etc/passwd"), None];
    report.failures = files.map(failure).to_vec();
    let headline = "cart_test.go:12 TestTotal: got 3";
    let why = "exit status 1".to_owned();
    let run = go(two_jobs(), &started("job/lint", 0));
    let run = go(run, &[ended("job/lint", Verdict::Succeeded, None, vec![])]);
    let run = go(run, &started("job/unit", 5));
    let failed = ended(
        "job/unit",
        Verdict::Failed { why },
        Some(headline),
        vec![report],
    );
    let over = finished(Outcome::Failed, &format!("unit failed: {headline}"));
    let run = go(run, &[failed, over]);
    check(
        &run,
        &expect![[r#"
        slipway [c0ffee012345] Completed(Failure): cart_test.go:12 TestTotal: got 3 (unit)
        slipway / lint [c0ffee012345/job/lint] Completed(Success): Passed in 1 min 10 s
        slipway / unit [c0ffee012345/job/unit] Completed(Failure): cart_test.go:12 TestTotal: got 3
          cart_test.go:12 Failure TestTotal: got 3 want 4
    "#]],
    );
    let shown = view(&run, "https://ci.example.org");
    expect![[r#"
        unit failed: cart\_test.go:12 TestTotal: got 3

        | Job | State | Took | Tests |
        | --- | --- | --- | --- |
        | lint | Succeeded | 1 min 10 s |  |
        | unit | Failed | 1 min 10 s | 1 of 3 tests failed |

        [The whole run](https://ci.example.org/runs/7/c0ffee012345)"#]]
    .assert_eq(&shown.checks[0].summary);
    expect![[r#"
        cart\_test.go:12 TestTotal: got 3
        - cart\_test.go:12 TestTotal failed: got 3 want 4
        - \../../etc/passwd:12 TestTotal failed: got 3 want 4
        - TestTotal failed: got 3 want 4

        [The whole run](https://ci.example.org/runs/7/c0ffee012345)"#]]
    .assert_eq(&shown.checks[2].summary);
}

#[test]
fn an_approval_asks_for_an_action_and_a_deploy_is_a_check() {
    let stages = vec![
        stage("staging", None, false),
        stage("production", Some("staging"), true),
    ];
    let staging = || EnvironmentName::new("staging");
    let production = || EnvironmentName::new("production");
    let run = opened(vec![], stages, None);
    check(
        &run,
        &expect![[r#"
        slipway [c0ffee012345] Queued: Queued
        slipway / → staging [c0ffee012345/deploy/staging] Queued: Waits for the jobs
        slipway / → production [c0ffee012345/deploy/production] Queued: Waits for staging
    "#]],
    );
    let run = go(
        run,
        &[
            Event::TurnTaken {},
            Event::StageEnded {
                environment: staging(),
                outcome: StageOutcome::Deployed,
            },
            Event::StageReached {
                environment: production(),
            },
            Event::ApprovalOpened {
                environment: production(),
                release: Digest::of(b"release"),
                approvers: vec![PersonId(2)],
                excluded: vec![],
                count: 1,
                expires_at: at(86_400),
            },
        ],
    );
    check(
        &run,
        &expect![[r#"
        slipway [c0ffee012345] InProgress: Awaiting approval
        slipway / → staging [c0ffee012345/deploy/staging] Completed(Success): Deployed
        slipway / → production [c0ffee012345/deploy/production] Completed(ActionRequired): Waits for approval until 2026-03-03 12:00:00 UTC: 0 of 1
    "#]],
    );
    let rejected = StageOutcome::Rejected {
        by: PersonId(2),
        reason: "not on a Friday".to_owned(),
    };
    let run = go(
        run,
        &[
            Event::StageEnded {
                environment: production(),
                outcome: rejected,
            },
            finished(Outcome::Rejected, "production rejected: not on a Friday"),
        ],
    );
    check(
        &run,
        &expect![[r#"
        slipway [c0ffee012345] Completed(Failure): production rejected: not on a Friday
        slipway / → staging [c0ffee012345/deploy/staging] Completed(Success): Deployed
        slipway / → production [c0ffee012345/deploy/production] Completed(Failure): Rejected: not on a Friday
    "#]],
    );
    expect![[r#"
        production rejected: not on a Friday

        | Environment | State | Runs | Ran before |
        | --- | --- | --- | --- |
        | staging | Deployed | c0ffeec |  |
        | production | Rejected: not on a Friday |  |  |

        [The whole run](https://ci.example.org/runs/7/c0ffee012345)"#]]
    .assert_eq(&view(&run, "https://ci.example.org").checks[0].summary);
}

#[test]
fn a_mistake_in_the_file_is_the_title() {
    let problem = "`.slipway.yaml` has a mistake: line 3: `steps` is not a word here";
    let run = go(
        opened(vec![], vec![], Some(problem)),
        &[finished(Outcome::Failed, problem)],
    );
    check(
        &run,
        &expect![[r#"
        slipway [c0ffee012345] Completed(Failure): `.slipway.yaml` has a mistake: line 3: `steps` is not a word here
    "#]],
    );
}

#[test]
fn a_view_is_the_same_until_something_has_happened() {
    let run = two_jobs();
    let digest = |run: &Run| view(run, "https://ci.example.org").digest().unwrap();
    let queued = Event::AttemptQueued {
        attempt: attempt("job/lint"),
        at: at(1),
    };
    assert_ne!(digest(&run), digest(&go(run.clone(), &[queued])));
    let taken = go(run.clone(), &[Event::TurnTaken {}]);
    assert_eq!(digest(&run), digest(&taken));
}

#[test]
fn text_of_strangers_stays_text() {
    let cases = [
        "[x](https://evil.example) <img src=x>",
        "@acme/team #1 `code` | cell",
        "a\u{202e}b\u{1b}[31m\nc",
    ];
    let shown: Vec<String> = cases.iter().map(|case| text::markdown(case, 200)).collect();
    expect![[r#"
        \[x\](https:(parted)//evil.example) \<img src=x\>
        \@(parted)acme/team #(parted)1 \`code\` \| cell
        ab c"#]]
    .assert_eq(&shown.join("\n").replace('\u{200b}', "(parted)"));
}

#[test]
fn a_text_that_is_too_long_is_cut_after_a_line() {
    let long = text::bounded("é line\n".repeat(20_000));
    assert!(long.len() <= text::MAX_TEXT);
    assert!(long.ends_with("line\n\nThere is more on the page of the run."));
    assert_eq!(text::line("four", 3), "fo…");
    let lineless = text::bounded("x".repeat(70_000));
    assert!(lineless.len() <= text::MAX_TEXT);
}
