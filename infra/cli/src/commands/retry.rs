//! Purpose: `slipway retry RUN`: the same commit once more, as a new run with a name of its own.

use domain::run::Run;
use engine::load;
use engine::ports::{Delivery, Inbox as _};
use github::payload::{MANUAL_EVENT, ManualBody};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{find, machine_note};
use crate::args::{Global, RetryArgs};
use crate::data;
use crate::failure::Failure;
use crate::home::Home;
use crate::output::{self, style};

/// Hands the wish in and tells the new run's id.
pub async fn run(global: &Global, args: &RetryArgs) -> Result<u8, Failure> {
    let home = Home::existing(&data::dir(global)?)?;
    let stream = find::run(&*home.journal, &args.run).await?;
    let run: Run = load(&*home.journal, &stream).await?.state;
    let Some(opening) = &run.opening else {
        return Err(Failure::usage(format!("{stream} was never opened")));
    };
    let body = ManualBody {
        repository: opening.repository,
        reference: opening.reference.clone(),
        commit: opening.commit.to_string(),
        // Whoever started the first run may not approve the second one either.
        sender: opening.parties.initiator,
        reason: args.reason.clone(),
    };
    let body = serde_json::to_string(&body)
        .map_err(|error| Failure::negative(format!("the wish cannot be said in JSON: {error}")))?;
    let guid = format!("manual-{}", Uuid::new_v4());
    let delivery = Delivery {
        guid: guid.clone(),
        event: MANUAL_EVENT.to_owned(),
        body,
        at_ms: Timestamp::now().as_millisecond(),
    };
    home.journal.accept(&delivery).await?;
    let id = planner::run_of(&guid);
    if global.json {
        let answer = json!({ "run": id, "delivery": guid, "repeats": opening.run, "commit": opening.commit });
        output::document(&answer)?;
        return Ok(0);
    }
    let name = style::paint(style::STRONG, id.as_str());
    output::line(format!(
        "Run {name} repeats {} at {}.",
        opening.run,
        opening.commit.short()
    ))?;
    if opening.parties.initiator.is_none()
        && opening
            .plan
            .stages
            .iter()
            .any(|stage| stage.approval.is_some())
    {
        output::note(
            "Nobody that the machine knows started the first run, so nobody is excluded as its initiator.",
        );
    }
    machine_note(&home);
    Ok(0)
}
