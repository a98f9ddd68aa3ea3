//! Purpose: stories of what a file and an event compile to.

mod defaults;
mod places;

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::super::lint;
use super::*;
use crate::plan::{PlannedJob, PlannedStage, Step};

const LOOK_ALIKE: &str = include_str!("../schema/good/look-alike.yaml");
const EVERYTHING: &str = include_str!("../schema/good/everything.yaml");

fn push(branch: &str) -> Facts {
    Facts {
        trigger: Trigger::Push {
            branch: branch.to_owned(),
        },
        changed_paths: None,
        environments: Environments::Own,
    }
}

fn tag(tag: &str) -> Facts {
    Facts {
        trigger: Trigger::Tag {
            tag: tag.to_owned(),
        },
        changed_paths: None,
        environments: Environments::Own,
    }
}

fn pull_request() -> Facts {
    let (base, head) = ("main".to_owned(), "$(reboot)".to_owned());
    Facts {
        trigger: Trigger::PullRequest {
            number: 7,
            base,
            head,
        },
        changed_paths: None,
        environments: Environments::Own,
    }
}

fn schedule(name: &str, branch: &str) -> Facts {
    let (name, branch) = (name.to_owned(), branch.to_owned());
    Facts {
        trigger: Trigger::Schedule { name, branch },
        changed_paths: None,
        environments: Environments::Own,
    }
}

fn manual(branch: &str) -> Facts {
    Facts {
        trigger: Trigger::Manual {
            branch: branch.to_owned(),
        },
        changed_paths: None,
        environments: Environments::Own,
    }
}

fn changed(paths: &[&str]) -> Facts {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    Facts {
        changed_paths: Some(paths),
        ..push("main")
    }
}

/// The plan as a story.
fn story(text: &str, facts: &Facts) -> String {
    match compile(text, facts) {
        Err(found) => format!("{found:#?}"),
        Ok(Compiled::NotTriggered { reason }) => format!("not triggered: {reason}\n"),
        Ok(Compiled::Run(plan)) => {
            let mut out = String::new();
            plan.jobs
                .iter()
                .for_each(|job| out.push_str(&job_story(job)));
            plan.stages
                .iter()
                .for_each(|stage| out.push_str(&stage_story(stage)));
            let Concurrency { group, on_new } = &plan.concurrency;
            writeln!(out, "in {group}: {on_new:?}").expect("a string takes all");
            out
        }
    }
}

fn job_story(job: &PlannedJob) -> String {
    let needs: Vec<&str> = job.needs.iter().map(|need| need.as_str()).collect();
    let needs = if needs.is_empty() {
        String::new()
    } else {
        format!(" after {}", needs.join(" & "))
    };
    if let Some(reason) = &job.skip {
        return format!("skip {}{needs}: {reason}\n", job.id);
    }
    let artifacts: Vec<&str> = job
        .artifacts
        .iter()
        .map(|artifact| artifact.name.as_str())
        .collect();
    format!(
        "job {}{needs}: {} retries={} reports={} artifacts={artifacts:?} cache={}\n",
        job.id,
        step_story(&job.step),
        job.retries,
        job.reports.len(),
        job.cache.len()
    )
}

fn step_story(step: &Step) -> String {
    let env: Vec<String> = step
        .env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let image = step.image.as_deref().unwrap_or("-");
    format!("{:?} {env:?} {}s {image}", step.run, step.timeout_seconds)
}

fn stage_story(stage: &PlannedStage) -> String {
    let after = stage
        .after
        .as_ref()
        .map_or(String::new(), |after| format!(" after {after}"));
    let mut out = format!(
        "stage {}{after}: {}\n",
        stage.environment,
        step_story(&stage.deploy)
    );
    for (what, step) in [("verify", &stage.verify), ("rollback", &stage.rollback)] {
        if let Some(step) = step {
            writeln!(out, "  {what} {}", step_story(step)).expect("a string takes all");
        }
    }
    if let Some(approval) = &stage.approval {
        writeln!(out, "  {approval:?}").expect("a string takes all");
    }
    for freeze in &stage.freeze {
        writeln!(out, "  {freeze:?}").expect("a string takes all");
    }
    if let Some(url) = &stage.url {
        writeln!(out, "  at {url}").expect("a string takes all");
    }
    out
}

fn check(text: &str, facts: &Facts, expected: &Expect) {
    expected.assert_eq(&story(text, facts));
}

