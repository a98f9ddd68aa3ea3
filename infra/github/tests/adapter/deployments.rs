//! Deployments: what they cost, what a lost answer leaves, what is refused.

use std::collections::BTreeMap;

use domain::checks::{Deployment, DeploymentState};
use domain::ids::CommitSha;
use engine::ports::{
    Checks as _, DeploymentUpdate, DeploymentsAnswer, DeploymentsUpdate, NotShown,
};
use fake_github::{Route, Trouble};
use serde_json::{Value, json};

use super::{SHOP, Scene, scene};

type Ids = BTreeMap<String, String>;

fn deployment(run: &str, environment: &str, state: DeploymentState) -> Deployment {
    Deployment {
        external_id: format!("{run}/{environment}"),
        environment: environment.to_owned(),
        production: environment == "production",
        state,
        description: format!("{environment} \"}}) {{ }}"),
        log_url: format!("https://ci.example.org/runs/42/{run}"),
        environment_url: (environment == "staging")
            .then(|| "https://staging.example.org".to_owned()),
    }
}

fn staging(state: DeploymentState) -> Deployment {
    deployment("c0ffee012345", "staging", state)
}

fn production(state: DeploymentState) -> Deployment {
    deployment("c0ffee012345", "production", state)
}

async fn show(
    scene: &Scene,
    commit: &CommitSha,
    deployments: &[Deployment],
    known: &Ids,
    look_first: bool,
) -> DeploymentsAnswer {
    let deployments = deployments.iter().map(|deployment| DeploymentUpdate {
        deployment,
        id: known.get(&deployment.external_id).map(String::as_str),
    });
    let update = DeploymentsUpdate {
        repository: SHOP,
        commit,
        deployments: deployments.collect(),
        look_first,
    };
    scene.github.show_deployments(&update).await
}

/// The same where nothing fails.
async fn shown(
    scene: &Scene,
    commit: &CommitSha,
    deployments: &[Deployment],
    known: &Ids,
    look_first: bool,
) -> Ids {
    let answer = show(scene, commit, deployments, known, look_first).await;
    assert_eq!(answer.failed, None);
    answer.shown
}

/// The states of each deployment of a commit, oldest first.
fn states(scene: &Scene, commit: &CommitSha) -> Vec<(String, Vec<String>)> {
    let all = scene.fake.deployments(commit.as_str());
    let states = |statuses: &[Value]| {
        let states = statuses.iter().map(|status| status["state"].as_str());
        states.map(|state| state.unwrap().to_owned()).collect()
    };
    all.iter()
        .map(|one| (one.environment.clone(), states(&one.statuses)))
        .collect()
}

fn is(environment: &str, states: &[&str]) -> (String, Vec<String>) {
    let states = states.iter().map(|state| (*state).to_owned());
    (environment.to_owned(), states.collect())
}

#[tokio::test]
async fn a_new_deployment_costs_two_calls_and_each_change_one() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let first = [staging(DeploymentState::InProgress)];
    let mut known = shown(&scene, &commit, &first, &Ids::new(), false).await;
    // Two for the token.
    assert_eq!(scene.fake.all_calls(), 4);
    let both = [
        staging(DeploymentState::Success),
        production(DeploymentState::Pending),
    ];
    known.extend(shown(&scene, &commit, &both, &known, false).await);
    assert_eq!(scene.fake.all_calls(), 7);
    let last = [production(DeploymentState::Success)];
    shown(&scene, &commit, &last, &known, false).await;
    assert_eq!(scene.fake.all_calls(), 8);
    let made = [
        is("staging", &["in_progress", "success"]),
        is("production", &["pending", "success"]),
    ];
    assert_eq!(states(&scene, &commit), made);
    let status = scene.fake.deployments(commit.as_str())[0].statuses[1].clone();
    let wanted = json!({
        "state": "success",
        "description": "staging \"}) { }",
        "log_url": "https://ci.example.org/runs/42/c0ffee012345",
        "environment_url": "https://staging.example.org",
    });
    assert_eq!(status, wanted);
}

