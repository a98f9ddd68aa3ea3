//! Purpose: `slipway journal release STREAM`: lifts a quarantine.

use domain::kernel::StreamId;
use engine::load::history;
use engine::ports::Journal;
use serde_json::json;

use crate::args::Global;
use crate::failure::Failure;
use crate::output;

/// Puts the stream back to work; the machine looks at it next.
pub async fn run(global: &Global, journal: &dyn Journal, stream: &StreamId) -> Result<u8, Failure> {
    let head = journal.head(stream).await?;
    let Some(reason) = head.and_then(|head| head.quarantine) else {
        return Err(Failure::usage(format!("{stream} is not quarantined"))
            .help("`slipway journal list` shows which streams are"));
    };
    // A corrupt stream would only be quarantined again.
    history(journal, stream).await?;
    journal.quarantine(stream, None).await?;
    if global.json {
        output::document(&json!({ "stream": stream, "released": true, "reason": reason }))?;
    } else {
        output::line(format!("{stream} is worked on again."))?;
        output::line(format!(
            "It was quarantined because: {}",
            output::clean(&reason)
        ))?;
    }
    Ok(0)
}