#[test]
fn a_push_to_main_goes_to_production() {
    check(
        LOOK_ALIKE,
        &push("main"),
        &expect![[r#"
        job build: ["mage build"] [] 1200s golang:1.25 retries=0 reports=0 artifacts=[] cache=0
        job unit (go=1.24): ["go test -json ./... > unit.json"] ["MATRIX_GO=1.24"] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job unit (go=1.25): ["go test -json ./... > unit.json"] ["MATRIX_GO=1.25"] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job lint: ["golangci-lint run --output.sarif.path=lint.sarif"] [] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job smoke after build: [".ci/smoke.sh"] [] 1200s golang:1.25 retries=0 reports=0 artifacts=[] cache=0
        stage staging: [".ci/deploy.sh staging"] [] 1200s golang:1.25
          verify [".ci/smoke.sh"] [] 1200s golang:1.25
          rollback [".ci/rollback.sh staging"] [] 1200s golang:1.25
        stage production after staging: [".ci/deploy.sh production"] [] 1200s golang:1.25
          ApprovalPolicy { people: [], teams: ["release-approvers"], count: 1, exclude: [Initiator, Author], expires_seconds: 86400 }
          FreezeWindow { cron: "0 18 * * FRI", for_seconds: 223200, time_zone: "Asia/Shanghai" }
        in refs/heads/main: Cancel
    "#]],
    );
}

#[test]
fn a_release_branch_is_built_and_deployed_nowhere() {
    check(
        LOOK_ALIKE,
        &push("release-3.8"),
        &expect![[r#"
        job build: ["mage build"] [] 1200s golang:1.25 retries=0 reports=0 artifacts=[] cache=0
        job unit (go=1.24): ["go test -json ./... > unit.json"] ["MATRIX_GO=1.24"] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job unit (go=1.25): ["go test -json ./... > unit.json"] ["MATRIX_GO=1.25"] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job lint: ["golangci-lint run --output.sarif.path=lint.sarif"] [] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job smoke after build: [".ci/smoke.sh"] [] 1200s golang:1.25 retries=0 reports=0 artifacts=[] cache=0
        in refs/heads/release-3.8: Cancel
    "#]],
    );
}

#[test]
fn sec_14_a_pull_request_is_deployed_nowhere_and_its_text_is_in_no_command() {
    check(
        LOOK_ALIKE,
        &pull_request(),
        &expect![[r#"
        job build: ["mage build"] [] 1200s golang:1.25 retries=0 reports=0 artifacts=[] cache=0
        job unit (go=1.24): ["go test -json ./... > unit.json"] ["MATRIX_GO=1.24"] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job unit (go=1.25): ["go test -json ./... > unit.json"] ["MATRIX_GO=1.25"] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job lint: ["golangci-lint run --output.sarif.path=lint.sarif"] [] 1200s golang:1.25 retries=0 reports=1 artifacts=[] cache=0
        job smoke after build: [".ci/smoke.sh"] [] 1200s golang:1.25 retries=0 reports=0 artifacts=[] cache=0
        in refs/pull/7/head: Cancel
    "#]],
    );
    let Ok(Compiled::Run(plan)) = compile(LOOK_ALIKE, &pull_request()) else {
        panic!("it runs");
    };
    let text = serde_json::to_string(&plan).expect("JSON");
    assert!(!text.contains("reboot"), "{text}");
}

#[test]
fn everything_that_can_be_said_reaches_the_plan() {
    check(
        EVERYTHING,
        &tag("v1.2"),
        &expect![[r#"
        skip build: `if.branch` wants a branch, and a tag has none
        job test (go=1.20, os=linux/amd64) after build: ["make test"] ["CI=true", "JOBS=2", "MATRIX_GO=1.20", "MATRIX_OS=linux/amd64"] 5400s rust:1.95 retries=1 reports=0 artifacts=[] cache=0
        job test (go=1.25, os=linux/amd64) after build: ["make test"] ["CI=true", "JOBS=2", "MATRIX_GO=1.25", "MATRIX_OS=linux/amd64"] 5400s rust:1.95 retries=1 reports=0 artifacts=[] cache=0
        job test (go=1.25, os=linux/arm64) after build: ["make test"] ["CI=true", "JOBS=2", "MATRIX_GO=1.25", "MATRIX_OS=linux/arm64"] 5400s rust:1.95 retries=1 reports=0 artifacts=[] cache=0
        job test (go=1.26, os=linux/amd64, race=true) after build: ["make test"] ["CI=true", "JOBS=2", "MATRIX_GO=1.26", "MATRIX_OS=linux/amd64", "MATRIX_RACE=true"] 5400s rust:1.95 retries=1 reports=0 artifacts=[] cache=0
        stage staging: ["./deploy", "./announce"] ["CI=true", "JOBS=2", "TO=staging"] 600s alpine:3
          verify ["./smoke"] ["CI=true", "JOBS=2"] 5400s rust:1.95
          rollback ["./rollback"] ["CI=true", "JOBS=2"] 5400s rust:1.95
          at https://staging.example.org:8443/shop?from=ci
        stage production after staging: ["./deploy"] ["CI=true", "JOBS=2"] 5400s rust:1.95
          ApprovalPolicy { people: ["ana", "bob"], teams: ["release-approvers"], count: 2, exclude: [], expires_seconds: 2592000 }
          FreezeWindow { cron: "0 18 * * FRI", for_seconds: 223200, time_zone: "Asia/Shanghai" }
        in tag/refs/tags/v1.2/refs/tags/v1.2: Queue
    "#]],
    );
}

#[test]
fn what_the_file_does_not_ask_for_is_not_run() {
    check(
        LOOK_ALIKE,
        &push("dev"),
        &expect![[r#"
        not triggered: `on` does not ask for pushes of the branch dev
    "#]],
    );
    check(
        LOOK_ALIKE,
        &tag("nightly"),
        &expect![[r#"
        not triggered: `on.tag` does not name the tag nightly
    "#]],
    );
    check(
        LOOK_ALIKE,
        &schedule("weekly", "main"),
        &expect![[r#"
        not triggered: `on.schedule` has no schedule weekly
    "#]],
    );
    check(
        LOOK_ALIKE,
        &schedule("nightly", "dev"),
        &expect![[r#"
        not triggered: the schedule nightly is for the branch main, not dev
    "#]],
    );
    let tags = "{ version: 1, on: { tag: [v1] }, jobs: { a: { run: x } } }";
    check(
        tags,
        &push("main"),
        &expect![[r#"
        not triggered: `on` does not ask for pushes
    "#]],
    );
    check(
        tags,
        &pull_request(),
        &expect![[r#"
        not triggered: `on` does not ask for pull requests
    "#]],
    );
    check(
        tags,
        &manual("main"),
        &expect![[r#"
        job a: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        in refs/heads/main: Queue
    "#]],
    );
}

const FILTERS: &str = "version: 1
jobs:
  code: { run: x, paths: [\"src/**\"], paths-ignore: [\"**/*.md\"] }
  docs: { run: x, if: { changed: [\"docs/**\", \"*.md\"] } }
  all: { run: x, needs: [code, docs] }
  quiet: { run: x, paths-ignore: [\"**/*.md\"] }
  main: { run: x, if: { branch: [main], event: [push, schedule] } }
";

#[test]
fn skipped_jobs_say_why_and_others_run_after_them() {
    check(
        FILTERS,
        &changed(&["src/main.go"]),
        &expect![[r#"
        job code: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        skip docs: no changed path matches `if.changed`
        job all after code & docs: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job quiet: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job main: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        in refs/heads/main: Cancel
    "#]],
    );
    check(
        FILTERS,
        &changed(&["README.md", "src/README.md"]),
        &expect![[r#"
            skip code: every changed path that counts matches `paths-ignore`
            job docs: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
            job all after code & docs: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
            skip quiet: every changed path that counts matches `paths-ignore`
            job main: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
            in refs/heads/main: Cancel
        "#]],
    );
    check(
        FILTERS,
        &changed(&[]),
        &expect![[r#"
        skip code: no changed path matches `paths`
        skip docs: no changed path matches `if.changed`
        job all after code & docs: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        skip quiet: every changed path that counts matches `paths-ignore`
        job main: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        in refs/heads/main: Cancel
    "#]],
    );
    check(
        FILTERS,
        &pull_request(),
        &expect![[r#"
        job code: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job docs: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job all after code & docs: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job quiet: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        skip main: `if.event` wants push or schedule, and this is pull_request
        in refs/pull/7/head: Cancel
    "#]],
    );
    check(
        FILTERS,
        &tag("v1"),
        &expect![[r#"
        not triggered: `on.tag` does not name the tag v1
    "#]],
    );
}

#[test]
fn a_bad_file_compiles_to_its_mistakes_and_a_plan_names_its_file() {
    let bad = "{ version: 1, jobs: { a: { run: x, needs: [b] } } }";
    assert_eq!(compile(bad, &push("main")), Err(lint(bad)));
    let Ok(Compiled::Run(plan)) = compile(LOOK_ALIKE, &push("main")) else {
        panic!("it runs")
    };
    assert_eq!(plan.pipeline, Digest::of(LOOK_ALIKE.as_bytes()));
    let again = serde_json::to_string(&plan).and_then(|text| serde_json::from_str::<Plan>(&text));
    assert_eq!(again.expect("a plan is kept as JSON"), plan);
}
