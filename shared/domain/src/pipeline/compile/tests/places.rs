//! Purpose: which environments take a run, which place a run shares with others, and when runs start by themselves.

use super::*;
use crate::pipeline::read;

#[test]
fn an_environment_takes_what_the_one_before_takes() {
    let text = "version: 1\non: { push: {}, pull_request: {}, tag: [\"v*\"] }\njobs: { a: { run: x } }\nenvironments:\n  \
                last: { after: next, deploy: { run: x } }\n  \
                next: { after: first, branches: [main], deploy: { run: x } }\n  \
                first: { branches: [main, dev], tags: [\"v*\"], deploy: { run: x } }\n  \
                tags: { tags: [\"v1*\"], deploy: { run: x } }\n";
    let stages = |facts: &Facts| match compile(text, facts) {
        Ok(Compiled::Run(plan)) => plan
            .stages
            .iter()
            .map(|s| s.environment.to_string())
            .collect::<Vec<_>>()
            .join(" "),
        other => format!("{other:?}"),
    };
    assert_eq!(stages(&push("main")), "first next last");
    assert_eq!(stages(&push("dev")), "first");
    assert_eq!(stages(&push("other")), "");
    assert_eq!(stages(&tag("v2")), "first");
    assert_eq!(stages(&tag("v1.0")), "first tags");
    assert_eq!(stages(&manual("main")), "first next last");
    assert_eq!(stages(&pull_request()), "");
}

fn place(group: &str, facts: &Facts) -> String {
    let text = format!(
        "{{ version: 1, on: {{ push: {{}}, pull_request: {{}}, tag: [\"v*\"], \
        schedule: [{{ name: n, cron: \"0 3 * * *\", branch: main }}] }}, jobs: {{ a: {{ run: x }} }}, \
        concurrency: {group} }}"
    );
    match compile(&text, facts) {
        Ok(Compiled::Run(Plan { concurrency, .. })) => {
            format!("{} {:?}", concurrency.group, concurrency.on_new)
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn runs_share_a_place_by_what_started_them() {
    assert_eq!(place("{}", &push("main")), "refs/heads/main Cancel");
    assert_eq!(place("{}", &manual("main")), "refs/heads/main Queue");
    assert_eq!(place("{}", &tag("v1")), "refs/tags/v1 Queue");
    assert_eq!(place("{}", &pull_request()), "refs/pull/7/head Cancel");
    assert_eq!(place("{}", &schedule("n", "main")), "schedule/n Queue");
    assert_eq!(
        place("{ on_new: queue }", &push("main")),
        "refs/heads/main Queue"
    );
    assert_eq!(place("{ group: gpu }", &push("main")), "gpu Cancel");
    let group = "{ group: \"${branch}-${event}\" }";
    assert_eq!(place(group, &push("main")), "main-push Cancel");
    assert_eq!(place(group, &tag("v1")), "refs/tags/v1-tag Queue");
    // A branch that is called like a variable is not filled in again.
    assert_eq!(place(group, &push("${event}")), "${event}-push Cancel");
}

#[test]
fn a_pull_request_cannot_take_the_place_of_a_branch() {
    assert_eq!(
        place("{ group: gpu }", &pull_request()),
        "pull/7: gpu Cancel"
    );
    assert_eq!(
        place("{ group: \"${branch}\" }", &pull_request()),
        "pull/7: main Cancel"
    );
}

#[test]
fn schedules_are_listed_with_their_defaults() {
    let of = |text: &str| schedules(&read(text).expect("good"));
    assert_eq!(of("{ version: 1, jobs: { a: { run: x } } }"), []);
    let nightly = |time_zone: &str, cron: &str, catch_up| ScheduleSpec {
        name: "nightly".to_owned(),
        cron: cron.to_owned(),
        branch: "main".to_owned(),
        time_zone: time_zone.to_owned(),
        catch_up,
    };
    assert_eq!(of(LOOK_ALIKE), [nightly("UTC", "0 3 * * *", true)]);
    assert_eq!(
        of(EVERYTHING),
        [nightly("Europe/Berlin", "0 3 * * MON-FRI", false)]
    );
}

#[test]
fn nothing_is_deployed_if_every_job_is_skipped() {
    let text = "{ version: 1, jobs: { a: { run: x, paths: [src/*] } }, \
                environments: { s: { branches: [main], deploy: { run: y } } } }";
    check(
        text,
        &changed(&["README.md"]),
        &expect![[r#"
        skip a: no changed path matches `paths`
        in refs/heads/main: Cancel
    "#]],
    );
    check(
        text,
        &changed(&["src/a"]),
        &expect![[r#"
        job a: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        stage s: ["y"] [] 3600s -
        in refs/heads/main: Cancel
    "#]],
    );
}

#[test]
fn jobs_are_in_the_order_of_their_needs_then_of_the_file() {
    let text = "{ version: 1, jobs: { z: { run: x, needs: [m] }, b: { run: x }, a: { run: x }, \
                m: { run: x, matrix: { v: [2, 1] } } } }";
    check(
        text,
        &push("main"),
        &expect![[r#"
        job b: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job a: ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job m (v=2): ["x"] ["MATRIX_V=2"] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job m (v=1): ["x"] ["MATRIX_V=1"] 3600s - retries=0 reports=0 artifacts=[] cache=0
        job z after m (v=2) & m (v=1): ["x"] [] 3600s - retries=0 reports=0 artifacts=[] cache=0
        in refs/heads/main: Cancel
    "#]],
    );
}

fn merge_group(number: u64) -> Facts {
    Facts {
        trigger: Trigger::MergeGroup {
            base: "main".to_owned(),
            head: format!("gh-readonly-queue/main/pr-{number}-b"),
        },
        changed_paths: None,
        environments: Environments::Own,
    }
}

#[test]
fn a_merge_group_runs_what_a_pull_request_would_in_a_place_of_its_own_and_is_deployed_nowhere() {
    let text = "version: 1\nenvironments:\n  staging: { branches: [\"*\"], deploy: { run: x } }\njobs:\n  \
                a: { run: x, if: { event: [pull_request] } }\n  b: { run: x, if: { event: [push] } }\n";
    let Ok(Compiled::Run(plan)) = compile(text, &merge_group(7)) else {
        panic!()
    };
    let skipped: Vec<Option<&str>> = plan.jobs.iter().map(|job| job.skip.as_deref()).collect();
    let why = "`if.event` wants push, and this is merge_group";
    assert_eq!(skipped, [None, Some(why)]);
    assert_eq!(plan.stages, []);
    let own = "refs/heads/gh-readonly-queue/main/pr-7-b Queue";
    assert_eq!(place("{}", &merge_group(7)), own);
    let shared = "{ group: gpu }";
    assert_ne!(
        place(shared, &merge_group(7)),
        place(shared, &merge_group(8))
    );
    assert_ne!(place(shared, &merge_group(7)), place(shared, &push("main")));
}
