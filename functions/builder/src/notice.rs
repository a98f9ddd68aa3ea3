//! Purpose: notices of CodeBuild about builds, as EventBridge delivers them. They are doorbells: best effort, late, doubled, out
//! of order, so nothing of what they say is believed.
//!
//! Form: <https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html>

use aws_lambda_events::eventbridge::EventBridgeEvent;
use domain::run::TaskId;
use engine::Fault;
use engine::ports::{Doorbell, Function};
use engine::tasks::parse_intent;
use serde_json::Value;

use crate::Deps;

/// What CodeBuild calls its notices.
const DETAIL_TYPE: &str = "CodeBuild Build State Change";
/// The variable of a build that names its intent.
const INTENT: &str = "SLIPWAY_INTENT";

/// Rings the function that observes this build. A notice of a build that is not ours does nothing.
///
/// # Errors
/// When the doorbell could not be rung; the sweep looks at the run anyway.
pub async fn notice(deps: &Deps<'_>, event: &EventBridgeEvent<Value>) -> Result<(), Fault> {
    let Some(intent) = intent_of(event) else {
        return Ok(());
    };
    let Some((stream, attempt)) = parse_intent(intent) else {
        return Ok(());
    };
    let function = match attempt.task {
        TaskId::Job(_) => Function::Builder,
        TaskId::Deploy(_) | TaskId::Verify(_) | TaskId::Rollback(_) => Function::Deployer,
    };
    deps.doorbells.ring(function, &Doorbell { stream }).await
}

fn intent_of(event: &EventBridgeEvent<Value>) -> Option<&str> {
    if event.detail_type != DETAIL_TYPE {
        return None;
    }
    let variables = event.detail["additional-information"]["environment"]["environment-variables"]
        .as_array()?;
    let intent = variables
        .iter()
        .find(|variable| variable["name"] == INTENT)?;
    intent["value"].as_str()
}

#[cfg(test)]
mod tests;
