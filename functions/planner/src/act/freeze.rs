//! Purpose: whether deploys of the repository may begin, as somebody says in a comment.

use domain::kernel::StreamId;
use domain::repository::{Command, Repository};
use engine::{Fault, Refused};

use super::Wisher;
use super::reply::Said;
use crate::Planner;

impl Planner<'_> {
    /// No deploy begins from now on.
    pub(super) async fn freeze(
        &self,
        wisher: &Wisher<'_>,
        line: usize,
        reason: Option<&str>,
    ) -> Result<Said, Fault> {
        let wish = wish(wisher, line);
        let freeze = Command::Freeze {
            repository: wisher.repository,
            by: Some(wisher.sender.id),
            reason: reason.map(str::to_owned),
            wish: wish.clone(),
        };
        let after = self.submit_freeze(wisher, &freeze).await?;
        // It may be carried out for the second time.
        Ok(if after.wishes.contains(&wish) {
            Said::done()
        } else {
            Said::no("Deploys are frozen already; `/unfreeze` lets them begin again.".to_owned())
        })
    }

    /// Deploys may begin again.
    pub(super) async fn unfreeze(&self, wisher: &Wisher<'_>, line: usize) -> Result<Said, Fault> {
        let unfreeze = Command::Unfreeze {
            by: Some(wisher.sender.id),
            wish: wish(wisher, line),
        };
        self.submit_freeze(wisher, &unfreeze).await?;
        Ok(Said::done())
    }

    async fn submit_freeze(
        &self,
        wisher: &Wisher<'_>,
        command: &Command,
    ) -> Result<Repository, Fault> {
        let stream = StreamId::repository(wisher.repository);
        let done = self.invocation.submit::<Repository>(&stream, command).await;
        Ok(done.map_err(Refused::into_fault)?.state)
    }
}

/// A line of a delivery is one wish, however often it is carried out.
fn wish(wisher: &Wisher<'_>, line: usize) -> String {
    format!("{}/{line}", wisher.guid)
}
