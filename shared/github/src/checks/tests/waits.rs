//! Purpose: places in lines, who may decide, and where what was deployed can be seen.

use domain::run::StageOutcome::Deployed;

use super::*;

fn shown(run: &Run, waits: &Waits) -> View {
    super::super::view(run, "https://ci.example.org", waits)
}

fn title(run: &Run, waits: &Waits, index: usize) -> String {
    shown(run, waits).checks[index].title.clone()
}

#[test]
fn a_run_tells_which_run_goes_before_it() {
    let waits = Waits {
        behind: Some(RunId::new("badcafe01234")),
        ..Waits::default()
    };
    let expected = "Waits for the run's turn, behind run badcafe01234";
    assert_eq!(title(&two_jobs(), &waits, 1), expected);
}

#[test]
fn a_job_tells_its_place_in_line_and_why_it_is_put_off() {
    let queued = Event::AttemptQueued {
        attempt: attempt("job/lint"),
        at: at(1),
    };
    let run = go(two_jobs(), &[queued]);
    let waits = Waits {
        jobs: [("lint".into(), 3)].into(),
        ..Waits::default()
    };
    assert_eq!(title(&run, &Waits::default(), 1), "Waits for a place");
    assert_eq!(title(&run, &waits, 1), "Waits for a place, 3rd in line");
    let table = &shown(&run, &waits).checks[0].summary;
    let row = "| lint | Waits for a place, 3rd in line |";
    assert!(table.contains(row), "{table}");
    let requested = Event::BuildRequested {
        attempt: attempt("job/lint"),
        at: at(2),
    };
    let deferred = Event::BuildDeferred {
        attempt: attempt("job/lint"),
        why: "too many builds run in this account".to_owned(),
        until: at(60),
        frozen: false,
    };
    let run = go(run, &[requested, deferred]);
    let expected = "Starts later: too many builds run in this account";
    assert_eq!(title(&run, &Waits::default(), 1), expected);
}

fn staged() -> Run {
    let mut staging = stage("staging", None, false);
    staging.url = Some("https://staging.example.org/a?b=1&c=(2)|`x`".to_owned());
    let production = stage("production", Some("staging"), true);
    opened(vec![], vec![staging, production], None)
}

#[test]
fn an_environment_tells_its_place_in_line_and_its_deployment_does_not() {
    let environment = || EnvironmentName::new("staging");
    let wanted = Event::LaneWanted {
        environment: environment(),
    };
    let run = go(staged(), &[wanted]);
    let line = |position, holder: Option<&str>| Waits {
        lanes: [(
            environment(),
            Line {
                position,
                holder: holder.map(RunId::new),
            },
        )]
        .into(),
        ..Waits::default()
    };
    let told = [
        Waits::default(),
        line(None, None),
        line(Some(2), Some("badcafe01234")),
    ]
    .map(|waits| title(&run, &waits, 1));
    expect![[r#"
        Waits for its turn
        Waits for its turn
        Waits for its turn, 2nd in line; run badcafe01234 deploys now"#]]
    .assert_eq(&told.join("\n"));
    let frozen = Waits {
        frozen: true,
        ..line(None, None)
    };
    let expected = "Deploys are frozen; /unfreeze lets them begin again";
    assert_eq!(title(&run, &frozen, 1), expected);
    let waits = line(Some(2), None);
    let without = shown(&run, &Waits::default()).deployments;
    assert_eq!(shown(&run, &waits).deployments, without);
}

#[test]
fn an_approval_tells_who_may_decide() {
    let environment = || EnvironmentName::new("production");
    let opened = Event::ApprovalOpened {
        environment: environment(),
        release: Digest::of(b"release"),
        approvers: vec![PersonId(2)],
        excluded: vec![],
        count: 1,
        expires_at: at(86_400),
    };
    let reached = Event::StageReached {
        environment: environment(),
    };
    let run = go(staged(), &[reached, opened]);
    let who = |logins: Vec<String>| {
        let waits = Waits {
            approvers: [(environment(), logins)].into(),
            ..Waits::default()
        };
        let summary = shown(&run, &waits).checks.pop().unwrap().summary;
        summary.split("\n\n").nth(1).unwrap().to_owned()
    };
    let some = vec!["bob".to_owned(), "a*b".to_owned()];
    assert_eq!(who(some), "Who may decide: bob, a\\*b");
    assert_eq!(who(vec![]), "Nobody who may decide is left.");
    let many = (0..25).map(|n| format!("u{n}")).collect();
    assert!(who(many).ends_with(", u19, 5 more"));
}

#[test]
fn an_environment_links_to_what_was_deployed_and_names_both_commits() {
    let environment = || EnvironmentName::new("staging");
    let previous = domain::lane::Deployed {
        run: RunId::new("badcafe01234"),
        commit: CommitSha::new("b".repeat(40)),
        release: Digest::of(b"older"),
        at: at(0),
    };
    let taken = Event::LaneTaken {
        environment: environment(),
        fence: 1,
        previous: Some(previous),
    };
    let ended = Event::StageEnded {
        environment: environment(),
        outcome: Deployed,
    };
    let row = |run: &Run| {
        let summary = shown(run, &Waits::default()).checks[0].summary.clone();
        let row = summary.lines().nth(2).unwrap();
        row.to_owned()
    };
    let run = go(staged(), &[taken]);
    let before = row(&run);
    assert!(!before.contains("https"), "{before}");
    expect![[r#"| [staging](https://staging.example.org/a?b=1&amp;c=%282%29%7C%60x%60) | Deployed | c0ffeec | bbbbbbb |"#]]
        .assert_eq(&row(&go(run, &[ended])));
}
