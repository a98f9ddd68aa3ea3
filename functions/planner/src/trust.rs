//! Purpose: whether the code of another repository may run: if those who propose it are members here, or when a member has
//! released that very commit. Anything that is not known means no.

use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::plan::Trigger;
use domain::pull::Pull;
use domain::run::{Command, Run};
use engine::ports::{Login, PullRequest, PullRequests};
use engine::{Fault, Refused, load};
use github::commands::Standing;
use github::payload::{Asked, Stranger};

use crate::Planner;

/// What is known about code of a stranger.
pub(crate) enum Trust {
    Given,
    Awaited,
    /// It is not worth a run any more, and why.
    Useless(String),
}

impl Planner<'_> {
    pub(crate) async fn trust(&self, asked: &Asked, stranger: &Stranger) -> Result<Trust, Fault> {
        let useless = |why: String| Ok(Trust::Useless(why));
        let Trigger::PullRequest { number, .. } = asked.trigger else {
            return useless("only a pull request has the code of a stranger".to_owned());
        };
        let repository = asked.repository;
        let Some(host) = self.deps.host else {
            return useless(format!(
                "pull request #{number} comes from a fork; code of a fork is not run on this host"
            ));
        };
        // What waits must not pile up: only the head counts, and an older one has been overtaken.
        let Some(pull) = host.pull_request(repository, number).await? else {
            return useless(format!("there is no pull request #{number}"));
        };
        if !pull.is_open {
            return useless(format!("pull request #{number} is closed"));
        }
        if asked.commit.as_ref() != Some(&pull.head) {
            return useless(format!(
                "pull request #{number} has moved on to {}, which has a delivery of its own",
                pull.head.short()
            ));
        }
        self.end_waiting(repository, &pull).await?;
        let sender = stranger.sender.as_ref().zip(asked.sender);
        let sender = sender.map(|(name, id)| Login {
            id,
            name: name.clone(),
        });
        let known = self
            .is_member(host, repository, pull.author.as_ref())
            .await?
            && self.is_member(host, repository, sender.as_ref()).await?;
        Ok(if known { Trust::Given } else { Trust::Awaited })
    }

    async fn is_member(
        &self,
        host: &dyn PullRequests,
        repository: RepositoryId,
        who: Option<&Login>,
    ) -> Result<bool, Fault> {
        let Some(who) = who else { return Ok(false) };
        Ok(host.standing(repository, who).await? >= Standing::Member)
    }

    /// The same once a run waits.
    pub(crate) async fn end_overtaken(&self, asked: &Asked) -> Result<(), Fault> {
        let (Some(host), Trigger::PullRequest { number, .. }) = (self.deps.host, &asked.trigger)
        else {
            return Ok(());
        };
        match host.pull_request(asked.repository, *number).await? {
            Some(pull) => self.end_waiting(asked.repository, &pull).await,
            None => Ok(()),
        }
    }

    /// Runs that wait to be released at a commit that is not the head any more will never be.
    async fn end_waiting(&self, repository: RepositoryId, pull: &PullRequest) -> Result<(), Fault> {
        let stream = StreamId::pull(repository, pull.number);
        let known: Pull = load(self.deps.journal, &stream).await?.state;
        let stale = known.runs.iter().filter(|run| run.commit != pull.head);
        for planned in stale {
            let stream = StreamId::run(repository, &planned.run);
            let run: Run = load(self.deps.journal, &stream).await?.state;
            if run.is_over() || !run.waits_for_trust() {
                continue;
            }
            let cancel = Command::Cancel {
                by: None,
                reason: format!("the pull request has moved on to {}", pull.head.short()),
            };
            match self.invocation.submit::<Run>(&stream, &cancel).await {
                // It has ended in between, which is what is wanted.
                Ok(_) | Err(Refused::Rejected(_)) => {}
                Err(Refused::Fault(fault)) => return Err(fault),
            }
        }
        Ok(())
    }
}
