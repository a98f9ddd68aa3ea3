//! Purpose: `slipway trust`: a repository that was transferred may run again.

use domain::kernel::StreamId;
use domain::repository::{Command, Repository};
use engine::Refused;
use serde_json::json;

use super::find;
use crate::args::Global;
use crate::args::freeze::UnfreezeArgs;
use crate::backend::Backend;
use crate::failure::Failure;
use crate::output;

/// Whoever it belongs to now is trusted from now on.
pub async fn trust(global: &Global, args: &UnfreezeArgs) -> Result<u8, Failure> {
    let backend = Backend::open(global).await?;
    let of = find::repository(&backend, args.repository.as_deref()).await?;
    let before = engine::standing(&*backend.journal, of.id).await?;
    let admit = Command::Admit { by: None };
    let stream = StreamId::repository(of.id);
    let done = backend
        .invocation()
        .submit::<Repository>(&stream, &admit)
        .await;
    let after = done.map_err(Refused::into_fault)?.state.standing;
    let (changed, barred) = (before != after, after.barred());
    if global.json {
        output::document(&json!({
            "repository": of.id, "name": of.name, "changed": changed, "barred": barred,
        }))?;
        return Ok(0);
    }
    let name = output::clean(after.name.as_deref().unwrap_or(&of.name));
    output::line(match (&before.transfer, changed) {
        (Some(transfer), true) => format!(
            "{name} runs again for {}; what was cancelled stays so: push again.",
            output::clean(&transfer.to)
        ),
        _ => format!("{name} was not transferred; nothing was changed."),
    })?;
    if let Some(why) = barred {
        output::note(&format!("Nothing of it runs: {}.", output::clean(&why)));
    }
    Ok(0)
}
