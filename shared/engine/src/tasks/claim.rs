//! Purpose: the claim, with which a build asks whether it may run code of the repository. The first one wins.

use domain::ids::{BuildId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::Attempt;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::ports::Keys;

/// What the first step of a build sends to `POST /claims`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `<repository>/<run>/<task>~<attempt>`.
    pub intent: String,
    pub build: BuildId,
    /// Shows that it is the build that was asked for, and not code that guessed its name.
    pub secret: String,
}

/// The answer: 200 when granted, else a sentence that says why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimAnswer {
    pub granted: bool,
    pub why: String,
}

/// The identity of an attempt's effect.
pub fn intent(stream: &StreamId, attempt: &Attempt) -> String {
    format!("{}/{attempt}", stream.rest())
}

/// The run and the attempt behind an intent.
pub fn parse_intent(text: &str) -> Option<(StreamId, Attempt)> {
    let mut parts = text.splitn(3, '/');
    let repository: u64 = parts.next()?.parse().ok()?;
    let run = parts.next()?;
    let attempt = Attempt::parse(parts.next()?)?;
    let hexadecimal = !run.is_empty() && run.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal.then(|| {
        (
            StreamId::run(RepositoryId(repository), &RunId::new(run)),
            attempt,
        )
    })
}

/// The secret of an intent, derived from the machine's key: nothing has to be stored.
pub async fn claim_secret(keys: &dyn Keys, intent: &str) -> Result<String, Fault> {
    Ok(hex::encode(keys.mac("claim", intent.as_bytes()).await?))
}
