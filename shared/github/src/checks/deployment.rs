//! Purpose: the deployment of one environment, from the moment its approval or its lane is there: before, nothing is
//! deployed that a reader of GitHub's pages of environments could want to know of.

use domain::checks::{Deployment, DeploymentState as State};
use domain::plan::PlannedStage;
use domain::run::{Stage, StageOutcome, StagePhase};

use super::{MAX_NAME, Scene, stage, text};

/// Characters of a description. <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>
const MAX_DESCRIPTION: usize = 140;

/// The deployment of an environment; `None` of one that was not begun with.
pub(super) fn deployment(scene: &Scene<'_>, planned: &PlannedStage) -> Option<Deployment> {
    let stage = scene.run.stages.get(&planned.environment)?;
    // What was begun once stays: a deployment of GitHub is never taken back.
    if stage.approval.is_none() && stage.fence.is_none() {
        return None;
    }
    let environment = &planned.environment;
    Some(Deployment {
        external_id: format!("{}/{environment}", scene.opening.run),
        environment: text::line(environment.as_str(), MAX_NAME),
        production: planned.approval.is_some(),
        state: state(stage),
        description: text::line(&description(planned, stage), MAX_DESCRIPTION),
        log_url: scene.url.clone(),
        environment_url: planned.url.clone(),
    })
}

fn state(stage: &Stage) -> State {
    let outcome = match &stage.phase {
        StagePhase::Blocked | StagePhase::Opening | StagePhase::Approval => return State::Pending,
        StagePhase::WantsLane => return State::Queued,
        StagePhase::HoldsLane
        | StagePhase::Working
        | StagePhase::Settling(_)
        | StagePhase::Returning(_) => return State::InProgress,
        StagePhase::Ended(outcome) => outcome,
    };
    match outcome {
        StageOutcome::Deployed => State::Success,
        StageOutcome::Failed { .. } | StageOutcome::RolledBack { .. } => State::Failure,
        StageOutcome::Untouched { .. } => State::Error,
        StageOutcome::Rejected { .. } | StageOutcome::Expired | StageOutcome::Cancelled => {
            State::Inactive
        }
    }
}

/// The same words from the lane to the end, so that no step in between costs a status.
fn description(planned: &PlannedStage, stage: &Stage) -> String {
    match state(stage) {
        State::InProgress => "Deploying".to_owned(),
        // Without its place in line, which would cost a status each time that it moves up.
        _ => stage::state(planned, stage),
    }
}
