//! Purpose: a lane is taken back only from a run that neither uses nor wants it.

use async_trait::async_trait;
use domain::guard::{Guard, holds};
use domain::ids::EnvironmentName;
use domain::kernel::StreamId;
use domain::lane::{Command, Effect, Lane};
use domain::run::Run;
use engine::{Fault, Perform, load};

use crate::Desk;

#[async_trait]
impl Perform<Lane> for Desk<'_> {
    async fn perform(
        &self,
        stream: &StreamId,
        lane: &Lane,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Effect::CheckRun(name) = effect;
        let Some(repository) = lane.repository else {
            return Ok(Vec::new());
        };
        let environment = stream.rest().split_once('/').map_or("", |(_, name)| name);
        let run = load::<Run>(self.deps.journal, &StreamId::run(repository, name))
            .await?
            .state;
        let unused = run.opening.is_some() && !run.needs_lane(&EnvironmentName::new(environment));
        Ok(if holds(Guard::LaneReclaimNeedsEnd, unused) {
            vec![Command::Reclaim { run: name.clone() }]
        } else {
            Vec::new()
        })
    }
}
