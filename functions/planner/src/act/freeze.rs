//! Purpose: whether deploys of the repository may begin, as somebody says in a comment.

use domain::delivery::Said;
use domain::kernel::StreamId;
use domain::repository::{Command, Repository, Wish};
use engine::{Fault, Refused};

use super::{Wisher, wish};
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
        self.submit_freeze(wisher, &freeze, &wish).await
    }

    /// Deploys may begin again.
    pub(super) async fn unfreeze(&self, wisher: &Wisher<'_>, line: usize) -> Result<Said, Fault> {
        let wish = wish(wisher, line);
        let unfreeze = Command::Unfreeze {
            by: Some(wisher.sender.id),
            wish: wish.clone(),
        };
        self.submit_freeze(wisher, &unfreeze, &wish).await
    }

    async fn submit_freeze(
        &self,
        wisher: &Wisher<'_>,
        command: &Command,
        wish: &Wish,
    ) -> Result<Said, Fault> {
        let stream = StreamId::repository(wisher.repository);
        let done = self.invocation.submit::<Repository>(&stream, command).await;
        let state = done.map_err(Refused::into_fault)?.state;
        // It may be carried out for the second time.
        Ok(match state.has_followed(wish) {
            true => Said::done(),
            false => Said::no(
                "This came late: somebody has frozen or unfrozen deploys since.".to_owned(),
            ),
        })
    }
}
