//! Purpose: `slipway journal at STREAM`: the state that a stream had at a past moment.

use domain::change::Change;
use domain::checks::Checks;
use domain::delivery::Delivery;
use domain::kernel::{Machine, StreamId};
use domain::lane::Lane;
use domain::pool::Pool;
use domain::pull::Pull;
use domain::repository::Repository;
use domain::run::Run;
use engine::load::load_at;
use engine::ports::Journal;
use serde::Serialize;
use serde_json::json;

use crate::args::{Global, JournalAtArgs};
use crate::failure::Failure;
use crate::output;

/// Prints the state as one JSON document, whether `--json` was asked for or not.
pub async fn run(
    global: &Global,
    journal: &dyn Journal,
    stream: &StreamId,
    args: &JournalAtArgs,
) -> Result<u8, Failure> {
    match stream.kind() {
        Run::KIND => state::<Run>(global, journal, stream, args).await,
        Lane::KIND => state::<Lane>(global, journal, stream, args).await,
        Change::KIND => state::<Change>(global, journal, stream, args).await,
        Checks::KIND => state::<Checks>(global, journal, stream, args).await,
        Delivery::KIND => state::<Delivery>(global, journal, stream, args).await,
        Pull::KIND => state::<Pull>(global, journal, stream, args).await,
        Pool::KIND => state::<Pool>(global, journal, stream, args).await,
        Repository::KIND => state::<Repository>(global, journal, stream, args).await,
        kind => Err(Failure::usage(format!(
            "this version of slipway knows no streams of kind {kind:?}"
        ))
        .help(format!(
            "`slipway journal show {stream} --raw` shows its records"
        ))),
    }
}

async fn state<M: Machine + Serialize>(
    global: &Global,
    journal: &dyn Journal,
    stream: &StreamId,
    args: &JournalAtArgs,
) -> Result<u8, Failure> {
    let loaded = load_at::<M>(journal, stream, args.commit, args.time).await?;
    let number = loaded.position.number();
    if let Some(asked) = args.commit.filter(|asked| *asked > number) {
        return Err(Failure::usage(format!(
            "{stream} has no commit {asked}: it ends at {number}"
        )));
    }
    if let Some(time) = args.time.filter(|_| number == 0) {
        return Err(
            Failure::usage(format!("{stream} did not exist at {time}")).help(format!(
                "`slipway journal show {stream}` tells when it began"
            )),
        );
    }
    let answer = json!({
        "stream": stream,
        "commit": number,
        "ended": loaded.state.is_ended(),
        "summary": value(loaded.state.summary())?,
        "state": value(&loaded.state)?,
    });
    if global.json {
        output::json_line(&answer)?;
    } else {
        output::document(&answer)?;
    }
    Ok(0)
}

fn value(value: impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(value)
        .map_err(|error| Failure::negative(format!("the state cannot be said in JSON: {error}")))
}
