//! Purpose: what is left of a plan when some of it is good already.

use super::*;
use crate::pipeline::{Compiled, Environments, Facts, compile};
use crate::plan::Trigger;

const FILE: &str = "version: 1
jobs:
  build: { run: make }
  lint: { run: lint }
  unit: { run: test, needs: [build], matrix: { go: ['1.24', '1.25'] } }
  report: { run: report, needs: [unit, lint] }
";

fn plan() -> Plan {
    let facts = Facts {
        trigger: Trigger::Push {
            branch: "main".to_owned(),
        },
        changed_paths: None,
        environments: Environments::Own,
    };
    match compile(FILE, &facts) {
        Ok(Compiled::Run(plan)) => plan,
        other => panic!("{other:?}"),
    }
}

fn ids(ids: &[&str]) -> BTreeSet<JobId> {
    ids.iter().map(|id| JobId::new(*id)).collect()
}

#[test]
fn a_name_means_every_cell_and_a_cell_only_itself() {
    let plan = plan();
    let both = ids(&["unit (go=1.24)", "unit (go=1.25)"]);
    assert_eq!(named(&plan.jobs, "unit"), both);
    assert_eq!(
        named(&plan.jobs, "unit (go=1.25)"),
        ids(&["unit (go=1.25)"])
    );
    assert_eq!(named(&plan.jobs, "deploy"), ids(&[]));
    let with = ids(&["build", "unit (go=1.25)"]);
    assert_eq!(with_needs(&plan.jobs, ids(&["unit (go=1.25)"])), with);
}

#[test]
fn what_is_good_is_skipped_unless_something_open_needs_it() {
    let mut plan = plan();
    let good = ids(&["build", "lint", "unit (go=1.24)"]);
    skip_good(&mut plan, &good, "it succeeded in run r1");
    let skipped = plan.jobs.iter().filter(|job| job.skip.is_some());
    // The report is open, and needs all of them but through the cells of unit.
    assert_eq!(skipped.count(), 0);

    let mut plan = super::tests::plan();
    let good = ids(&["build", "unit (go=1.24)", "unit (go=1.25)", "report"]);
    skip_good(&mut plan, &good, "it succeeded in run r1");
    let kept: Vec<&str> = plan
        .jobs
        .iter()
        .filter(|job| job.skip.is_none())
        .map(|job| job.id.as_str())
        .collect();
    assert_eq!(kept, ["lint"]);
    assert_eq!(plan.jobs[0].skip.as_deref(), Some("it succeeded in run r1"));
}
