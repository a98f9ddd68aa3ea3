//! Purpose: the laws of lanes and pools: S5, S10, S11, and no more jobs than places.

use domain::kernel::StreamId;
use domain::lane::{self, Lane};
use domain::pool::{self, Pool};

use super::{Broken, broken};
use crate::sim::world::World;

/// Holds one event of a lane against the laws.
pub(super) fn lane_event(
    world: &World,
    stream: &StreamId,
    before: &Lane,
    event: &lane::Event,
) -> Result<(), Broken> {
    match event {
        lane::Event::Granted { run, fence, .. } => {
            if *fence <= before.fence {
                let what = format!("{stream}: fence {fence} for {run} after {}", before.fence);
                return broken("S11", what);
            }
            if let Some(holder) = &before.holder {
                let what = format!(
                    "{stream} was granted to {run} while {} holds it",
                    holder.run
                );
                return broken("S5", what);
            }
            Ok(())
        }
        lane::Event::Returned { run, .. } | lane::Event::Reclaimed { run, .. } => {
            // S10: by what the world sees, and not by what the run believes.
            let environment = stream.rest().split_once('/').map_or("", |(_, name)| name);
            let state = world.state();
            let busy = state.builds.iter().find(|(_, build)| {
                let here = build.attempt.task.environment();
                build.run == *run
                    && here.is_some_and(|name| name.as_str() == environment)
                    && build.works_at(state.real_ms)
            });
            match busy {
                Some((id, build)) => broken(
                    "S10",
                    format!(
                        "{stream} was let go while {id} ({}) works on it",
                        build.attempt
                    ),
                ),
                None => Ok(()),
            }
        }
        lane::Event::Queued { .. } | lane::Event::Left { .. } => Ok(()),
    }
}

/// No more places than there are.
pub(super) fn pool_event(world: &World, before: &Pool, event: &pool::Event) -> Result<(), Broken> {
    let pool::Event::Granted { tickets } = event else {
        return Ok(());
    };
    let held = before.holders.len() + tickets.len();
    if held > world.pool {
        return broken(
            "pool",
            format!("{held} places are granted, there are {}", world.pool),
        );
    }
    Ok(())
}
