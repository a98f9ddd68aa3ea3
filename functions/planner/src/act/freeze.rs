//! Purpose: whether deploys of the repository may begin, as somebody says in a comment.

use domain::kernel::StreamId;
use domain::repository::{Command, Freeze, Repository};
use engine::{Fault, Refused};

use super::Wisher;
use super::reply::Said;
use crate::Planner;

impl Planner<'_> {
    /// No deploy begins from now on.
    pub(super) async fn freeze(
        &self,
        wisher: &Wisher<'_>,
        reason: Option<&str>,
    ) -> Result<Said, Fault> {
        let freeze = Command::Freeze {
            repository: wisher.repository,
            by: Some(wisher.sender.id),
            reason: reason.map(str::to_owned),
        };
        let (changed, before) = self.submit_freeze(wisher, &freeze).await?;
        // The very same delivery may be carried out for the second time.
        let is_own = before.is_some_and(|freeze| freeze.by == Some(wisher.sender.id));
        Ok(if changed || is_own {
            Said::done()
        } else {
            Said::no("Deploys are frozen already; `/unfreeze` lets them begin again.".to_owned())
        })
    }

    /// Deploys may begin again.
    pub(super) async fn unfreeze(&self, wisher: &Wisher<'_>) -> Result<Said, Fault> {
        let unfreeze = Command::Unfreeze {
            by: Some(wisher.sender.id),
        };
        self.submit_freeze(wisher, &unfreeze).await?;
        Ok(Said::done())
    }

    async fn submit_freeze(
        &self,
        wisher: &Wisher<'_>,
        command: &Command,
    ) -> Result<(bool, Option<Freeze>), Fault> {
        let stream = StreamId::repository(wisher.repository);
        let done = self.invocation.submit::<Repository>(&stream, command).await;
        let done = done.map_err(Refused::into_fault)?;
        Ok((done.changed, done.state.freeze))
    }
}
