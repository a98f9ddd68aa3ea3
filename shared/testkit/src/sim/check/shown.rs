//! Purpose: L5, what GitHub shows once all is at rest: each run as it ended, and nothing twice.

use domain::run::Run;

use super::fold::Fold;
use super::{Broken, Checker, broken};
use crate::sim::host::BASE_URL;
use crate::sim::world::World;

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
    for check in github::checks::view(run, BASE_URL).checks {
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
