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

    /// The same once a run is known.
    pub(crate) async fn end_overtaken(&self, asked: &Asked) -> Result<(), Fault> {
        let (Some(host), Trigger::PullRequest { number, .. }) = (self.deps.host, &asked.trigger)
        else {
            return Ok(());
        };
        let known = self.pull(asked.repository, *number).await?;
        match host.pull_request(asked.repository, *number).await? {
            Some(pull) if !pull.is_open => {
                let ended = self.end_closed(asked.repository, *number, &known);
                ended.await.map(drop)
            }
            Some(pull) if asked.stranger.is_some() => {
                self.end_waiting(asked.repository, &pull).await
            }
            _ => Ok(()),
        }
    }

    /// Runs that wait to be released will never be at a commit that is not the head any more, nor where a later run is of the
    /// same commit.
    async fn end_waiting(&self, repository: RepositoryId, pull: &PullRequest) -> Result<(), Fault> {
        let stream = StreamId::pull(repository, pull.number);
        let known: Pull = load(self.deps.journal, &stream).await?.state;
        let latest = known.run_at(&pull.head).map(|latest| &latest.run);
        let others = known.runs.iter().filter(|run| Some(&run.run) != latest);
        for planned in others {
            let stream = StreamId::run(repository, &planned.run);
            let run: Run = load(self.deps.journal, &stream).await?.state;
            if run.is_over() || !run.waits_for_trust() {
                continue;
            }
            let reason = match latest.filter(|_| planned.commit == pull.head) {
                Some(latest) => format!("run {latest} of the same commit takes its place"),
                None => format!("the pull request has moved on to {}", pull.head.short()),
            };
            let cancel = Command::Cancel { by: None, reason };
            self.end_run(&stream, &cancel).await?;
        }
        Ok(())
    }

    /// Gives a run a command that ends it, and tells whether that changed it.
    pub(crate) async fn end_run(&self, run: &StreamId, command: &Command) -> Result<bool, Fault> {
        match self.invocation.submit::<Run>(run, command).await {
            Ok(done) => Ok(done.changed),
            // It has ended in between, which is what is wanted.
            Err(Refused::Rejected(_)) => Ok(false),
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }
}
