//! Purpose: bad input and a machine in trouble: a clear sentence each time, and never a hang.

use std::os::unix::fs::symlink;

use super::*;

fn host(path: &std::path::Path) -> HostEnvironment {
    HostEnvironment::of([("PATH".into(), path.into())])
}

async fn unprepared(world: &World, request: &BuildRequest) -> String {
    match world.run(request).await.0.ending {
        Ending::Unprepared { why } => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missing_shell_and_a_missing_git_are_named() {
    let empty = tempfile::tempdir().unwrap();
    let world = World::with(&[], |settings| settings.host = host(empty.path()));
    let why = unprepared(&world, &world.job(&["true"])).await;
    assert_eq!(why, "the shell `sh` was not found in PATH");
    symlink("/bin/sh", empty.path().join("sh")).unwrap();
    let why = unprepared(&world, &world.job(&["true"])).await;
    assert_eq!(
        why,
        "the checkout failed: `git` was not found in PATH; install git 2.30 or newer"
    );
    assert!(world.gate.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_shell_that_does_not_start_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let shell = folder.path().join("sh");
    std::fs::write(&shell, "#!/nonexistent/interpreter\n").unwrap();
    std::fs::set_permissions(&shell, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::join_paths([folder.path(), "/usr/bin".as_ref(), "/bin".as_ref()]).unwrap();
    let world = World::with(&[], |settings| settings.host = host(path.as_ref()));
    let why = unprepared(&world, &world.job(&["true"])).await;
    assert!(
        why.contains("could not be started: No such file or directory"),
        "{why}"
    );
}

#[tokio::test]
async fn a_commit_that_is_not_there_is_told() {
    let world = World::new();
    let mut request = world.job(&["true"]);
    request.commit = CommitSha::new("1".repeat(40));
    let why = unprepared(&world, &request).await;
    let expected = format!(
        "the checkout failed: commit {} is not in this repository, and there is no remote named `origin` to fetch it from",
        request.commit
    );
    assert_eq!(why, expected);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let world = World::new();
    let refused = async |change: &dyn Fn(&mut BuildRequest)| {
        let mut request = world.job(&["true"]);
        change(&mut request);
        match world.builder.start(&request).await.unwrap() {
            Started::Refused(why) => why,
            other => panic!("{other:?}"),
        }
    };
    for bad in ["--upload-pack=x", "-b x", "main", "", "..", &"A".repeat(40)] {
        let why = refused(&|request| request.commit = CommitSha::from(bad)).await;
        assert_eq!(why, format!("{bad:?} is not a full commit name"));
    }
    refused(&|request| request.step.run.clear()).await;
    refused(&|request| request.step.run.push("a\0b".to_owned())).await;
    refused(&|request| drop(request.step.env.insert("A=B".to_owned(), String::new()))).await;
    refused(&|request| drop(request.facts.insert("A".to_owned(), "\0".to_owned()))).await;
    let why = refused(&|request| request.repository = RepositoryId(9)).await;
    assert_eq!(why, "repository 9 is not registered on this machine");
    assert!(!world.data.path().join("builds").exists());
}

#[tokio::test]
async fn an_intent_cannot_lead_the_folder_elsewhere() {
    let world = World::new();
    for (intent, name) in [
        ("../../x", "x.1"),
        ("/etc/passwd", "etc-passwd.1"),
        ("...", "build.1"),
        ("", "build.2"),
        ("a\0b/é", "a-b.1"),
    ] {
        let mut request = world.job(&["true"]);
        request.intent = intent.to_owned();
        let build = world.start(&request).await;
        assert_eq!(build.as_str(), name);
        assert_eq!(world.ended(&build).await.ending, SUCCESS);
    }
    let mut request = world.job(&["true"]);
    request.intent = "x".repeat(5_000);
    let build = world.start(&request).await;
    assert_eq!(world.ended(&build).await.ending, SUCCESS);
}

#[tokio::test]
async fn a_folder_that_takes_no_build_defers_it() {
    let world = World::new();
    std::fs::write(world.data.path().join("builds"), "a file").unwrap();
    let started = world.builder.start(&world.job(&["true"])).await.unwrap();
    let Started::Deferred(why) = started else {
        panic!("{started:?}")
    };
    assert!(why.starts_with("the build cannot be recorded in "), "{why}");
}

#[tokio::test]
async fn a_disk_that_is_full_while_the_log_is_written_ends_the_build_and_says_why() {
    let world = World::new();
    let build = world
        .start(&world.job(&["while [ ! -e ../go ]; do sleep 0.02; done; yes"]))
        .await;
    // From here on every line goes to a device that is always full.
    while !world.folder(&build).join("process.json").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let shell: processes::ProcessRef =
        serde_json::from_slice(&std::fs::read(world.folder(&build).join("process.json")).unwrap())
            .unwrap();
    redirect_log(&world.folder(&build));
    std::fs::write(world.folder(&build).join("work/go"), "").unwrap();
    let ending = world.ended(&build).await.ending;
    let Ending::Lost { why } = &ending else {
        panic!("{ending:?}")
    };
    assert_eq!(
        why,
        "its log could not be written (File too large (os error 27)), so it was ended"
    );
    gone(shell.pid).await;
}

/// Makes the log as large as a file can be, so that nothing more fits into it: a full disk without a disk.
fn redirect_log(folder: &std::path::Path) {
    let log = std::fs::File::options()
        .write(true)
        .open(folder.join("log.jsonl"))
        .unwrap();
    let mut size = i64::MAX as u64;
    while log.set_len(size).is_err() {
        size -= size / 16 + 1;
    }
    let mut step = size / 2;
    while step > 0 {
        while log.set_len(size + step).is_ok() {
            size += step;
        }
        step /= 2;
    }
}

#[tokio::test]
async fn variables_that_are_too_large_for_a_program_are_told() {
    let world = World::new();
    let mut request = world.job(&["true"]);
    request
        .step
        .env
        .insert("BIG".to_owned(), "x".repeat(200 << 10));
    let why = unprepared(&world, &request).await;
    assert!(why.contains("Argument list too long"), "{why}");
}
