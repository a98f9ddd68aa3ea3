//! Purpose: what a build leaves and what the next one finds: artifacts, reports, inputs, caches.

use domain::plan::{ArtifactSpec, CacheSpec, Gate as ReportGate, ReportKind, ReportSpec};
use engine::ports::Artifact;

use super::*;

fn artifact(name: &str, paths: &[&str]) -> ArtifactSpec {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    ArtifactSpec {
        name: name.to_owned(),
        paths,
    }
}

fn report(path: &str) -> ReportSpec {
    let gate = ReportGate::default();
    ReportSpec {
        kind: ReportKind::Junit,
        path: path.to_owned(),
        gate,
    }
}

fn cache(key: &str, paths: &[&str]) -> CacheSpec {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    CacheSpec {
        key: key.to_owned(),
        paths,
    }
}

async fn made(world: &World, run: &[&str], specs: Vec<ArtifactSpec>) -> Vec<Artifact> {
    let mut request = world.job(run);
    request.artifacts = specs;
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    end.artifacts
}

#[tokio::test]
async fn artifacts_go_from_one_build_to_the_next_byte_for_byte() {
    let world = World::new();
    let run = [
        "mkdir -p dist/sub; echo bin >dist/app; chmod +x dist/app; echo x >dist/sub/data; echo no >other; : >dist/empty",
    ];
    let artifacts = made(
        &world,
        &run,
        vec![artifact("app", &["dist"]), artifact("readme", &["./READ*"])],
    )
    .await;
    let files: Vec<(&str, u64, bool)> = artifacts[0]
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.len, f.executable))
        .collect();
    assert_eq!(
        files,
        [
            ("dist/app", 4, true),
            ("dist/empty", 0, false),
            ("dist/sub/data", 2, false)
        ]
    );
    assert_eq!(
        artifacts[0].digest,
        domain::release::digest_of(&artifacts[0].files)
    );
    assert_eq!(artifacts[1].files.len(), 1);
    let mut next = world.job(&["cd $SLIPWAY_ARTIFACTS; find . -type f | sort; cat app/dist/sub/data; test -x app/dist/app; test ! -x readme/README"]);
    next.inputs = artifacts;
    let (end, log) = world.run(&next).await;
    assert_eq!(end.ending, SUCCESS);
    let out = output(&log, LogStream::Stdout);
    assert_eq!(
        out,
        [
            "./app/dist/app",
            "./app/dist/empty",
            "./app/dist/sub/data",
            "./readme/README",
            "x"
        ]
    );
}

#[tokio::test]
async fn sec_10_inputs_that_are_not_what_was_kept_are_refused_before_any_code_runs() {
    let world = World::new();
    let artifacts = made(&world, &["echo bin >app"], vec![artifact("app", &["app"])]).await;
    let marker = world.data.path().join("ran");
    let check = async |change: &dyn Fn(&mut Artifact), expected: &str| {
        let mut request = world.job(&[&format!("touch {}", marker.display())]);
        request.inputs = artifacts.clone();
        change(&mut request.inputs[0]);
        let Ending::Unprepared { why } = world.run(&request).await.0.ending else {
            panic!("{expected}")
        };
        assert!(why.contains(expected), "{why}");
        assert!(!marker.exists());
    };
    let again =
        |artifact: &mut Artifact| artifact.digest = domain::release::digest_of(&artifact.files);
    check(
        &|a| a.files[0].executable = true,
        "is not the one of digest",
    )
    .await;
    check(
        &|a| {
            a.files[0].digest = Digest::of(b"other");
            again(a);
        },
        "is not in the store any more",
    )
    .await;
    check(
        &|a| {
            a.files[0].len += 1;
            again(a);
        },
        "is not what was stored",
    )
    .await;
    for path in ["../x", "/etc/x", "a/../../x", ".git/config", ""] {
        check(
            &|a| {
                a.files[0].path = path.to_owned();
                again(a);
            },
            "leads out of the artifact",
        )
        .await;
    }
    for name in ["..", "a/b", "", "/x"] {
        check(&|a| a.name = name.to_owned(), "has no name for a folder").await;
    }
    let digest = artifacts[0].files[0].digest.clone();
    world
        .blobs
        .0
        .lock()
        .unwrap()
        .insert(digest, b"evil".to_vec());
    check(&|_| {}, "is not what was stored").await;
}

