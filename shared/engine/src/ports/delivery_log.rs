//! Purpose: what GitHub says of the deliveries that it made, so that those which did not arrive are found.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::fault::Fault;

/// One attempt at a delivery, as GitHub lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// Of the attempt.
    pub id: u64,
    /// Of the delivery: an attempt to deliver again has the same.
    pub guid: String,
    /// `push`
    pub event: String,
    pub at: Timestamp,
    /// Whether our side answered that it has it.
    pub arrived: bool,
}

/// Some attempts, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    pub attempts: Vec<DeliveryAttempt>,
    /// Where older ones follow.
    pub next: Option<String>,
}

/// The list of deliveries that GitHub keeps for three days.
#[async_trait]
pub trait DeliveryLog: Send + Sync {
    /// The page at this cursor; the newest without one.
    async fn attempts(&self, cursor: Option<&str>) -> Result<DeliveryPage, Fault>;

    /// The body of an attempt: JSON of the same meaning, not the same bytes; `None` when GitHub has none any more.
    async fn body(&self, attempt: u64) -> Result<Option<String>, Fault>;

    /// Asks GitHub to deliver it once more.
    async fn redeliver(&self, attempt: u64) -> Result<(), Fault>;
}
