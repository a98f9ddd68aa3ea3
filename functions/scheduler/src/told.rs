//! Purpose: what others tell people owes the scheduler nothing; these streams are looked at so that whoever owes something is
//! called in time.

use async_trait::async_trait;
use domain::checks::{self, Checks};
use domain::delivery::{self, Delivery};
use domain::kernel::StreamId;
use domain::pull::{self, Pull};
use engine::{Fault, Perform};

use crate::Desk;

#[async_trait]
impl Perform<Checks> for Desk<'_> {
    async fn perform(
        &self,
        _: &StreamId,
        _: &Checks,
        _: &checks::Effect,
    ) -> Result<Vec<checks::Command>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Perform<Pull> for Desk<'_> {
    async fn perform(
        &self,
        _: &StreamId,
        _: &Pull,
        _: &pull::Effect,
    ) -> Result<Vec<pull::Command>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Perform<Delivery> for Desk<'_> {
    async fn perform(
        &self,
        _: &StreamId,
        _: &Delivery,
        _: &delivery::Effect,
    ) -> Result<Vec<delivery::Command>, Fault> {
        Ok(Vec::new())
    }
}
