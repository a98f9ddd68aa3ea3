//! Purpose: the usual course of a build.

use super::*;

#[tokio::test]
async fn a_build_runs_its_commands_at_the_commit_and_keeps_the_streams_apart() {
    let world = World::new();
    world.repo.write("README", "changed\n");
    world.repo.commit("second");
    let request = world.job(&[
        "cat README; echo oops >&2",
        "pwd; git status --porcelain; git rev-parse HEAD",
    ]);
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS);
    let out = output(&log, LogStream::Stdout);
    assert_eq!(out[0], "hello");
    assert!(out[1].ends_with("/work/checkout"), "{}", out[1]);
    assert_eq!(out[2..], [world.commit.as_str()]);
    assert_eq!(output(&log, LogStream::Stderr), ["oops"]);
    let system = output(&log, LogStream::System);
    assert_eq!(system[0], format!("Checked out {}.", world.commit));
    assert_eq!(system[1], "$ cat README; echo oops >&2");
    assert_eq!(system.last(), Some(&"Exited with status 0."));
    let numbers: Vec<u64> = log.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (1..=log.len() as u64).collect::<Vec<_>>());
    assert!(log.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
    assert!(end.started_ms <= log[0].at_ms && log[0].at_ms <= end.finished_ms);
    let console = world
        .blobs
        .get(&end.console.unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(String::from_utf8(console).unwrap().contains("hello\n"));
}

#[tokio::test]
async fn one_shell_runs_all_commands_and_stops_at_the_first_that_fails() {
    let world = World::new();
    let (end, log) = world
        .run(&world.job(&[
            "X=1; cd /",
            "echo $X $PWD; exit_status() { return 7; }",
            "exit_status",
            "echo never",
        ]))
        .await;
    assert_eq!(end.ending, Ending::Exited { code: 7 });
    assert_eq!(output(&log, LogStream::Stdout), ["1 /"]);
    let (end, log) = world.run(&world.job(&["kill -9 $$"])).await;
    assert_eq!(end.ending, Ending::Killed { signal: 9 });
    assert_eq!(log.last().unwrap().text, "Killed by signal 9.");
}

#[tokio::test]
async fn what_it_used_is_measured() {
    let world = World::new();
    let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    let (end, _) = world.run(&world.job(&[busy])).await;
    assert_eq!(end.ending, SUCCESS);
    assert!(
        end.usage.cpu_ms > 0 && end.usage.max_rss_kib > 100,
        "{:?}",
        end.usage
    );
}

#[tokio::test]
async fn nothing_is_read_from_standard_input_and_each_build_has_folders_of_its_own() {
    let world = World::new();
    let check = "cat; test -d \"$HOME\" -a -d \"$TMPDIR\" -a -d \"$SLIPWAY_ARTIFACTS\"; touch $HOME/x; ls $HOME; \
                 case $HOME in */work/home) echo own;; esac";
    let (end, log) = world.run(&world.job(&[check])).await;
    assert_eq!(end.ending, SUCCESS);
    assert_eq!(output(&log, LogStream::Stdout), ["x", "own"]);
    let (_, log) = world.run(&world.job(&["ls -A $HOME"])).await;
    assert!(output(&log, LogStream::Stdout).is_empty());
}

#[tokio::test]
async fn a_started_build_is_durable_and_named_so_that_a_person_finds_it() {
    let world = World::new();
    let request = world.job(&["true"]);
    let build = world.start(&request).await;
    assert_eq!(build.as_str(), "1-3f2a9c0d1e4b-unit-go-1.24-1.1");
    let stored = std::fs::read_to_string(world.folder(&build).join("request.json")).unwrap();
    assert!(stored.contains("\"intent\":\"1/3f2a9c0d1e4b/unit (go=1.24)~1\""));
    assert!(!stored.contains("one-time-claim-secret"));
    world.ended(&build).await;
    assert_eq!(
        world.start(&request).await.as_str(),
        "1-3f2a9c0d1e4b-unit-go-1.24-1.2"
    );
}

#[tokio::test]
async fn starting_the_same_intent_again_gives_the_build_that_runs() {
    let world = World::new();
    let request = world.job(&["while [ ! -e $TMPDIR/../go ]; do sleep 0.02; done"]);
    let (first, second) = tokio::join!(world.start(&request), world.start(&request));
    assert_eq!(first, second);
    assert_eq!(world.start(&request).await, first);
    let mut other = request.clone();
    other.intent.push('1');
    other.step.run = vec!["true".to_owned()];
    assert_ne!(world.start(&other).await, first);
    let go = world.folder(&first).join("work/go");
    while std::fs::write(&go, "").is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.ended(&first).await.ending, SUCCESS);
    assert_ne!(world.start(&request).await, first);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_leave_half_a_start() {
    let world = World::new();
    let request = world.job(&["true"]);
    let started = {
        let mut start = Box::pin(world.builder.start(&request));
        // Polled once, then dropped.
        assert!(futures::poll!(&mut start).is_pending());
        drop(start);
        world.start(&request).await
    };
    assert_eq!(started.as_str(), "1-3f2a9c0d1e4b-unit-go-1.24-1.1");
    assert_eq!(world.ended(&started).await.ending, SUCCESS);
    assert_eq!(
        std::fs::read_dir(world.data.path().join("builds"))
            .unwrap()
            .count(),
        1
    );
}

#[tokio::test]
async fn the_end_is_told_once_and_the_checkout_goes_and_the_log_stays() {
    let world = World::new();
    // Folders that were made read-only go too.
    let build = world
        .start(&world.job(&["mkdir -p ro/x; touch ro/x/f; chmod -w ro/x ro", "echo kept"]))
        .await;
    world.ended(&build).await;
    let work = world.folder(&build).join("work");
    while work.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.rung.load(Ordering::SeqCst), 1);
    assert_eq!(
        output(&world.log(&build).await, LogStream::Stdout),
        ["kept"]
    );
    assert!(world.builder.is_settled(&build).await.unwrap());
}