#[tokio::test]
async fn what_is_deployed_is_the_commit_of_the_run_whatever_its_checks_say() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    // The default branch has gone on, and the run's own check is not green.
    let behind = scene.on(&commit, &[("a", Some("b"))]);
    scene.commit("second", &[("a", Some("c"))]);
    let check = super::checks::unfinished();
    super::checks::show_one(&scene, &behind, &check).await;
    let deployments = [
        staging(DeploymentState::InProgress),
        production(DeploymentState::Pending),
    ];
    shown(&scene, &behind, &deployments, &Ids::new(), false).await;
    let made = scene.fake.deployments(behind.as_str());
    let asked = |index: usize, name: &str| made[index].asked[name].clone();
    assert_eq!(asked(0, "ref"), json!(behind));
    assert_eq!(asked(0, "auto_merge"), json!(false));
    assert_eq!(asked(0, "required_contexts"), json!([]));
    assert_eq!(
        asked(0, "payload"),
        json!({ "slipway": "c0ffee012345/staging" })
    );
    assert_eq!((made[0].production, made[1].production), (false, true));
}

#[tokio::test]
async fn sec_17_the_token_may_deploy_in_this_repository_and_nothing_else() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let first = [staging(DeploymentState::InProgress)];
    shown(&scene, &commit, &first, &Ids::new(), false).await;
    let permissions = vec!["deployments:write".to_owned(), "metadata:read".to_owned()];
    assert_eq!(scene.fake.granted(), [([SHOP.0].into(), permissions)]);
}

#[tokio::test]
async fn after_a_lost_answer_nothing_is_deployed_twice() {
    let unknown = |answer: &DeploymentsAnswer| {
        assert!(
            matches!(answer.failed, Some(NotShown::Unknown(_))),
            "{answer:?}"
        );
    };
    let first = [
        staging(DeploymentState::InProgress),
        production(DeploymentState::Pending),
    ];
    let none = Ids::new();
    let whole = [
        is("staging", &["in_progress"]),
        is("production", &["pending"]),
    ];
    for lost in [Route::CreateDeployment, Route::CreateDeploymentStatus] {
        let scene = scene().await;
        let commit = scene.commit("first", &[("a", Some("a"))]);
        scene.fake.trouble(lost, [Trouble::LostReply]);
        let answer = show(&scene, &commit, &first, &none, false).await;
        unknown(&answer);
        assert_eq!(answer.shown, none);
        let known = shown(&scene, &commit, &first, &none, true).await;
        assert_eq!(states(&scene, &commit), whole, "{lost:?}");
        // The answer to a change of one that is known.
        let next = [staging(DeploymentState::Success)];
        scene
            .fake
            .trouble(Route::CreateDeploymentStatus, [Trouble::LostReply]);
        unknown(&show(&scene, &commit, &next, &known, false).await);
        let lists = scene.fake.calls(Route::Deployments);
        shown(&scene, &commit, &next, &known, true).await;
        assert_eq!(
            states(&scene, &commit)[0],
            is("staging", &["in_progress", "success"])
        );
        // Its name is known, so nothing has to be found.
        assert_eq!(scene.fake.calls(Route::Deployments), lists);
        // Without looking there would be two, so this test can fail.
        shown(&scene, &commit, &first, &none, false).await;
        assert_eq!(states(&scene, &commit).len(), 4);
    }
}

#[tokio::test]
async fn only_the_deployment_of_this_run_and_environment_is_gone_on_with() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let state = DeploymentState::InProgress;
    let others = [
        deployment("0123456789ab", "staging", state),
        production(state),
    ];
    shown(&scene, &commit, &others, &Ids::new(), false).await;
    shown(&scene, &commit, &[staging(state)], &Ids::new(), true).await;
    assert_eq!(states(&scene, &commit).len(), 3);
}

