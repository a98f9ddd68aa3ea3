//! Purpose: a tick is handed in as a delivery of its own, with a guid made of it, so that it leads to one run.

use async_trait::async_trait;
use domain::ids::Digest;
use domain::kernel::StreamId;
use domain::repository::{Command, Effect, Repository};
use engine::ports::Delivery;
use engine::{Fault, Perform, hand_in};
use github::payload::{SCHEDULE_EVENT, ScheduleBody};

use crate::Desk;

#[async_trait]
impl Perform<Repository> for Desk<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        repository: &Repository,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Effect::DeliverTick(tick) = effect;
        let Some(id) = repository.id else {
            return Ok(Vec::new());
        };
        let body = ScheduleBody {
            repository: id,
            name: tick.name.clone(),
            branch: tick.branch.clone(),
            due: tick.due,
        };
        let body = serde_json::to_string(&body)
            .map_err(|error| Fault::Malformed(format!("a tick of {stream}: {error}")))?;
        let guid = format!("tick-{}", Digest::of(body.as_bytes()).short());
        let delivery = Delivery {
            guid,
            event: SCHEDULE_EVENT.to_owned(),
            body,
            at_ms: self.deps.clock.now().as_millisecond(),
        };
        hand_in(self.deps.inbox, self.deps.doorbells, &delivery).await?;
        Ok(vec![Command::TickDelivered(tick.clone())])
    }
}
