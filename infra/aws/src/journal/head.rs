//! Purpose: a head as an item of the table `heads`.
//!
//! `p` stream, `n` number, `x` hash, `z` whether it has ended, `d` when it is due (ms) and `w` its shard in the due index (only
//! while the sweep has to look), `l` and `o` its place in the list index, `s` summary as JSON, `i` when it was made and `u`
//! when it was last written (ms), `f` failures, `q` why it is in quarantine. A delivery also has `g` its event, `b` or `r` its
//! body, and `a` who accepted it.

use domain::ids::Digest;
use domain::kernel::StreamId;
use engine::Fault;
use engine::ports::Head;
use jiff::Timestamp;

use super::index::MAX_NAME_BYTES;
use super::item::{Item, corrupt, number_if, number_of, text_of};

/// What a head is read by: everything but a delivery's body.
pub(super) const ATTRIBUTES: &str = "p, n, x, z, d, s, i, u, f, q";

/// The head in this item.
pub(super) fn read(stored: &Item) -> Result<Head, Fault> {
    let name = text_of(stored, "p").map_err(Fault::Malformed)?;
    let stream = StreamId::parse(&name)
        .ok_or_else(|| Fault::Malformed(format!("the table holds a head named \"{name}\"")))?;
    let number = number_of(stored, "n").map_err(|why| corrupt(&stream, 0, why))?;
    fields(stored, stream.clone(), number)
        .map_err(|why| corrupt(&stream, number, format!("its head: {why}")))
}

fn fields(stored: &Item, stream: StreamId, number: u64) -> Result<Head, String> {
    let due: Option<i64> = number_if(stored, "d")?;
    let due = due.map(Timestamp::from_millisecond).transpose();
    let summary = match stored.contains_key("s") {
        true => serde_json::from_str(&text_of(stored, "s")?)
            .map_err(|error| format!("its summary is no JSON: {error}"))?,
        false => serde_json::Value::Null,
    };
    let ended = stored.get("z").and_then(|value| value.as_bool().ok());
    let quarantine = match stored.contains_key("q") {
        true => Some(text_of(stored, "q")?),
        false => None,
    };
    Ok(Head {
        stream,
        number,
        hash: Digest::new(text_of(stored, "x")?),
        due: due.map_err(|error| format!("its due time: {error}"))?,
        ended: *ended.ok_or("its attribute `z` is missing or no truth value")?,
        summary,
        failures: number_if(stored, "f")?.unwrap_or_default(),
        quarantine,
        created_ms: number_of(stored, "i")?,
        updated_ms: number_of(stored, "u")?,
    })
}

/// Refuses a name that does not fit into the list index.
pub(super) fn check_name(stream: &StreamId) -> Result<(), Fault> {
    if stream.as_str().len() <= MAX_NAME_BYTES {
        return Ok(());
    }
    let begin: String = stream.as_str().chars().take(60).collect();
    Err(Fault::Malformed(format!(
        "the name of the stream {begin}… is longer than {MAX_NAME_BYTES} bytes: nothing was stored"
    )))
}
