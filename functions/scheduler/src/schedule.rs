//! Purpose: what the schedule of repairs asks for: every five minutes the deliveries that did not arrive, once an hour the
//! heads that no delivery told of.

use engine::Fault;
use engine::ports::{DeliveryLog, RefMoves, Repositories};
use jiff::Timestamp;

use crate::heads::{self, HOUR_SECONDS};
use crate::repair;

/// How often the schedule calls, see `Repair` in `template.yaml`.
const CALLED_EVERY_SECONDS: i64 = 300;

/// What the repairs may touch.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    pub scheduler: &'a crate::Deps<'a>,
    pub log: &'a dyn DeliveryLog,
    pub repositories: &'a dyn Repositories,
    pub moves: &'a dyn RefMoves,
}

/// Looks for what is missing. GitHub being away for a while is no failure of ours, the next look is minutes ahead.
///
/// # Errors
/// What does not pass by itself: the App's number, its key, its webhook.
pub async fn on_schedule(deps: &Deps<'_>) -> Result<(), Fault> {
    let all = deps.scheduler;
    let repaired = repair::repair(&repair::Deps {
        journal: all.journal,
        inbox: all.inbox,
        clock: all.clock,
        doorbells: all.doorbells,
        log: deps.log,
    })
    .await;
    let is_away = repaired.as_ref().is_err_and(Fault::is_transient);
    // A delivery that can still be fetched is better than one that is made up; a webhook that is switched off has none.
    let looked = match is_hourly(all.clock.now()) && !is_away {
        true => heads::look(&deps.heads()).await.map(|_| ()),
        false => Ok(()),
    };
    tolerated(repaired.map(|_| ())).and(tolerated(looked))
}

impl<'a> Deps<'a> {
    fn heads(&self) -> heads::Deps<'a> {
        let all = self.scheduler;
        heads::Deps {
            journal: all.journal,
            inbox: all.inbox,
            clock: all.clock,
            doorbells: all.doorbells,
            sources: all.sources,
            repositories: self.repositories,
            moves: self.moves,
        }
    }
}

/// Whether this is the first call of an hour. A second one finds nothing, and a missed one is made up for by the next.
fn is_hourly(now: Timestamp) -> bool {
    now.as_second().rem_euclid(HOUR_SECONDS) < CALLED_EVERY_SECONDS
}

fn tolerated(done: Result<(), Fault>) -> Result<(), Fault> {
    match done {
        Err(fault) if fault.is_transient() => {
            tracing::warn!(metric.RepairsDeferred = 1u64, %fault, "deliveries were not compared");
            Ok(())
        }
        done => done,
    }
}
