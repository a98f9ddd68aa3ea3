//! Purpose: what `slipway run` runs: the plan of the file for the event that is pretended, without environments, perhaps
//! with one job and what it needs alone.

use std::collections::BTreeSet;

use domain::ids::EnvironmentName;
use domain::pipeline::{self, Compiled, Diagnostic, FILE_NAME, Facts};
use domain::plan::{Plan, PlannedJob, Trigger};
use local::git::is_valid_ref;

use crate::args::{EventKind, RunArgs};
use crate::commands::find;
use crate::failure::Failure;

/// A plan, and what it is made for.
#[derive(Debug)]
pub struct Chosen {
    pub plan: Plan,
    pub trigger: Trigger,
    /// The full ref.
    pub reference: String,
    /// Environments that a machine would deploy to.
    pub not_deployed: Vec<EnvironmentName>,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub enum No {
    Mistakes(Vec<Diagnostic>),
    Failure(Failure),
}

/// Compiles the file and leaves out what was not asked for.
pub fn choose(text: &str, branch: &str, args: &RunArgs) -> Result<Chosen, No> {
    let (trigger, reference) = pretend(args.event, branch).map_err(No::Failure)?;
    let facts = Facts {
        trigger: trigger.clone(),
        // Everything counts as changed: a person who runs it wants to see it run.
        changed_paths: None,
        environments: pipeline::Environments::Own,
    };
    let mut plan = match pipeline::compile(text, &facts) {
        Ok(Compiled::Run(plan)) => plan,
        Ok(Compiled::NotTriggered { reason }) => {
            return Err(No::Failure(
                Failure::usage(format!("nothing runs here: {reason}")).help(
                    "pretend something else: `--branch main`, `--event tag --branch v1.0`, `--event pull_request`",
                ),
            ));
        }
        Err(mistakes) => return Err(No::Mistakes(mistakes)),
    };
    let not_deployed = plan
        .stages
        .drain(..)
        .map(|stage| stage.environment)
        .collect();
    if let Some(job) = &args.job {
        plan.jobs = only(&plan.jobs, job).map_err(No::Failure)?;
    }
    Ok(Chosen {
        plan,
        trigger,
        reference,
        not_deployed,
    })
}

/// The event, and the ref that it is about.
fn pretend(event: EventKind, branch: &str) -> Result<(Trigger, String), Failure> {
    let name = branch.to_owned();
    let (trigger, reference) = match event {
        EventKind::Push => (
            Trigger::Push { branch: name },
            format!("refs/heads/{branch}"),
        ),
        EventKind::Tag => (Trigger::Tag { tag: name }, format!("refs/tags/{branch}")),
        EventKind::PullRequest => {
            let trigger = Trigger::PullRequest {
                number: 0,
                base: name.clone(),
                head: name,
            };
            (trigger, format!("refs/heads/{branch}"))
        }
    };
    if is_valid_ref(&reference) {
        return Ok((trigger, reference));
    }
    Err(
        Failure::usage(format!("{branch:?} is no name that git allows"))
            .help("name a branch such as `main`, or a tag such as `v1.0`"),
    )
}

/// The job of this name (every cell of its matrix) or this cell, and all that it needs.
fn only(jobs: &[PlannedJob], wanted: &str) -> Result<Vec<PlannedJob>, Failure> {
    let named = pipeline::named(jobs, wanted);
    if named.is_empty() {
        let names: BTreeSet<String> = jobs.iter().map(|job| job.name.clone()).collect();
        return Err(Failure::usage(format!("{FILE_NAME} has no job {wanted:?}"))
            .help(find::candidates(names)));
    }
    let kept = pipeline::with_needs(jobs, named);
    Ok(jobs
        .iter()
        .filter(|job| kept.contains(&job.id))
        .cloned()
        .collect())
}

#[cfg(test)]
mod tests;
