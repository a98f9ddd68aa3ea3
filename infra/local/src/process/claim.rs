//! Purpose: the claim, which a build makes before any code of the repository runs: of several builds of one intent, one
//! may work.

use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable as _};
use engine::Fault;
pub use engine::tasks::Claim;

/// How a claim was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimAnswer {
    Granted,
    /// And why, in a sentence.
    Refused(String),
}

/// Decides claims: the host wires it to the builder function.
///
/// A build may ask several times, when an answer was lost: the same build is granted its own claim again.
#[async_trait]
pub trait ClaimGate: Send + Sync {
    async fn claim(&self, claim: &Claim) -> Result<ClaimAnswer, Fault>;
}

/// First pause between two tries.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Claims, again while the fault is transient, for `patience`. Anything but a clear yes is a no.
pub async fn claim(gate: &dyn ClaimGate, claim: &Claim, patience: Duration) -> ClaimAnswer {
    match patiently(patience, || gate.claim(claim)).await {
        Ok(answer) => answer,
        Err(why) => ClaimAnswer::Refused(format!("the claim was not answered: {why}")),
    }
}

/// Tries again while the fault is transient, for `patience` in all.
pub async fn patiently<T, F>(patience: Duration, work: impl Fn() -> F) -> Result<T, String>
where
    F: Future<Output = Result<T, Fault>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_total_delay(Some(patience))
        .without_max_times();
    let tries = (|| work()).retry(pauses).when(Fault::is_transient);
    match tokio::time::timeout(patience, tries).await {
        Ok(done) => done.map_err(|fault| fault.to_string()),
        Err(_) => Err(format!("no answer within {} ms", patience.as_millis())),
    }
}