#[tokio::test]
async fn a_log_is_read_while_the_build_runs_and_is_complete_after_it() {
    let world = World::new();
    let build =
        world
            .start(&world.job(&[
                "echo one; echo two; while [ ! -e ../go ]; do sleep 0.02; done; echo three",
            ]))
            .await;
    world.said(&build, "two").await;
    let page = world.builder.read(&build, 0, 1_000).await.unwrap();
    assert!(!page.complete);
    let seen = page.lines.len() as u64;
    assert_eq!(
        world.builder.read(&build, seen, 10).await.unwrap().lines,
        vec![]
    );
    std::fs::write(world.folder(&build).join("work/go"), "").unwrap();
    world.ended(&build).await;
    let rest = world.builder.read(&build, seen, 10).await.unwrap();
    let texts: Vec<&str> = rest.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["three", "Exited with status 0."]);
    assert!(rest.complete);
    assert!(!world.builder.read(&build, seen, 1).await.unwrap().complete);
}

#[tokio::test]
async fn unknown_builds_are_unknown_and_names_lead_nowhere() {
    let world = World::new();
    for name in ["none.1", "../builds", "..", "", "a/b", ".hidden", "a\0b"] {
        let build = BuildId::from(name);
        assert_eq!(
            world.builder.describe(&build).await.unwrap(),
            BuildStatus::Unknown,
            "{name:?}"
        );
        assert!(world.builder.is_settled(&build).await.unwrap());
        world.builder.stop(&build).await.unwrap();
        let page = world.builder.read(&build, 0, 10).await.unwrap();
        assert_eq!(
            page.lines[0].text,
            "The log of this build is not kept any more."
        );
        assert!(page.complete);
        assert!(
            world
                .builder
                .read(&build, 1, 10)
                .await
                .unwrap()
                .lines
                .is_empty()
        );
    }
}
