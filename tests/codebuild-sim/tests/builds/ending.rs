//! Purpose: the ways in which a build ends, and the claim.

use domain::ids::BuildId;
use engine::ports::{BuildStatus, Builds as _, Ending, Started};

use crate::world::{SUCCESS, World, output};

fn marked(world: &World) -> (String, std::path::PathBuf) {
    let marker = world.folder.path().join("ran");
    (format!("touch {}", marker.display()), marker)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shell_runs_all_commands_and_stops_at_the_first_that_fails() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut request = world.job(&["X=1; cd /", "echo $X $PWD", "exit 7", "echo never"]);
    request.artifacts = vec![domain::plan::ArtifactSpec {
        name: "a".to_owned(),
        paths: vec!["README".to_owned()],
    }];
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, Ending::Exited { code: 7 });
    assert_eq!(output(&log), ["1 /"]);
    assert!(end.artifacts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_whose_time_is_over_are_asked_to_end_and_then_ended() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut request =
        world.job(&["trap 'echo asked; exit 0' TERM; echo begun; while :; do sleep 0.1; done"]);
    request.step.timeout_seconds = 1;
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, Ending::TimedOut);
    // Some shells say themselves that what they waited for was terminated.
    let mut lines = output(&log);
    lines.retain(|line| *line != "Terminated");
    assert_eq!(lines, ["begun", "asked"]);
    // Interrupts are not ignored by what the commands start, as they would be in the background of a shell.
    let check = "trap 'echo interrupted' INT; kill -INT $$";
    let (end, log) = world.run(&world.job(&[check])).await;
    assert_eq!((end.ending, output(&log)), (SUCCESS, vec!["interrupted"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_commands_leave_running_is_ended() {
    let Some(world) = World::new().await else {
        return;
    };
    let pid = world.folder.path().join("pid");
    let left = format!("sleep 1000 & echo $! > {}", pid.display());
    let (end, _) = world.run(&world.job(&[&left])).await;
    assert_eq!(end.ending, SUCCESS);
    let pid = std::fs::read_to_string(pid).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    assert!(state.is_err() || state.unwrap().contains(") Z "), "{pid}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_is_stopped_ends_as_stopped() {
    let Some(world) = World::new().await else {
        return;
    };
    let build = world.start(&world.job(&["echo begun; sleep 1000"])).await;
    world.said(&build, "begun").await;
    assert!(!world.builds.is_settled(&build).await.unwrap());
    world.builds.stop(&build).await.unwrap();
    assert_eq!(world.ended(&build).await.ending, Ending::Stopped);
    assert!(world.builds.is_settled(&build).await.unwrap());
    // Again, and of a build that never was.
    world.builds.stop(&build).await.unwrap();
    for unknown in ["s-trusted:11111111-2222", "other:1", "no build"] {
        let unknown = BuildId::new(unknown);
        world.builds.stop(&unknown).await.unwrap();
        assert_eq!(
            world.builds.describe(&unknown).await.unwrap(),
            BuildStatus::Unknown
        );
        assert!(world.builds.is_settled(&unknown).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codebuilds_own_time_out_ends_a_build_too() {
    let minute = |settings: &mut codebuild_sim::Settings| {
        settings.minute = std::time::Duration::from_millis(150);
    };
    let Some(world) = World::with(&[], minute).await else {
        return;
    };
    let (end, _) = world.run(&world.job(&["sleep 1000"])).await;
    assert_eq!(end.ending, Ending::TimedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_claim_runs_no_code_of_the_repository() {
    let Some(world) = World::new().await else {
        return;
    };
    let (touch, marker) = marked(&world);
    let mut request = world.job(&[&touch]);
    // Nothing that the step says may reach what runs before the claim.
    request
        .step
        .env
        .insert("ENV".to_owned(), "/nowhere".to_owned());
    request
        .step
        .env
        .insert("LD_PRELOAD".to_owned(), "/nowhere.so".to_owned());
    let refusal = r#"{"granted":false,"why":"another build of this job has begun"}"#;
    world
        .claims
        .answers
        .lock()
        .unwrap()
        .push_back((409, refusal.to_owned()));
    let (end, log) = world.run(&request).await;
    let why = "another build of this job has begun".to_owned();
    assert_eq!(end.ending, Ending::Unclaimed { why });
    assert!(!marker.exists());
    assert!(output(&log).is_empty());
    // The same commands with a granted claim do leave the marker.
    request.step.env.clear();
    assert_eq!(world.run(&request).await.0.ending, SUCCESS);
    assert!(marker.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_and_anything_but_a_grant_is_a_no() {
    let Some(world) = World::new().await else {
        return;
    };
    let (touch, marker) = marked(&world);
    let answers = |all: &[(u16, &str)]| {
        let all = all
            .iter()
            .map(|(status, text)| (*status, (*text).to_owned()));
        world.claims.answers.lock().unwrap().extend(all);
    };
    answers(&[(503, "{}"), (500, "")]);
    assert_eq!(world.run(&world.job(&[&touch])).await.0.ending, SUCCESS);
    assert_eq!(world.claims.seen.lock().unwrap().len(), 3);
    std::fs::remove_file(&marker).unwrap();
    for (status, text) in [
        (200, "{}"),
        (200, ""),
        (403, "no"),
        (302, ""),
        (200, r#"{"granted":false}"#),
    ] {
        answers(&[(status, text)]);
        let mut request = world.job(&[&touch]);
        request
            .step
            .env
            .insert("N".to_owned(), format!("{status}{text}"));
        let ending = world.run(&request).await.0.ending;
        assert!(
            matches!(ending, Ending::Unclaimed { .. }),
            "{status} {text}: {ending:?}"
        );
    }
    assert!(!marker.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_builds_of_one_intent_one_works() {
    let Some(world) = World::new().await else {
        return;
    };
    let file = world.folder.path().join("runs");
    let mut request = world.job(&[&format!("echo ran >> {}", file.display())]);
    let first = world.start(&request).await;
    // The same request is the same build; a lost reply changes nothing.
    assert_eq!(world.start(&request).await, first);
    world.sim.switch(|switches| switches.lose_replies = 1);
    assert_eq!(world.start(&request).await, first);
    world.ended(&first).await;
    // After the token has lost its force there are two builds; the second claim is refused.
    request.facts.insert(
        "SLIPWAY_NOTE".to_owned(),
        "as if the token were forgotten".to_owned(),
    );
    let refusal = (409, r#"{"granted":false,"why":"it is claimed"}"#.to_owned());
    world.claims.answers.lock().unwrap().push_back(refusal);
    let second = world.start(&request).await;
    assert_ne!(first, second);
    assert!(matches!(
        world.ended(&second).await.ending,
        Ending::Unclaimed { .. }
    ));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "ran\n");
    assert_eq!(world.sim.builds(&world.account, "s-trusted"), 2);
    assert!(matches!(
        world.builds.start(&request).await.unwrap(),
        Started::Started(_)
    ));
}