#[tokio::test]
async fn links_never_carry_anything_out_of_the_checkout() {
    let world = World::new();
    std::fs::write(world.data.path().join("secret"), "outside").unwrap();
    let outside = world.data.path().display();
    let run = format!(
        "mkdir dist; echo in >real; ln -s ../real dist/inside; ln -s {outside}/secret dist/file; ln -s {outside} dist/folder; \
         ln -s nowhere dist/broken; ln -s ../.git/HEAD dist/head; ln -s {outside} top"
    );
    let mut request = world.job(&[&run]);
    request.artifacts = vec![artifact("a", &["dist/**", "top/secret"])];
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS);
    let files: Vec<&str> = end.artifacts[0]
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(files, ["dist/inside"]);
    let system = output(&log, LogStream::System);
    let left_out = system
        .iter()
        .filter(|line| line.contains("leaves out"))
        .count();
    assert_eq!(left_out, 4, "{system:#?}");
}

#[tokio::test]
async fn a_success_whose_artifacts_cannot_be_kept_is_none() {
    let world = World::new();
    for (paths, why) in [
        (vec!["dist/**"], "The artifact `a`: nothing matches dist/**"),
        (
            vec!["../x"],
            "The artifact `a`: \"../x\" is not a path below the checkout",
        ),
        (
            vec!["/etc/passwd"],
            "The artifact `a`: \"/etc/passwd\" is not a path below the checkout",
        ),
        (
            vec![".git/config"],
            "The artifact `a`: \".git/config\" is not a path below the checkout",
        ),
    ] {
        let mut request = world.job(&["true"]);
        request.artifacts = vec![artifact("a", &paths)];
        let (end, log) = world.run(&request).await;
        assert_eq!(
            end.ending,
            Ending::Exited {
                code: NOT_COLLECTED
            }
        );
        assert!(output(&log, LogStream::System).contains(&why), "{log:#?}");
        assert!(end.artifacts.is_empty());
    }
    let mut request = world.job(&["truncate -s 257M big"]);
    request.artifacts = vec![artifact("a", &["big"])];
    let (_, log) = world.run(&request).await;
    assert!(
        output(&log, LogStream::System)
            .contains(&"The artifact `a`: \"big\": it has more than 256 MiB")
    );
    let mut request = world.job(&["mkdir d; cd d; seq 10001 | xargs touch"]);
    request.artifacts = vec![artifact("a", &["d"])];
    let (_, log) = world.run(&request).await;
    assert!(
        output(&log, LogStream::System)
            .contains(&"The artifact `a`: it has 10001 files; at most 10000 are kept")
    );
}

#[tokio::test]
async fn reports_are_kept_also_after_a_failure_and_missing_ones_are_named() {
    let world = World::new();
    let mut request = world.job(&["mkdir -p out/deep; echo 1 >out/a.xml; echo 2 >out/b.xml; echo 3 >out/deep/c.xml; truncate -s 17M huge.xml; exit 1"]);
    request.reports = vec![
        report("none.xml"),
        report("out/*.xml"),
        report("out/**/c.xml"),
        report("huge.xml"),
    ];
    request.artifacts = vec![artifact("a", &["out"])];
    let (end, _) = world.run(&request).await;
    assert_eq!(end.ending, Ending::Exited { code: 1 });
    let found: Vec<(usize, &str)> = end
        .reports
        .iter()
        .map(|r| (r.spec, r.path.as_str()))
        .collect();
    assert_eq!(
        found,
        [(1, "out/a.xml"), (1, "out/b.xml"), (2, "out/deep/c.xml")]
    );
    assert_eq!(end.missing_reports, [0, 3]);
    assert_eq!(
        world
            .blobs
            .get(&end.reports[1].digest)
            .await
            .unwrap()
            .unwrap(),
        b"2\n"
    );
    assert!(end.artifacts.is_empty());
}

