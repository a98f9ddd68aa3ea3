//! Purpose: `slipway freeze` and `slipway unfreeze`: whether deploys of a repository may begin.

use domain::kernel::StreamId;
use domain::repository::{Command, Freeze, Repository};
use engine::{Refused, ports};
use serde_json::json;
use uuid::Uuid;

use super::find;
use crate::args::Global;
use crate::args::freeze::{FreezeArgs, UnfreezeArgs};
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output;

/// No deploy begins from now on.
pub async fn freeze(global: &Global, args: &FreezeArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let of = find::repository(&backend, args.of.repository.as_deref()).await?;
    let command = Command::Freeze {
        repository: of.id,
        by: None,
        reason: args.reason.clone(),
        wish: Uuid::new_v4().to_string(),
    };
    let (changed, freeze) = submit(&backend, &of, &command).await?;
    if global.json {
        return told(&of, changed, freeze.as_ref());
    }
    let name = output::clean(&of.name);
    output::line(match changed {
        true => format!(
            "No deploy of {name} begins until `slipway unfreeze {name}`; what has begun goes on."
        ),
        false => format!(
            "Deploys of {name} are frozen already{}{}.",
            why(freeze.as_ref()),
            args.reason.as_ref().map_or(
                "",
                |_| "; your reason was not kept, `slipway unfreeze` first"
            ),
        ),
    })?;
    Ok(0)
}

/// Deploys may begin again.
pub async fn unfreeze(global: &Global, args: &UnfreezeArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let of = find::repository(&backend, args.repository.as_deref()).await?;
    let unfreeze = Command::Unfreeze {
        by: None,
        wish: Uuid::new_v4().to_string(),
    };
    let (changed, freeze) = submit(&backend, &of, &unfreeze).await?;
    if global.json {
        return told(&of, changed, freeze.as_ref());
    }
    let name = output::clean(&of.name);
    output::line(match changed {
        true => format!("Deploys of {name} may begin again."),
        false => format!("Deploys of {name} are not frozen."),
    })?;
    backend.note_if_nobody_acts();
    Ok(0)
}

async fn submit(
    backend: &Backend,
    of: &ports::Repository,
    command: &Command,
) -> Result<(bool, Option<Freeze>), Failure> {
    let invocation = backend.invocation();
    let stream = StreamId::repository(of.id);
    match invocation.submit::<Repository>(&stream, command).await {
        Ok(done) => Ok((done.changed, done.state.freeze)),
        Err(Refused::Rejected(rejection)) => Err(Failure::usage(rejection.to_string())),
        Err(Refused::Fault(fault)) => Err(fault.into()),
    }
}

fn told(of: &ports::Repository, changed: bool, freeze: Option<&Freeze>) -> Result<u8, Failure> {
    output::document(
        &json!({ "repository": of.id, "name": of.name, "changed": changed, "frozen": freeze }),
    )?;
    Ok(0)
}

fn why(freeze: Option<&Freeze>) -> String {
    let reason = freeze.and_then(|freeze| freeze.reason.as_deref());
    reason
        .map(|reason| format!(": {}", output::clean(reason)))
        .unwrap_or_default()
}
