//! Purpose: what a merge queue is about to merge: what of it runs, by which rules, and until when.

use domain::delivery::Answer;
use domain::plan::Trigger;
use serde_json::{Value, json};

use crate::forks::{reason_of, run_of};
use crate::world::{FILE, World};

const QUEUE: &str = "gh-readonly-queue/main/pr-7-b";
const DEPLOYED: &str = "environments: { staging: { branches: [\"*\"], deploy: { run: ship } } }\n";

fn group(action: &str, (base, head): (&str, &str)) -> Value {
    json!({
        "action": action,
        "merge_group": {
            "head_sha": head, "head_ref": format!("refs/heads/{QUEUE}"),
            "base_sha": base, "base_ref": "refs/heads/main",
        },
        "repository": { "id": 7 },
        "sender": { "id": 2, "login": "u2" },
    })
}

/// A world with a group in the queue that changes the pipeline file; the branch's commit and the group's.
fn queued(rules: &str) -> (World, String, String) {
    let world = World::new();
    let base = world.commit_file(rules);
    world.git(&["checkout", "-q", "-b", QUEUE]);
    let head = world.commit_file(FILE.replace("unit", "sly"));
    world.git(&["checkout", "-q", "main"]);
    (world, base, head)
}

fn give_up(world: &World) {
    world.git(&["branch", "-q", "-D", QUEUE]);
}

async fn said(world: &World, action: &str, commits: (&str, &str)) -> Answer {
    world.plan("merge_group", &group(action, commits)).await
}

fn answer_of(answer: &Answer) -> &str {
    match answer {
        Answer::Answered { text } => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn sec_04_a_merge_group_runs_by_the_rules_of_its_branch_and_is_deployed_nowhere() {
    let (world, base, head) = queued(&format!("{FILE}{DEPLOYED}"));
    let answer = said(&world, "checks_requested", (&base, &head)).await;
    let opening = world.opening(&answer).await;
    assert_eq!(opening.commit.as_str(), head);
    assert_eq!(opening.reference, format!("refs/heads/{QUEUE}"));
    let trigger = Trigger::MergeGroup {
        base: "main".to_owned(),
        head: QUEUE.to_owned(),
    };
    assert_eq!(opening.trigger, trigger);
    let jobs: Vec<&str> = opening
        .plan
        .jobs
        .iter()
        .map(|job| job.id.as_str())
        .collect();
    assert_eq!((jobs, opening.plan.stages.len()), (vec!["unit"], 0));
    assert!(!opening.awaits_trust && opening.has_checks);
    // GitHub shows it at the commit that the queue waits for.
    let shown = world.checks(&opening).await.opening.unwrap();
    assert_eq!((shown.commit.as_str(), shown.pull_request), (&*head, None));
}

#[tokio::test]
async fn sec_04_a_group_made_on_another_one_runs_by_the_rules_of_the_branch_too() {
    let (world, _, first) = queued(FILE);
    world.git(&["checkout", "-q", QUEUE]);
    let second = world.commit_file(FILE.replace("unit", "slier"));
    world.git(&["checkout", "-q", "main"]);
    let answer = said(&world, "checks_requested", (&first, &second)).await;
    let plan = world.opening(&answer).await.plan;
    assert_eq!(plan.jobs[0].id.as_str(), "unit");
}

#[tokio::test]
async fn a_group_has_one_run_and_its_end_ends_that() {
    let (world, base, head) = queued(FILE);
    let commits = (&*base, &*head);
    let run = run_of(&said(&world, "checks_requested", commits).await);
    let mut again = group("checks_requested", commits);
    again["sender"]["id"] = json!(3);
    assert_eq!(run_of(&world.plan("merge_group", &again).await), run);
    give_up(&world);
    let told = said(&world, "destroyed", commits).await;
    assert_eq!(answer_of(&told), "the run of the merge group was cancelled");
    let ended = world.run(&run).await.finished.unwrap();
    let why = "cancelled: the merge queue has merged the group or given it up";
    assert_eq!(ended.headline, why);
    let mut again = group("destroyed", commits);
    again["reason"] = json!("dequeued");
    let told = world.plan("merge_group", &again).await;
    assert_eq!(answer_of(&told), "nothing ran any more for the merge group");
}

#[tokio::test]
async fn a_group_that_was_given_up_before_anybody_heard_of_it_has_no_run() {
    let (world, base, head) = queued(FILE);
    give_up(&world);
    let told = said(&world, "destroyed", (&base, &head)).await;
    assert_eq!(answer_of(&told), "nothing ran any more for the merge group");
    let late = said(&world, "checks_requested", (&base, &head)).await;
    assert_eq!(
        reason_of(&late),
        "the merge queue does not ask for it any more"
    );
}

#[tokio::test]
async fn a_group_runs_where_pull_requests_or_pushes_of_its_branch_do() {
    for (on, runs) in [
        ("on: { push: {} }", true),
        ("on: { pull_request: {} }", true),
        ("on: { push: { branches: [release] } }", false),
        ("on: { tag: [\"v*\"] }", false),
    ] {
        let rules = format!("{FILE}{on}\n");
        let (world, base, head) = queued(&rules);
        let told = said(&world, "checks_requested", (&base, &head)).await;
        let planned = matches!(told, Answer::Planned { .. });
        assert_eq!(planned, runs, "{on}: {told:?}");
    }
}

#[tokio::test]
async fn a_push_of_the_queues_own_branch_runs_nothing() {
    let (world, base, head) = queued(FILE);
    let mut push = crate::world::push(&head, 2);
    push["ref"] = json!(format!("refs/heads/{QUEUE}"));
    push["before"] = json!(base);
    let told = world.plan("push", &push).await;
    let why = "of a merge queue's own branch the events of its group say all";
    assert_eq!(reason_of(&told), why);
}