#[tokio::test]
async fn a_cache_is_kept_after_a_success_and_found_by_the_same_job_with_the_same_key() {
    let world = World::with(&[("lock", "one")], |_| {});
    let fill = "test ! -e deps || cat deps/x; mkdir -p deps; date +%N >deps/x; chmod +x deps/x; ln -s x deps/link";
    let job = |run: &str| {
        let mut request = world.job(&[run]);
        request.cache = vec![cache("deps-${hash:lock}", &["deps", "absent"])];
        request
    };
    let failed = world.run(&job(&format!("{fill}; exit 1"))).await;
    assert!(output(&failed.1, LogStream::System)[1].starts_with("There is no cache `deps-"));
    let (end, log) = world
        .run(&job(&format!("{fill}; cat deps/x; echo changed >lock")))
        .await;
    assert_eq!(end.ending, SUCCESS);
    let first = output(&log, LogStream::Stdout);
    assert_eq!(first.len(), 1, "a failed build must leave no cache");
    // Restored as it was, and not changed by what this build does to it.
    let (_, log) = world
        .run(&job(
            "cat deps/x; test -x deps/x; readlink deps/link; echo more >deps/y",
        ))
        .await;
    assert_eq!(output(&log, LogStream::Stdout), [first[0], "x"], "{log:#?}");
    let (_, log) = world.run(&job("ls deps")).await;
    assert_eq!(output(&log, LogStream::Stdout), ["link", "x"]);
    // Another job, another environment and another content have none.
    let mut other = job("ls deps");
    other.intent = "1/3f2a9c0d1e4b/lint~1".to_owned();
    assert_eq!(world.run(&other).await.0.ending, Ending::Exited { code: 2 });
    let mut deploy = job("ls deps");
    deploy.environment = Some(EnvironmentName::from("staging"));
    assert_eq!(
        world.run(&deploy).await.0.ending,
        Ending::Exited { code: 2 }
    );
    world.repo.write("lock", "two");
    let mut newer = job("ls deps");
    newer.commit = world.repo.commit("two");
    assert_eq!(world.run(&newer).await.0.ending, Ending::Exited { code: 2 });
    // The next attempt of the same job in another run has it.
    let mut later = job("ls deps");
    later.intent = "1/ffffffffffff/unit (go=1.24)~2".to_owned();
    later.run = RunId::from("ffffffffffff");
    assert_eq!(world.run(&later).await.0.ending, SUCCESS);
    assert_eq!(world.builder.prune_caches(u64::MAX).await.unwrap(), 0);
    assert_eq!(world.builder.prune_caches(0).await.unwrap(), 1);
    assert_eq!(
        world.run(&job("ls deps")).await.0.ending,
        Ending::Exited { code: 2 }
    );
}

#[tokio::test]
async fn sec_45_a_pull_request_reads_the_caches_of_branches_and_writes_its_own() {
    let world = World::new();
    let job = |key: &str, trust: Trust, run: &str| {
        let mut request = world.job(&[run]);
        (request.cache, request.trust) = (vec![cache(key, &["deps"])], trust);
        request
    };
    let found = async |key: &str, trust: Trust| {
        let (_, log) = world.run(&job(key, trust, "cat deps/x || true")).await;
        output(&log, LogStream::Stdout).join(" ")
    };
    let (branch, one, two) = (
        Trust::Repository,
        Trust::PullRequest { number: 1 },
        Trust::PullRequest { number: 2 },
    );
    let fill = |text: &str| format!("mkdir -p deps; echo {text} >deps/x");
    world.run(&job("new", one, &fill("evil"))).await;
    assert_eq!(found("new", branch).await, "");
    assert_eq!(found("new", two).await, "");
    assert_eq!(found("new", one).await, "evil");

    world.run(&job("old", branch, &fill("good"))).await;
    for trust in [branch, one, two] {
        assert_eq!(found("old", trust).await, "good");
    }
    world.run(&job("old", one, &fill("evil"))).await;
    assert_eq!(found("old", branch).await, "good");
    assert_eq!(world.builder.prune_caches(0).await.unwrap(), 3);
}

#[tokio::test]
async fn a_cache_never_leaves_the_checkout_and_its_trouble_fails_nothing() {
    let world = World::new();
    let outside = world.data.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    // The first build fills the cache, the next commit turns the folder's parent into a link that leads out.
    let mut request = world.job(&["mkdir -p a/deps; echo evil >a/deps/x"]);
    request.cache = vec![
        cache("k", &["a/deps"]),
        cache("${hash:../x}", &["b"]),
        cache("c", &["../b", ".git", "/etc"]),
    ];
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS);
    let trouble = |log: &[LogLine]| {
        log.iter()
            .filter(|line| line.text.contains("could not be"))
            .count()
    };
    assert_eq!(trouble(&log), 2, "{log:#?}");
    std::os::unix::fs::symlink(&outside, world.repo.path().join("a")).unwrap();
    request.commit = world.repo.commit("link");
    request.step.run = vec!["ls a/".to_owned()];
    request.cache.truncate(1);
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, SUCCESS);
    assert_eq!(trouble(&log), 1, "{log:#?}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}
