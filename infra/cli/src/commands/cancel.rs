//! Purpose: `slipway cancel RUN`: a wish that is in the journal when the command returns.

use domain::run::{Command, Run};
use engine::Refused;
use serde_json::json;

use super::find;
use crate::args::{CancelArgs, Global};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output;

/// Asks for it.
pub async fn run(global: &Global, args: &CancelArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let stream = find::run(&backend, &args.run).await?;
    let run = stream
        .run_id()
        .map(|run| run.to_string())
        .unwrap_or_default();
    let invocation = backend.invocation();
    let command = Command::Cancel {
        by: None,
        reason: args.reason.clone(),
    };
    let done = match invocation.submit::<Run>(&stream, &command).await {
        Ok(done) => done,
        Err(Refused::Rejected(rejection)) => {
            return Err(Failure::negative(format!(
                "run {run} cannot be cancelled: {rejection}"
            )));
        }
        Err(Refused::Fault(fault)) => return Err(fault.into()),
    };
    let status = done.state.status();
    if global.json {
        output::document(&json!({ "stream": stream, "changed": done.changed, "status": status }))?;
        return Ok(0);
    }
    output::line(match (done.changed, done.state.is_over()) {
        (true, true) => format!("Run {run} is {status}."),
        (true, false) => format!("Run {run} is being stopped."),
        (false, _) => format!("Run {run} was asked to stop already; it is {status}."),
    })?;
    backend.note_if_nobody_acts();
    Ok(0)
}
