//! Purpose: the request for the build of one attempt: its commands, its facts, its inputs.

use std::collections::BTreeMap;

use domain::ids::EnvironmentName;
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::run::{Attempt, Opening, Run, Stage, TaskId};

use super::{Tasks, claim_secret, intent};
use crate::fault::Fault;
use crate::load::load;
use crate::ports::{Artifact, BuildRequest, Trust};

/// The request. What a job gets are the artifacts of the jobs that it needs; what an environment gets is the release.
pub(super) async fn build_request(
    tasks: &Tasks<'_>,
    run: &Run,
    attempt: &Attempt,
) -> Result<BuildRequest, Fault> {
    let missing = || Fault::Malformed(format!("attempt {attempt} has no plan"));
    let opening = run.opening.as_ref().ok_or_else(missing)?;
    let step = run.step_of(&attempt.task).ok_or_else(missing)?;
    let stream = run.stream().ok_or_else(missing)?;
    let job = run.job(&attempt.task);
    let intent = intent(&stream, attempt);
    Ok(BuildRequest {
        repository: opening.repository,
        run: opening.run.clone(),
        commit: opening.commit.clone(),
        trust: Trust::of(&opening.trigger),
        step: step.clone(),
        facts: facts(run, opening, attempt),
        environment: attempt.task.environment().cloned(),
        inputs: inputs(tasks, run, opening, attempt).await?,
        artifacts: job.map(|job| job.artifacts.clone()).unwrap_or_default(),
        reports: job.map(|job| job.reports.clone()).unwrap_or_default(),
        cache: job.map(|job| job.cache.clone()).unwrap_or_default(),
        claim_secret: claim_secret(tasks.keys, &intent).await?,
        intent,
    })
}

async fn inputs(
    tasks: &Tasks<'_>,
    run: &Run,
    opening: &Opening,
    attempt: &Attempt,
) -> Result<Vec<Artifact>, Fault> {
    if let TaskId::Rollback(environment) = &attempt.task {
        let previous = run
            .stages
            .get(environment)
            .and_then(|stage| stage.previous.as_ref());
        let Some(previous) = previous else {
            return Ok(Vec::new());
        };
        let stream = StreamId::run(opening.repository, &previous.run);
        return Ok(load::<Run>(tasks.journal, &stream).await?.state.artifacts());
    }
    let Some(job) = run.job(&attempt.task) else {
        return Ok(run.artifacts());
    };
    let needed = job.needs.iter().filter_map(|need| {
        run.tasks
            .get(&TaskId::Job(need.clone()))?
            .last_end()
            .map(|end| end.artifacts.clone())
    });
    Ok(needed.flatten().collect())
}

fn facts(run: &Run, opening: &Opening, attempt: &Attempt) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::from([
        ("CI".to_owned(), "true".to_owned()),
        ("SLIPWAY_RUN".to_owned(), opening.run.to_string()),
        (
            "SLIPWAY_REPOSITORY".to_owned(),
            opening.repository.to_string(),
        ),
        ("SLIPWAY_COMMIT".to_owned(), opening.commit.to_string()),
        ("SLIPWAY_REF".to_owned(), opening.reference.clone()),
        (
            "SLIPWAY_EVENT".to_owned(),
            opening.trigger.event().to_owned(),
        ),
        ("SLIPWAY_TASK".to_owned(), attempt.task.to_string()),
        ("SLIPWAY_ATTEMPT".to_owned(), attempt.number.to_string()),
    ]);
    if let Trigger::Tag { tag } = &opening.trigger {
        facts.insert("SLIPWAY_TAG".to_owned(), tag.clone());
    }
    if let Some(branch) = opening.trigger.branch() {
        facts.insert("SLIPWAY_BRANCH".to_owned(), branch.to_owned());
    }
    if let Some(environment) = attempt.task.environment() {
        let stage = run.stages.get(environment);
        add_environment(&mut facts, run, environment, stage);
    }
    facts
}

fn add_environment(
    facts: &mut BTreeMap<String, String>,
    run: &Run,
    environment: &EnvironmentName,
    stage: Option<&Stage>,
) {
    facts.insert("SLIPWAY_ENVIRONMENT".to_owned(), environment.to_string());
    if let Some(release) = &run.release {
        facts.insert("SLIPWAY_RELEASE".to_owned(), release.to_string());
    }
    if let Some(fence) = stage.and_then(|stage| stage.fence) {
        facts.insert("SLIPWAY_FENCE".to_owned(), fence.to_string());
    }
    if let Some(previous) = stage.and_then(|stage| stage.previous.as_ref()) {
        facts.insert(
            "SLIPWAY_PREVIOUS_RELEASE".to_owned(),
            previous.release.to_string(),
        );
        facts.insert(
            "SLIPWAY_PREVIOUS_COMMIT".to_owned(),
            previous.commit.to_string(),
        );
    }
}
