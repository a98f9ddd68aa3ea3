//! Purpose: ends that somebody else makes: time-outs, stops, processes that want to stay.

use super::*;

/// Number that a command of the build wrote as its line.
async fn number(world: &World, build: &BuildId, name: &str) -> i32 {
    for _ in 0..LOOKS {
        for line in world.log(build).await {
            if let Some(number) = line.text.strip_prefix(name)
                && line.stream == LogStream::Stdout
            {
                return number.trim().parse().unwrap();
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{build} never said {name}");
}

#[tokio::test]
async fn a_build_whose_time_is_over_is_asked_to_end_and_then_made_to() {
    let world = World::new();
    let mut polite = world
        .job(&["trap 'echo cleaned up; exit 0' TERM; echo ready; while :; do sleep 0.05; done"]);
    polite.step.timeout_seconds = 1;
    let (end, log) = world.run(&polite).await;
    assert_eq!(end.ending, Ending::TimedOut);
    assert_eq!(output(&log, LogStream::Stdout), ["ready", "cleaned up"]);
    let mut deaf = world.job(&["trap '' TERM; echo ready $$; while :; do sleep 0.05; done"]);
    deaf.step.timeout_seconds = 1;
    let build = world.start(&deaf).await;
    let shell = number(&world, &build, "ready").await;
    assert_eq!(world.ended(&build).await.ending, Ending::TimedOut);
    gone(shell).await;
    assert!(world.builder.is_settled(&build).await.unwrap());
}

#[tokio::test]
async fn a_stopped_build_ends_with_everything_that_it_began() {
    let world = World::new();
    let build = world
        .start(&world.job(&["sleep 600 & echo child $!; echo shell $$; wait"]))
        .await;
    let (child, shell) = (
        number(&world, &build, "child").await,
        number(&world, &build, "shell").await,
    );
    assert!(!world.builder.is_settled(&build).await.unwrap());
    world.builder.stop(&build).await.unwrap();
    world.builder.stop(&build).await.unwrap();
    assert_eq!(world.ended(&build).await.ending, Ending::Stopped);
    gone(child).await;
    gone(shell).await;
    assert!(world.builder.is_settled(&build).await.unwrap());
    world.builder.stop(&build).await.unwrap();
    assert_eq!(world.ended(&build).await.ending, Ending::Stopped);
}

#[tokio::test]
async fn children_that_outlive_the_shell_are_ended_before_the_build_counts_as_ended() {
    let world = World::new();
    // Forked twice: nobody waits for it, and it ignores TERM.
    let stays = "(trap '' TERM; (while :; do sleep 0.05; done) & echo left $!)";
    let build = world.start(&world.job(&[stays, "echo done"])).await;
    let left = number(&world, &build, "left").await;
    assert_eq!(world.ended(&build).await.ending, SUCCESS);
    assert!(processes::ProcessRef::of(left).is_none_or(|process| !process.is_alive()));
    let log = world.log(&build).await;
    assert!(
        output(&log, LogStream::System)
            .contains(&"The commands have ended and left processes running; these are ended now.")
    );
}

#[tokio::test]
async fn a_process_that_left_the_group_is_found_by_its_mark() {
    let world = World::new();
    let escape = "setsid sh -c 'echo escaped $$; exec sleep 600' >../escaped 2>&1 </dev/null & \
                  while [ ! -s ../escaped ]; do sleep 0.02; done; cat ../escaped";
    let build = world.start(&world.job(&[escape])).await;
    let escaped = number(&world, &build, "escaped").await;
    assert_eq!(world.ended(&build).await.ending, SUCCESS);
    assert!(processes::ProcessRef::of(escaped).is_none_or(|process| !process.is_alive()));
}

#[tokio::test]
async fn a_process_that_hides_does_not_hang_the_build() {
    let world = World::new();
    // No group, no mark, but the build's output is still open in it.
    let hide = "setsid env -i /bin/sh -c 'echo hidden $$; exec /bin/sleep 600' & echo shell";
    let build = world.start(&world.job(&[hide, "sleep 0.3"])).await;
    let hidden = number(&world, &build, "hidden").await;
    assert_eq!(world.ended(&build).await.ending, SUCCESS);
    let log = world.log(&build).await;
    let system = output(&log, LogStream::System);
    assert!(
        system
            .iter()
            .any(|line| line.starts_with("A process that hides from Slipway")),
        "{system:?}"
    );
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(hidden),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();
}

#[tokio::test]
async fn shutting_down_loses_what_runs_and_starts_nothing_more() {
    let world = World::new();
    let build = world.start(&world.job(&["echo shell $$; sleep 600"])).await;
    let shell = number(&world, &build, "shell").await;
    world.builder.shutdown().await;
    gone(shell).await;
    let why = "Slipway was stopped while it ran".to_owned();
    assert_eq!(world.ended(&build).await.ending, Ending::Lost { why });
    assert_eq!(world.rung.load(Ordering::SeqCst), 1);
    assert!(!world.folder(&build).join("work").exists());
    let again = world.builder.start(&world.job(&["true"])).await.unwrap();
    assert_eq!(
        again,
        Started::Deferred("Slipway is being stopped".to_owned())
    );
}

#[tokio::test]
async fn much_output_is_kept_in_order_and_the_log_is_bounded() {
    let world = World::with(&[], |settings| settings.log_limit = 100_000);
    let (end, log) = world
        .run(&world.job(&["i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo $i; done"]))
        .await;
    assert_eq!(end.ending, SUCCESS);
    let out = output(&log, LogStream::Stdout);
    let expected: Vec<String> = (1..=out.len()).map(|n| n.to_string()).collect();
    // A page has 10,000 lines at most.
    assert_eq!(out, expected);
    let page = world
        .builder
        .read(
            &BuildId::from("1-3f2a9c0d1e4b-unit-go-1.24-1.1"),
            10_000,
            20_000,
        )
        .await
        .unwrap();
    let texts: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    assert!(
        texts[texts.len() - 2].starts_with("The log was cut here"),
        "{:?}",
        texts.last()
    );
    assert_eq!(texts.last(), Some(&"Exited with status 0."));
    let console = world
        .blobs
        .get(&end.console.unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(console.ends_with(b"\n29999\n30000\n"));
}
