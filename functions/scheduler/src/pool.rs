//! Purpose: a place in a pool is taken back only from an attempt that needs it no more.

use async_trait::async_trait;
use domain::kernel::StreamId;
use domain::pool::{Command, Effect, Pool, Ticket};
use domain::run::Run;
use engine::{Fault, Perform, load};

use crate::Desk;

#[async_trait]
impl Perform<Pool> for Desk<'_> {
    async fn perform(
        &self,
        _stream: &StreamId,
        pool: &Pool,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Effect::CheckRun {
            repository,
            run: name,
        } = effect;
        let run = load::<Run>(self.deps.journal, &StreamId::run(*repository, name))
            .await?
            .state;
        if run.opening.is_none() {
            return Ok(Vec::new());
        }
        let of_run = |ticket: &&Ticket| ticket.repository == *repository && ticket.run == *name;
        let unused: Vec<Ticket> = pool
            .holders
            .iter()
            .chain(&pool.waiting)
            .filter(of_run)
            .filter(|ticket| !run.needs_slot(&ticket.attempt))
            .cloned()
            .collect();
        Ok(if unused.is_empty() {
            Vec::new()
        } else {
            vec![Command::Return { tickets: unused }]
        })
    }
}
