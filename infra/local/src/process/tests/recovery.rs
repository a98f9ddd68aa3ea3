//! Purpose: the host died: leftovers are ended, builds are recorded as lost, strangers are left alone.

use super::processes::ProcessRef;
use super::processes::tests::Sleeper;
use super::*;

/// A process that has ended, as the host of a build.
fn dead() -> ProcessRef {
    Sleeper::new("host", 0).kill()
}

/// The folder of a build as a host leaves it that is killed.
fn left(
    world: &World,
    name: &str,
    mark: &str,
    host: ProcessRef,
    leader: Option<ProcessRef>,
) -> BuildId {
    let build = BuildId::from(name);
    let folder = world.folder(&build);
    std::fs::create_dir_all(folder.join("work/checkout")).unwrap();
    let request = world.job(&["true"]);
    let accepted =
        serde_json::json!({"request": request, "host": host, "mark": mark, "accepted_ms": 5});
    std::fs::write(folder.join("request.json"), accepted.to_string()).unwrap();
    std::fs::write(
        folder.join("log.jsonl"),
        "{\"number\":1,\"at_ms\":5,\"stream\":\"stdout\",\"text\":\"one\"}\n{\"num",
    )
    .unwrap();
    if let Some(leader) = leader {
        std::fs::write(
            folder.join("process.json"),
            serde_json::to_string(&leader).unwrap(),
        )
        .unwrap();
    }
    build
}

#[tokio::test]
async fn a_build_of_a_dead_host_is_ended_and_recorded_as_lost() {
    let world = World::new();
    let (mut shell, mut escaped) = (Sleeper::new("none", 0), Sleeper::new("mark-a", 0));
    let build = left(&world, "a.1", "mark-a", dead(), Some(shell.process()));
    assert_eq!(
        world.builder.describe(&build).await.unwrap(),
        BuildStatus::Running
    );
    assert!(!world.builder.is_settled(&build).await.unwrap());

    let recovered = world.builder.recover().await.unwrap();
    assert!(!shell.is_alive() && !escaped.is_alive());
    assert_eq!(recovered.len(), 1);
    assert_eq!(
        (&recovered[0].build, recovered[0].intent.as_str()),
        (&build, "1/3f2a9c0d1e4b/unit (go=1.24)~1")
    );
    let end = world.ended(&build).await;
    let why = "Slipway ended while it ran".to_owned();
    assert_eq!(end.ending, Ending::Lost { why });
    assert_eq!(end.started_ms, 5);
    assert!(world.builder.is_settled(&build).await.unwrap());
    assert!(!world.folder(&build).join("work").exists());
    let texts: Vec<String> = world
        .log(&build)
        .await
        .into_iter()
        .map(|line| line.text)
        .collect();
    assert_eq!(texts, ["one", "Lost: Slipway ended while it ran."]);
    assert_eq!(world.rung.load(Ordering::SeqCst), 1);
    // Once is enough.
    assert_eq!(world.builder.recover().await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_number_that_is_used_by_a_stranger_now_is_never_killed() {
    let world = World::new();
    let mut stranger = Sleeper::new("theirs", 0);
    let now = stranger.process();
    let before = ProcessRef {
        start: now.start - 1,
        ..now
    };
    let build = left(&world, "a.1", "mark-b", dead(), Some(before));
    assert_eq!(world.builder.recover().await.unwrap().len(), 1);
    assert!(matches!(
        world.ended(&build).await.ending,
        Ending::Lost { .. }
    ));
    assert!(stranger.is_alive(), "the stranger was killed");
}

#[tokio::test]
async fn builds_of_a_host_that_lives_and_builds_that_have_ended_are_left_alone() {
    let world = World::new();
    let (host, mut shell) = (Sleeper::new("host", 0), Sleeper::new("mark-c", 0));
    let theirs = left(
        &world,
        "a.1",
        "mark-c",
        host.process(),
        Some(shell.process()),
    );
    let running = world.start(&world.job(&["echo up; sleep 600"])).await;
    world.said(&running, "up").await;
    let mut quick = world.job(&["exit 3"]);
    quick.intent = "other".to_owned();
    let (end, _) = world.run(&quick).await;
    assert_eq!(end.ending, Ending::Exited { code: 3 });
    assert_eq!(world.builder.recover().await.unwrap(), vec![]);
    assert!(shell.is_alive());
    for build in [&theirs, &running] {
        assert_eq!(
            world.builder.describe(build).await.unwrap(),
            BuildStatus::Running
        );
    }
    assert_eq!(world.ended(&BuildId::from("other.1")).await, end);
    world.builder.stop(&running).await.unwrap();
    world.ended(&running).await;
}

#[tokio::test]
async fn half_written_builds_and_damaged_records_do_not_keep_the_others() {
    let world = World::new();
    // Died before it had answered: nobody knows of this build.
    let half = BuildId::from("half.1");
    std::fs::create_dir_all(world.folder(&half)).unwrap();
    let damaged = left(&world, "bad.1", "mark-d", dead(), None);
    std::fs::write(world.folder(&damaged).join("request.json"), "{").unwrap();
    let good = left(&world, "good.1", "mark-e", dead(), None);
    let recovered = world.builder.recover().await.unwrap();
    assert_eq!(recovered.len(), 1);
    assert_eq!(recovered[0].build, good);
    assert_eq!(
        world.builder.describe(&half).await.unwrap(),
        BuildStatus::Unknown
    );
    let fault = world.builder.is_settled(&damaged).await.unwrap_err();
    assert!(
        fault.to_string().contains("request.json is damaged"),
        "{fault}"
    );
}

#[tokio::test]
async fn old_builds_are_pruned_and_running_ones_are_not() {
    let world = World::new();
    let mut builds = Vec::new();
    for _ in 0..4 {
        let build = world.start(&world.job(&["true"])).await;
        world.ended(&build).await;
        builds.push(build);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let running = world.start(&world.job(&["echo up; sleep 600"])).await;
    world.said(&running, "up").await;
    assert_eq!(world.builder.prune(10).await.unwrap(), 0);
    assert_eq!(world.builder.prune(1).await.unwrap(), 3);
    for old in &builds[..3] {
        assert_eq!(
            world.builder.describe(old).await.unwrap(),
            BuildStatus::Unknown
        );
    }
    assert!(matches!(
        world.builder.describe(&builds[3]).await.unwrap(),
        BuildStatus::Ended(_)
    ));
    assert_eq!(
        world.builder.describe(&running).await.unwrap(),
        BuildStatus::Running
    );
    world.builder.shutdown().await;
}
