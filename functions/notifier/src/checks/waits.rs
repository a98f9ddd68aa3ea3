//! Purpose: where a run stands in the lines that it waits in: one read of the journal for each line, none where nothing
//! waits.

use std::collections::BTreeMap;

use domain::change::Change;
use domain::ids::{EnvironmentName, JobId, PersonId};
use domain::kernel::{Machine, StreamId};
use domain::lane::Lane;
use domain::pool::{JOBS, Pool};
use domain::repository::Repository;
use domain::run::{Approval, Opening, Run, StagePhase, TaskId};
use engine::{Fault, load};
use github::checks::{Line, Waits};

use crate::Deps;

/// What the run waits for now; nothing of one that is over.
pub(super) async fn of(deps: &Deps<'_>, run: &Run) -> Result<Waits, Fault> {
    let mut waits = Waits::default();
    let Some(opening) = run.opening.as_deref().filter(|_| !run.is_over()) else {
        return Ok(waits);
    };
    if run.waits_for_trust() || run.is_stopping() {
        return Ok(waits);
    }
    if !run.has_turn {
        let group = &opening.plan.concurrency.group;
        let stream = StreamId::change(opening.repository, group);
        let change: Change = line(deps, &stream).await?;
        waits.behind = change.before(&opening.run).cloned();
    }
    if run.attempts_that_want_a_slot().next().is_some() {
        let pool: Pool = line(deps, &StreamId::pool(JOBS)).await?;
        waits.jobs = places(&pool, opening);
    }
    let begins = |phase| matches!(phase, &StagePhase::WantsLane | &StagePhase::HoldsLane);
    if run.stages.values().any(|stage| begins(&stage.phase)) {
        let stream = StreamId::repository(opening.repository);
        let repository: Repository = line(deps, &stream).await?;
        waits.frozen = repository.frozen().is_some();
    }
    for (environment, stage) in &run.stages {
        match (&stage.phase, &stage.approval) {
            (StagePhase::WantsLane, _) => {
                let turn = turn(deps, opening, environment).await?;
                waits.lanes.insert(environment.clone(), turn);
            }
            (StagePhase::Approval, Some(approval)) => {
                let logins = approvers(deps, approval).await?;
                waits.approvers.insert(environment.clone(), logins);
            }
            _ => {}
        }
    }
    Ok(waits)
}

/// A stream that cannot be read is somebody else's to mend: the run is shown without its place.
async fn line<M: Machine>(deps: &Deps<'_>, stream: &StreamId) -> Result<M, Fault> {
    match load::<M>(deps.journal, stream).await {
        Ok(loaded) => Ok(loaded.state),
        Err(fault) if fault.is_transient() => Err(fault),
        Err(fault) => {
            tracing::warn!(%fault, %stream, "a run is shown without its place in this line");
            Ok(M::default())
        }
    }
}

/// The places of the run's jobs; of two attempts of one job only one can wait.
fn places(pool: &Pool, opening: &Opening) -> BTreeMap<JobId, usize> {
    let mut places = BTreeMap::new();
    for (before, ticket) in pool.line().into_iter().enumerate() {
        let is_ours = ticket.repository == opening.repository && ticket.run == opening.run;
        if let (true, TaskId::Job(job)) = (is_ours, &ticket.attempt.task) {
            places.insert(job.clone(), before + 1);
        }
    }
    places
}

async fn turn(
    deps: &Deps<'_>,
    opening: &Opening,
    environment: &EnvironmentName,
) -> Result<Line, Fault> {
    let stream = StreamId::lane(opening.repository, environment);
    let lane: Lane = line(deps, &stream).await?;
    let holder = lane.holder.as_ref().map(|holder| &holder.run);
    Ok(Line {
        position: lane.position(&opening.run),
        holder: holder.filter(|run| **run != opening.run).cloned(),
    })
}

/// Logins of those who may decide and have not; by number those who are not known any more.
async fn approvers(deps: &Deps<'_>, approval: &Approval) -> Result<Vec<String>, Fault> {
    let has_decided = |person: &PersonId| approval.decisions.iter().any(|d| d.person == *person);
    let ids = approval.approvers.iter().copied();
    let ids = ids.filter(|person| approval.may_decide(*person) && !has_decided(person));
    let ids: Vec<PersonId> = ids.collect();
    let known = match deps.people.persons(&ids).await {
        Ok(known) => known,
        Err(fault) if fault.is_transient() => return Err(fault),
        Err(fault) => {
            tracing::warn!(%fault, "the logins of approvers are missing");
            Vec::new()
        }
    };
    let login = |id: &PersonId| {
        let person = known.iter().find(|person| person.id == *id);
        person.map_or_else(|| format!("person {id}"), |person| person.login.clone())
    };
    Ok(ids.iter().map(login).collect())
}
