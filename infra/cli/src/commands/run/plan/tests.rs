//! Purpose: which jobs `slipway run` chooses, and how it says no.

use super::*;

const FILE: &str = "\
version: 1
on: { push: { branches: [main] }, tag: ['v*'] }
jobs:
  build: { run: make }
  unit: { run: make test, needs: [build], matrix: { go: ['1.24', '1.25'] } }
  lint: { run: make lint }
  all: { run: make all, needs: [unit, lint] }
environments:
  staging: { branches: [main], deploy: { run: make deploy } }
";

fn args(job: Option<&str>, event: EventKind) -> RunArgs {
    RunArgs {
        job: job.map(str::to_owned),
        event,
        branch: None,
    }
}

fn jobs(job: Option<&str>) -> Vec<String> {
    let chosen = choose(FILE, "main", &args(job, EventKind::Push)).unwrap();
    chosen
        .plan
        .jobs
        .iter()
        .map(|job| job.id.to_string())
        .collect()
}

#[test]
fn the_whole_graph_without_environments() {
    let chosen = choose(FILE, "main", &args(None, EventKind::Push)).unwrap();
    assert_eq!(chosen.plan.jobs.len(), 5);
    assert!(chosen.plan.stages.is_empty());
    assert_eq!(chosen.not_deployed, [EnvironmentName::new("staging")]);
    assert_eq!(chosen.reference, "refs/heads/main");
}

#[test]
fn a_job_brings_what_it_needs_and_no_more() {
    assert_eq!(jobs(Some("lint")), ["lint"]);
    assert_eq!(
        jobs(Some("unit")),
        ["build", "unit (go=1.24)", "unit (go=1.25)"]
    );
    assert_eq!(jobs(Some("unit (go=1.25)")), ["build", "unit (go=1.25)"]);
    assert_eq!(jobs(Some("all")).len(), 5);
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let Err(No::Failure(failure)) = choose(FILE, "main", &args(Some("uint"), EventKind::Push))
    else {
        panic!("there is no such job");
    };
    assert_eq!(failure.what, ".slipway.yaml has no job \"uint\"");
    assert_eq!(failure.help.unwrap(), "name one of: all, build, lint, unit");

    let Err(No::Failure(failure)) = choose(FILE, "topic", &args(None, EventKind::Push)) else {
        panic!("the branch triggers nothing");
    };
    assert!(failure.what.starts_with("nothing runs here: "), "{failure}");

    let Err(No::Failure(failure)) = choose(FILE, "a..b", &args(None, EventKind::Push)) else {
        panic!("that is no branch");
    };
    assert_eq!(failure.code, 2);
}
