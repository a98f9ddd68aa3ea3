//! Purpose: L5, what GitHub shows once all is at rest: each run and each deployment as it ended, and nothing twice.

use domain::checks::Deployment;
use domain::run::Run;

use super::fold::Fold;
use super::{Broken, Checker, broken};
use crate::sim::host::BASE_URL;
use crate::sim::world::{State, World};

impl Checker {
    /// L5: GitHub shows how every run ended.
    pub(super) fn shown_at_the_end(&self, world: &World) -> Result<(), Broken> {
        for stream in self.runs.keys() {
            let fold = self.streams.get(stream).map(|followed| &followed.fold);
            let Some(Fold::Run(run)) = fold else {
                return broken("L5", format!("{stream} is no run"));
            };
            shown(world, run)?;
        }
        Ok(())
    }
}

fn shown(world: &World, run: &Run) -> Result<(), Broken> {
    let state = world.state();
    let view = github::checks::view(run, BASE_URL);
    for deployment in &view.deployments {
        deployed(&state, deployment)?;
    }
    for check in view.checks {
        let name = &check.external_id;
        let there: Vec<_> = state
            .check_runs
            .iter()
            .filter(|there| there.check.external_id == *name)
            .collect();
        match there[..] {
            [] => return broken("L5", format!("GitHub does not show {name}")),
            [one] if one.check == check => {}
            [one] => {
                let what = format!(
                    "GitHub shows {name} as {:?}, the run says {:?}",
                    one.check.status, check.status
                );
                return broken("L5", what);
            }
            _ => return broken("L5", format!("GitHub shows {name} {} times", there.len())),
        }
    }
    Ok(())
}

/// There is one, its last status is how it ended, and it got that status once; none where the App may show none.
fn deployed(state: &State, deployment: &Deployment) -> Result<(), Broken> {
    let name = &deployment.external_id;
    let there = state.deployments.iter().filter(|there| there.name == *name);
    let there: Vec<_> = there.collect();
    match there[..] {
        [] if state.refuses_deployments => Ok(()),
        [] => broken("L5", format!("GitHub does not show the deployment {name}")),
        [one] if one.statuses.last() != Some(deployment) => {
            let last = one.statuses.last().map(|last| last.state);
            let what = format!(
                "GitHub shows the deployment {name} as {last:?}, the run says {:?}",
                deployment.state
            );
            broken("L5", what)
        }
        [one] => match one.statuses.iter().filter(|one| *one == deployment).count() {
            1 => Ok(()),
            times => broken("L5", format!("the deployment {name} ended {times} times")),
        },
        _ => broken(
            "L5",
            format!("GitHub shows the deployment {name} {} times", there.len()),
        ),
    }
}
