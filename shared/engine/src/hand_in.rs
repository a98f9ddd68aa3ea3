//! Purpose: a delivery that did not come by the webhook: durable first, then the planner is rung.

use domain::kernel::StreamId;

use crate::fault::Fault;
use crate::ports::{Accepted, Delivery, Doorbell, Doorbells, Function, Inbox};

/// Makes it durable, unless it is known, and rings the planner.
///
/// # Errors
/// Where it is not durable.
pub async fn hand_in(
    inbox: &dyn Inbox,
    doorbells: &dyn Doorbells,
    delivery: &Delivery,
) -> Result<Accepted, Fault> {
    let accepted = inbox.accept(delivery).await?;
    ring_planner(doorbells, &delivery.guid).await;
    Ok(accepted)
}

/// Rings the planner for a delivery that is durable. A bell that is lost costs time only: the delivery is due, and the sweep
/// rings again.
pub async fn ring_planner(doorbells: &dyn Doorbells, guid: &str) {
    let doorbell = Doorbell {
        stream: StreamId::delivery(guid),
    };
    if let Err(fault) = doorbells.ring(Function::Planner, &doorbell).await {
        tracing::warn!(%fault, delivery = guid, "the planner was not rung");
    }
}
