//! Purpose: what GitHub tells of things that have come to their end: a pull request that was closed. What waits for them ends,
//! too, once GitHub has been asked whether it is still so: a notice may come late.

use domain::delivery::Answer;
use domain::guard::{Guard, holds};
use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::pull::Pull;
use domain::run::Command;
use engine::ports::PullRequests;
use engine::{Fault, load};
use github::Notice;

use crate::Planner;

impl Planner<'_> {
    /// What became of such a notice; `None` = it is none.
    pub(crate) async fn heed(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        notice: &Notice,
    ) -> Result<Option<Answer>, Fault> {
        match notice {
            Notice::PullClosed { repository, number } => {
                self.closed(host, *repository, *number).await.map(Some)
            }
            Notice::MergeGroup(group) => self.check_group(guid, group).await.map(Some),
            Notice::MergeGroupEnded(group) => self.end_group(group).await.map(Some),
            other => self.of_repositories(host, guid, other).await,
        }
    }

    async fn closed(
        &self,
        host: &dyn PullRequests,
        repository: RepositoryId,
        number: u64,
    ) -> Result<Answer, Fault> {
        let ignored = |reason: String| Ok(Answer::Ignored { reason });
        let known = self.pull(repository, number).await?;
        if known.runs.is_empty() {
            return ignored(format!("pull request #{number} has had no run"));
        }
        let pull = host.pull_request(repository, number).await?;
        let is_closed = pull.is_some_and(|pull| !pull.is_open);
        if !holds(Guard::ClosedIsAskedAnew, is_closed) {
            return ignored(format!("pull request #{number} is not closed any more"));
        }
        let ended = self.end_closed(repository, number, &known).await?;
        let text = match ended {
            0 => format!("pull request #{number} was closed; nothing waited for it"),
            1 => format!("pull request #{number} was closed; a run that waited was cancelled"),
            many => {
                format!("pull request #{number} was closed; {many} runs that waited were cancelled")
            }
        };
        Ok(Answer::Answered { text })
    }

    /// Cancels what waits for a pull request that is closed: for trust, a turn, a place or a build. What is at work goes on to
    /// its end. Tells how many runs that were. `known` is from before GitHub was asked: a run that came since may be of a pull
    /// request that is open again.
    pub(crate) async fn end_closed(
        &self,
        repository: RepositoryId,
        number: u64,
        known: &Pull,
    ) -> Result<usize, Fault> {
        let mut ended = 0;
        for planned in &known.runs {
            let stream = StreamId::run(repository, &planned.run);
            let withdraw = Command::Withdraw {
                reason: format!("pull request #{number} was closed"),
            };
            if !holds(Guard::ClosedEndsWaiting, false) {
                ended += usize::from(self.end_run(&stream, &withdraw).await?);
            }
        }
        Ok(ended)
    }

    pub(crate) async fn pull(&self, repository: RepositoryId, number: u64) -> Result<Pull, Fault> {
        let stream = StreamId::pull(repository, number);
        Ok(load(self.deps.journal, &stream).await?.state)
    }
}
