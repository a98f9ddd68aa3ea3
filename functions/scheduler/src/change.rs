//! Purpose: older runs of a group are asked to make way; runs that have ended leave it.

use async_trait::async_trait;
use domain::change::{Change, Command, Effect};
use domain::kernel::StreamId;
use domain::run::{self, Run};
use engine::{Fault, Perform, Refused, load};

use crate::Desk;

#[async_trait]
impl Perform<Change> for Desk<'_> {
    async fn perform(
        &self,
        _stream: &StreamId,
        change: &Change,
        effect: &Effect,
    ) -> Result<Vec<Command>, Fault> {
        let Some(repository) = change.repository else {
            return Ok(Vec::new());
        };
        match effect {
            Effect::Supersede { run, by } => {
                let stream = StreamId::run(repository, run);
                let command = run::Command::Supersede { by: by.clone() };
                let accepted = match self.invocation.submit::<Run>(&stream, &command).await {
                    Ok(_) => true,
                    Err(Refused::Rejected(_)) => false,
                    Err(Refused::Fault(fault)) => return Err(fault),
                };
                Ok(vec![Command::SupersedeAnswered {
                    run: run.clone(),
                    accepted,
                }])
            }
            Effect::CheckRun(name) => {
                let stream = StreamId::run(repository, name);
                let run = load::<Run>(self.deps.journal, &stream).await?.state;
                Ok(if run.is_over() {
                    vec![Command::Leave { run: name.clone() }]
                } else {
                    Vec::new()
                })
            }
        }
    }
}
