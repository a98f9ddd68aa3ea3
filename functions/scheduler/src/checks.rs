//! Purpose: what GitHub shows of a run owes the scheduler nothing; it is looked at so that the notifier is called in time.

use async_trait::async_trait;
use domain::checks::{Checks, Command, Effect};
use domain::kernel::StreamId;
use engine::{Fault, Perform};

use crate::Desk;

#[async_trait]
impl Perform<Checks> for Desk<'_> {
    async fn perform(&self, _: &StreamId, _: &Checks, _: &Effect) -> Result<Vec<Command>, Fault> {
        Ok(Vec::new())
    }
}