#[tokio::test]
async fn more_deployments_than_a_page_has_are_looked_through() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let state = DeploymentState::InProgress;
    let runs = (0..101).map(|number| deployment(&format!("run{number}"), "staging", state));
    let many: Vec<Deployment> = runs.collect();
    let mut made = Ids::new();
    for some in many.chunks(20) {
        made.extend(shown(&scene, &commit, some, &Ids::new(), false).await);
    }
    let found = shown(&scene, &commit, &many[..1], &Ids::new(), true).await;
    assert_eq!(found["run0/staging"], made["run0/staging"]);
    assert_eq!(scene.fake.calls(Route::Deployments), 2);
}

#[tokio::test]
async fn a_success_makes_the_one_before_inactive_and_is_not_repeated_for_it() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let one = [staging(DeploymentState::Success)];
    let known = shown(&scene, &commit, &one, &Ids::new(), false).await;
    let two = [deployment(
        "0123456789ab",
        "staging",
        DeploymentState::Success,
    )];
    shown(&scene, &commit, &two, &Ids::new(), false).await;
    let made = [
        is("staging", &["success", "inactive"]),
        is("staging", &["success"]),
    ];
    assert_eq!(states(&scene, &commit), made);
    // Whoever is not sure does not call the former one a success again.
    shown(&scene, &commit, &one, &known, true).await;
    assert_eq!(states(&scene, &commit), made);
}

#[tokio::test]
async fn an_app_without_the_permission_is_refused_and_shows_check_runs() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let first = [staging(DeploymentState::InProgress)];
    let refused = |answer: DeploymentsAnswer| match answer.failed {
        Some(NotShown::Refused(why)) => why,
        other => panic!("{other:?}"),
    };
    scene
        .fake
        .trouble(Route::CreateDeployment, [Trouble::Status(403)]);
    let why = refused(show(&scene, &commit, &first, &Ids::new(), false).await);
    assert!(why.contains("`deployments: write`"), "{why}");
    // It was taken away while a token was in use.
    scene.fake.withdraw("deployments");
    let why = refused(show(&scene, &commit, &first, &Ids::new(), false).await);
    assert!(
        why.contains("Resource not accessible by integration"),
        "{why}"
    );
    // No token has it.
    let mut scene = scene;
    scene.forget().await;
    let calls = scene.fake.all_calls();
    let why = refused(show(&scene, &commit, &first, &Ids::new(), false).await);
    assert!(why.contains("`deployments: write`"), "{why}");
    assert_eq!(scene.fake.all_calls() - calls, 2);
    let check = super::checks::unfinished();
    super::checks::show_one(&scene, &commit, &check).await;
    assert_eq!(states(&scene, &commit), []);
}

#[tokio::test]
async fn what_fails_stops_the_rest_and_what_was_shown_is_said() {
    let scene = scene().await;
    let commit = scene.commit("first", &[("a", Some("a"))]);
    let both = [
        staging(DeploymentState::InProgress),
        production(DeploymentState::Pending),
    ];
    let limit = Trouble::SecondaryLimit(Some(300));
    let fine = [staging(DeploymentState::Queued)];
    let known = shown(&scene, &commit, &fine, &Ids::new(), false).await;
    scene.fake.trouble(Route::CreateDeployment, [limit]);
    let answer = show(&scene, &commit, &both, &known, false).await;
    let Some(NotShown::Limited { until, .. }) = answer.failed else {
        panic!("{answer:?}");
    };
    let left = until.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((290..=300).contains(&left), "{left}");
    assert_eq!(answer.shown, known);
    // It is not asked again before.
    let calls = scene.fake.all_calls();
    show(&scene, &commit, &both, &known, false).await;
    assert_eq!(scene.fake.all_calls(), calls);
    scene.advance(301);
    for trouble in [Trouble::Status(502), Trouble::Body("{".to_owned())] {
        scene.fake.trouble(Route::CreateDeployment, [trouble]);
        let answer = show(&scene, &commit, &both, &known, false).await;
        assert!(
            matches!(answer.failed, Some(NotShown::Unknown(_))),
            "{answer:?}"
        );
    }
    // A person has deleted one.
    let gone = [(both[0].external_id.clone(), "77".to_owned())].into();
    let answer = show(&scene, &commit, &both, &gone, false).await;
    assert!(
        matches!(answer.failed, Some(NotShown::Refused(_))),
        "{answer:?}"
    );
}
