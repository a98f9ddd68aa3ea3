//! Purpose: deployments of runs on their way.

use domain::checks::{Deployment, DeploymentState};
use domain::run::Decision;

use super::*;

const BASE: &str = "https://ci.example.org";

fn staging() -> EnvironmentName {
    EnvironmentName::new("staging")
}

fn production() -> EnvironmentName {
    EnvironmentName::new("production")
}

/// A run whose jobs are good, before its first environment.
fn two_stages() -> Run {
    let stages = vec![
        stage("staging", None, false),
        stage("production", Some("staging"), true),
    ];
    opened(vec![], stages, None)
}

fn lane(environment: EnvironmentName) -> [Event; 2] {
    let wanted = Event::LaneWanted {
        environment: environment.clone(),
    };
    let taken = Event::LaneTaken {
        environment,
        fence: 3,
        previous: None,
    };
    [wanted, taken]
}

fn approval() -> Event {
    Event::ApprovalOpened {
        environment: production(),
        release: Digest::of(b"release"),
        approvers: vec![PersonId(2)],
        excluded: vec![],
        count: 1,
        expires_at: at(86_400),
    }
}

fn end(environment: EnvironmentName, outcome: StageOutcome) -> Event {
    Event::StageEnded {
        environment,
        outcome,
    }
}

fn lines(run: &Run) -> String {
    let line = |one: &Deployment| {
        let production = if one.production { " production" } else { "" };
        let (name, environment) = (&one.external_id, &one.environment);
        let (state, said) = (one.state, &one.description);
        format!("{environment} [{name}]{production} {state:?}: {said}\n")
    };
    view(run, BASE).deployments.iter().map(line).collect()
}

/// The state of the only deployment whose stage ended like this.
fn state_of(run: Run, environment: EnvironmentName, outcome: StageOutcome) -> DeploymentState {
    let ended = go(run, &[end(environment, outcome)]);
    let last = view(&ended, BASE).deployments.pop();
    last.unwrap().state
}

#[test]
fn an_environment_is_deployed_to_from_its_lane_or_approval_on() {
    let mut told = vec![lines(&two_stages())];
    let [wanted, taken] = lane(staging());
    let decision = Decision {
        person: PersonId(2),
        approve: true,
        reason: String::new(),
        release: Digest::of(b"release"),
        at: at(50),
        signature: String::new(),
    };
    let reached = Event::StageReached {
        environment: production(),
    };
    let decided = Event::DecisionMade {
        environment: production(),
        decision,
    };
    let [wanted_then, taken_then] = lane(production());
    let steps = [
        vec![Event::TurnTaken {}, wanted],
        vec![taken],
        started("deploy/staging", 5),
        vec![ended("deploy/staging", Verdict::Succeeded, None, vec![])],
        vec![end(staging(), StageOutcome::Deployed)],
        vec![reached],
        vec![approval()],
        vec![decided, wanted_then],
        vec![taken_then],
        vec![end(production(), StageOutcome::Deployed)],
    ];
    let mut run = two_stages();
    for step in steps {
        run = go(run, &step);
        told.push(lines(&run));
    }
    expect![[r#"
        --
        --
        staging [c0ffee012345/staging] InProgress: Deploying
        --
        staging [c0ffee012345/staging] InProgress: Deploying
        --
        staging [c0ffee012345/staging] InProgress: Deploying
        --
        staging [c0ffee012345/staging] Success: Deployed
        --
        staging [c0ffee012345/staging] Success: Deployed
        --
        staging [c0ffee012345/staging] Success: Deployed
        production [c0ffee012345/production] production Pending: Waits for approval until 2026-03-03 12:00:00 UTC: 0 of 1
        --
        staging [c0ffee012345/staging] Success: Deployed
        production [c0ffee012345/production] production Queued: Waits for its turn
        --
        staging [c0ffee012345/staging] Success: Deployed
        production [c0ffee012345/production] production InProgress: Deploying
        --
        staging [c0ffee012345/staging] Success: Deployed
        production [c0ffee012345/production] production Success: Deployed
    "#]].assert_eq(&told.join("--\n"));
    let shown = view(&run, BASE).deployments.pop().unwrap();
    assert_eq!(shown.log_url, format!("{BASE}/runs/7/c0ffee012345"));
    assert_eq!(shown.environment_url, None);
    let seen = run.opening.as_mut().unwrap();
    let url = "https://shop.example.org".to_owned();
    seen.plan.stages[1].url = Some(url.clone());
    let shown = view(&run, BASE).deployments.pop().unwrap();
    assert_eq!(shown.environment_url, Some(url));
}

#[test]
fn what_was_not_deployed_says_whether_the_target_was_touched() {
    let waits = || go(two_stages(), &[approval()]);
    let works = || go(two_stages(), &lane(staging()));
    let why = || "exit status 1".to_owned();
    let (by, reason) = (PersonId(2), "not on a Friday".to_owned());
    let states = [
        state_of(waits(), production(), StageOutcome::Rejected { by, reason }),
        state_of(waits(), production(), StageOutcome::Expired),
        state_of(works(), staging(), StageOutcome::Cancelled),
        state_of(works(), staging(), StageOutcome::Untouched { why: why() }),
        state_of(works(), staging(), StageOutcome::Failed { why: why() }),
        state_of(works(), staging(), StageOutcome::RolledBack { why: why() }),
    ];
    use DeploymentState::{Error, Failure, Inactive};
    assert_eq!(
        states,
        [Inactive, Inactive, Inactive, Error, Failure, Failure]
    );
    // What was never begun with is no deployment.
    let skipped = StageOutcome::Untouched { why: why() };
    let skipped = go(two_stages(), &[end(staging(), skipped)]);
    assert_eq!(view(&skipped, BASE).deployments, []);
}

#[test]
fn a_run_without_environments_is_shown_as_before_there_were_deployments() {
    let shown = view(&two_jobs(), BASE);
    assert_eq!(shown.deployments, []);
    let text = serde_json::to_string(&shown).unwrap();
    assert!(!text.contains("deployments"), "{text}");
}

#[test]
fn names_and_reasons_of_strangers_stay_one_line_of_text() {
    let hostile = "pro\u{202e}d\u{1b}[31m\n<b>@team";
    let run = opened(vec![], vec![stage(hostile, None, false)], None);
    let name = || EnvironmentName::new(hostile);
    let why = format!("{hostile} {}", "long ".repeat(100));
    let run = go(run, &lane(name()));
    let run = go(run, &[end(name(), StageOutcome::Failed { why })]);
    let shown = view(&run, BASE).deployments.pop().unwrap();
    for text in [&shown.environment, &shown.description] {
        assert!(!text.contains(['\n', '\u{202e}', '\u{1b}']), "{text:?}");
    }
    assert_eq!(shown.environment, "prod <b>@team");
    assert_eq!(shown.description.chars().count(), 140);
}
