//! Purpose: `slipway freeze` and `slipway unfreeze`: whether deploys of a repository may begin.

use domain::kernel::StreamId;
use domain::repository::{Command, Freeze, Repository, Wish};
use engine::{Refused, ports};
use jiff::Timestamp;
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
    let before = engine::freeze(&*backend.journal, of.id).await?;
    let wish = wish();
    let command = Command::Freeze {
        repository: of.id,
        by: None,
        reason: args.reason.clone(),
        wish: wish.clone(),
    };
    let after = submit(&backend, &of, &command, &wish).await?;
    if global.json {
        return told(&of, before.is_none(), after.as_ref());
    }
    let name = output::clean(&of.name);
    output::line(match before {
        None => format!(
            "No deploy of {name} begins until `slipway unfreeze {name}`; what has begun goes on."
        ),
        Some(before) => format!(
            "Deploys of {name} were frozen already{}; what you said holds now.",
            why(&before)
        ),
    })?;
    Ok(0)
}

/// Deploys may begin again.
pub async fn unfreeze(global: &Global, args: &UnfreezeArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let of = find::repository(&backend, args.repository.as_deref()).await?;
    let before = engine::freeze(&*backend.journal, of.id).await?;
    let wish = wish();
    let unfreeze = Command::Unfreeze {
        by: None,
        wish: wish.clone(),
    };
    let after = submit(&backend, &of, &unfreeze, &wish).await?;
    if global.json {
        return told(&of, before.is_some(), after.as_ref());
    }
    let name = output::clean(&of.name);
    output::line(match before {
        Some(_) => format!("Deploys of {name} may begin again."),
        None => format!("Deploys of {name} are not frozen."),
    })?;
    backend.note_if_nobody_acts();
    Ok(0)
}

fn wish() -> Wish {
    Wish {
        id: Uuid::new_v4().to_string(),
        said: Timestamp::now(),
        number: 0,
    }
}

async fn submit(
    backend: &Backend,
    of: &ports::Repository,
    command: &Command,
    wish: &Wish,
) -> Result<Option<Freeze>, Failure> {
    let invocation = backend.invocation();
    let stream = StreamId::repository(of.id);
    match invocation.submit::<Repository>(&stream, command).await {
        Ok(done) if done.state.has_followed(wish) => Ok(done.state.freeze),
        Ok(_) => Err(Failure::negative(
            "by its clock, something was said about freezing after this; nothing was changed",
        )
        .help("look at the clock of this computer, or say it again in a moment")),
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

fn why(freeze: &Freeze) -> String {
    let reason = freeze.reason.as_deref();
    reason
        .map(|reason| format!(" ({})", output::clean(reason)))
        .unwrap_or_default()
}
