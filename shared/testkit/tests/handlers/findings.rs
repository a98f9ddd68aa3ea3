//! Purpose: what is new is told from the base branch's findings, wherever its last good run is; what cannot be read is said.

use domain::ids::{BuildId, Digest};
use domain::plan::ReportKind;
use domain::run::{Command, EndFacts, Verdict};
use engine::Fault;
use engine::ports::{BuildEnd, CollectedReport, Ending, Usage};
use engine::tasks::Tasks;
use serde_json::json;
use testkit::yielding::block_on;

use super::runs::{lint, pull_request, push};
use super::world::{World, stream};

/// A SARIF file with these findings.
fn sarif(messages: &[&str]) -> String {
    let results: Vec<_> = messages
        .iter()
        .map(|text| json!({"ruleId": "r", "level": "warning", "message": {"text": text}}))
        .collect();
    json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]})
        .to_string()
}

/// The end of a pull request's job whose report has this digest.
fn end_of(world: &mut World, digest: Digest) -> EndFacts {
    let build = world.begin("pr", pull_request("pr"));
    end_build(world, &build, digest);
    let tasks = Tasks {
        journal: &world.journal,
        clock: &*world,
        builds: &*world,
        blobs: &*world,
        keys: &*world,
    };
    let (stream, run, attempt) = (stream("pr"), world.run("pr"), lint());
    let commands = block_on(tasks.observe(&stream, &run, &attempt, &build)).unwrap();
    let [Command::BuildEnded { end, .. }] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    (**end).clone()
}

fn end_build(world: &mut World, build: &BuildId, digest: Digest) {
    let end = BuildEnd {
        ending: Ending::Exited { code: 0 },
        started_ms: 1,
        finished_ms: 2,
        usage: Usage::default(),
        artifacts: Vec::new(),
        reports: vec![CollectedReport {
            spec: 0,
            kind: ReportKind::Sarif,
            path: "lint.sarif".to_owned(),
            digest,
        }],
        missing_reports: Vec::new(),
        console: None,
    };
    world.builds.insert(build.clone(), end);
}

fn why(end: &EndFacts) -> &str {
    match &end.verdict {
        Verdict::Failed { why } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_base_is_found_behind_many_other_runs() {
    let mut world = World::default();
    world.finish("base", push("base"), &sarif(&["old"]));
    for number in 0..100 {
        let name = format!("x{number}");
        world.open(&name, pull_request(&name));
    }
    let digest = world.put(sarif(&["old", "fresh"]).as_bytes());
    let end = end_of(&mut world, digest);
    assert!(why(&end).starts_with("1 new finding;"), "{:?}", end.verdict);
}

#[test]
fn no_base_is_said_as_such() {
    let mut world = World::default();
    // Another branch, and a run of the base that made no findings known.
    let other = super::runs::opening(
        "other",
        &json!({"push": {"branch": "dev"}}),
        "refs/heads/dev",
    );
    world.finish("other", other, &sarif(&["fresh"]));
    world.begin("unended", push("unended"));
    let digest = world.put(sarif(&["fresh"]).as_bytes());
    let end = end_of(&mut world, digest);
    assert_eq!(end.verdict, Verdict::Succeeded);
    let notes = &end.reports.first().unwrap().notes;
    assert_eq!(
        notes,
        &[
            "no good run of this job was found on the base branch, so 1 of 1 findings count as not new (max_new)"
        ]
    );
}

#[test]
fn a_report_that_cannot_be_read_fails_its_job_and_is_asked_for_once() {
    let mut world = World::default();
    let digest = Digest::of(b"damaged");
    let damaged = Fault::Malformed("the stored file is damaged".to_owned());
    world
        .blobs
        .lock()
        .unwrap()
        .insert(digest.clone(), Err(damaged));
    let end = end_of(&mut world, digest);
    assert_eq!(
        why(&end),
        "lint.sarif cannot be read: the stored file is damaged"
    );
}

#[test]
fn a_run_or_a_report_that_cannot_be_read_is_no_base() {
    let mut world = World::default();
    world.finish("good", push("good"), &sarif(&["old"]));
    world.finish("torn", push("torn"), &sarif(&["old", "fresh"]));
    world.finish(
        "damaged",
        push("damaged"),
        &sarif(&["old", "fresh", "more"]),
    );
    world
        .journal
        .tamper(&stream("torn"), |records| records[0].at_ms += 1);
    let digest = Digest::of(sarif(&["old", "fresh", "more"]).as_bytes());
    let damaged = Fault::Malformed("the stored file is damaged".to_owned());
    world.blobs.lock().unwrap().insert(digest, Err(damaged));
    let digest = world.put(sarif(&["old", "fresh"]).as_bytes());
    let end = end_of(&mut world, digest);
    assert!(why(&end).starts_with("1 new finding;"), "{:?}", end.verdict);
}
