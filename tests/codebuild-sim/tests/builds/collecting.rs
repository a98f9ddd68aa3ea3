//! Purpose: the usual course of a build, and what it leaves.

use domain::plan::{ArtifactSpec, CacheSpec, Gate, ReportKind, ReportSpec};
use domain::release::digest_of;
use engine::ports::{Blobs as _, Builds as _, Ending, LogStream, Logs as _};

use crate::world::{SUCCESS, World, output};

fn report(path: &str) -> ReportSpec {
    ReportSpec {
        kind: ReportKind::Junit,
        path: path.to_owned(),
        gate: Gate::default(),
    }
}

fn artifact(name: &str, paths: &[&str]) -> ArtifactSpec {
    ArtifactSpec {
        name: name.to_owned(),
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_runs_its_commands_at_the_commit_and_hands_on_what_they_made() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut request = world.job(&[
        "cat README; echo oops >&2",
        "mkdir -p dist/sub out; echo '#!/bin/sh' > dist/shop.sh; chmod +x dist/shop.sh; echo b > 'dist/sub/b c.txt'",
        "echo '<testsuite/>' > out/a.xml; ln -s /etc/passwd dist/leak; ln -s shop.sh dist/same",
    ]);
    request.artifacts = vec![artifact("bundle", &["dist"])];
    request.reports = vec![report("out/*.xml"), report("none/*.xml")];
    let build = world.start(&request).await;
    let end = world.ended(&build).await;
    let log = world.log(&build).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    assert_eq!(output(&log), ["hello", "oops"]);
    let files: Vec<_> = end.artifacts[0]
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.len, f.executable))
        .collect();
    assert_eq!(
        files,
        [
            ("dist/same", 10, true),
            ("dist/shop.sh", 10, true),
            ("dist/sub/b c.txt", 2, false)
        ]
    );
    assert_eq!(end.artifacts[0].name, "bundle");
    assert_eq!(end.artifacts[0].digest, digest_of(&end.artifacts[0].files));
    assert_eq!(
        world.blob(&end.artifacts[0].files[1].digest).await,
        "#!/bin/sh\n"
    );
    assert_eq!(
        (
            end.reports.len(),
            end.reports[0].spec,
            end.reports[0].path.as_str()
        ),
        (1, 0, "out/a.xml")
    );
    assert_eq!(world.blob(&end.reports[0].digest).await, "<testsuite/>\n");
    assert_eq!(end.missing_reports, [1]);
    assert!(end.started_ms > 0 && end.started_ms <= end.finished_ms);
    assert_eq!(world.blob(&end.console.unwrap()).await, "hello\noops\n");
    let system = |text: &str| {
        log.iter()
            .any(|line| line.stream == LogStream::System && line.text == text)
    };
    assert!(system("slipway: $ cat README; echo oops >&2"));
    assert!(system("slipway: Exited with status 0."));
    let seen = world.claims.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["intent"], request.intent);
    assert_eq!(seen[0]["build"], build.as_str());
    assert_eq!(seen[0]["secret"], request.claim_secret);
    assert!(world.builds.is_settled(&build).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_of_earlier_builds_are_laid_out_and_the_source_is_fetched_once() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut first = world.job(&[
        "mkdir -p dist; echo '#!/bin/sh' >dist/it\\'s.sh; chmod +x dist/*; echo two >dist/two",
    ]);
    first.artifacts = vec![artifact("bundle", &["dist/**"])];
    let (end, log) = world.run(&first).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    let check = "cd $SLIPWAY_ARTIFACTS/bundle/dist; test -x it\\'s.sh; test ! -x two; cat two; echo build=$SLIPWAY_BUILD";
    let mut second = world.job(&[check]);
    second.intent = "1/3f2a9c0d1e4b/deploy/staging~1".to_owned();
    second.environment = Some("staging".into());
    second.inputs = end.artifacts.clone();
    let build = world.start(&second).await;
    let end = world.ended(&build).await;
    let log = world.log(&build).await;
    assert_eq!(end.ending, SUCCESS, "{log:#?}");
    assert!(build.as_str().starts_with("s-deploy-staging:"));
    assert_eq!(output(&log), ["two".to_owned(), format!("build={build}")]);
    assert_eq!(
        world
            .source
            .fetched
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
    // A blob that is not what it is called never reaches a command.
    let file = &second.inputs[0].files[1];
    let blob = world.blobs.get(&file.digest).await.unwrap().unwrap();
    world
        .put(&format!("blobs/{}", file.digest), b"forged")
        .await;
    second.intent = "1/3f2a9c0d1e4b/deploy/staging~2".to_owned();
    let (end, log) = world.run(&second).await;
    assert!(
        matches!(&end.ending, Ending::Unprepared { why } if why.contains("is not the one of digest")),
        "{:?}",
        end.ending
    );
    assert!(output(&log).is_empty());
    assert_eq!(blob, b"two\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_that_is_not_there_makes_a_good_build_fail() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut request = world.job(&["true"]);
    request.artifacts = vec![artifact("bundle", &["dist/**"])];
    let (end, log) = world.run(&request).await;
    assert_eq!(end.ending, Ending::Exited { code: 125 });
    assert!(end.artifacts.is_empty());
    let said =
        "slipway: The artifact `bundle`: 0 files match dist/**, of 1 to 10000 that can be kept.";
    assert!(log.iter().any(|line| line.text == said), "{log:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_are_kept_by_key_and_only_after_a_success() {
    let Some(world) = World::with(&[("go.sum", "one\n")], |_| {}).await else {
        return;
    };
    let look = "if [ -f vendor/kept ]; then cat vendor/kept; else echo none; fi; mkdir -p vendor; echo $WHAT > vendor/kept";
    let mut request = world.job(&[look, "exit $CODE"]);
    let key = |key: &str| {
        vec![CacheSpec {
            key: key.to_owned(),
            paths: vec!["vendor/".to_owned()],
        }]
    };
    let mut run = async |what: &str, code: &str, cached: &str| {
        request.step.env.insert("WHAT".to_owned(), what.to_owned());
        request.step.env.insert("CODE".to_owned(), code.to_owned());
        request.cache = key(cached);
        let (_, log) = world.run(&request).await;
        output(&log).join(",")
    };
    assert_eq!(run("failed", "1", "go-${hash:go.sum}").await, "none");
    assert_eq!(run("first", "0", "go-${hash:go.sum}").await, "none");
    assert_eq!(run("second", "0", "go-${hash:go.sum}").await, "first");
    assert_eq!(run("third", "0", "go-${hash:go.sum}").await, "first");
    assert_eq!(run("fourth", "0", "go-${hash:other}").await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_read_by_ranges_while_it_grows() {
    let Some(world) = World::new().await else {
        return;
    };
    let gate = world.folder.path().join("go");
    let wait = format!(
        "seq 1 100; while [ ! -e {} ]; do sleep 0.05; done; seq 101 200",
        gate.display()
    );
    let build = world.start(&world.job(&[&wait])).await;
    world.said(&build, "100").await;
    let page = world.builds.read(&build, 0, 10_000).await.unwrap();
    assert!(!page.complete);
    let seen = page.lines.len() as u64;
    assert_eq!(page.lines.last().unwrap().number, seen);
    std::fs::write(&gate, "").unwrap();
    world.ended(&build).await;
    let rest = world.builds.read(&build, seen, 10_000).await.unwrap();
    assert!(rest.complete);
    assert_eq!(rest.lines[0].number, seen + 1);
    assert_eq!(output(&rest.lines).len(), 100);
    let some = world.builds.read(&build, seen + 10, 5).await.unwrap();
    assert!(!some.complete);
    assert_eq!(some.lines, rest.lines[10..15]);
    assert!(
        world
            .builds
            .read(&build, 100_000, 5)
            .await
            .unwrap()
            .lines
            .is_empty()
    );
}
