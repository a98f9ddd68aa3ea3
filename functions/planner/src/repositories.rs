//! Purpose: what GitHub tells of repositories as a whole: other names, other owners, the App that comes and goes. A repository is
//! its number, so a name is only what people read; an owner whom nobody here has trusted gets nothing run.

use std::collections::BTreeSet;

use domain::checks::{self, Checks};
use domain::delivery::Answer;
use domain::ids::RepositoryId;
use domain::kernel::StreamId;
use domain::pull::{self, Pull};
use domain::repository::{self, Repository, Standing};
use domain::run;
use engine::ports::{Head, PullRequests};
use engine::{Fault, Pages, Refused};
use github::Notice;
use jiff::SignedDuration;

use crate::Planner;

/// Pages that are looked through at most.
const MAX_PAGES: usize = 50;
/// Nothing is told of a run for longer than this.
const OLDEST: SignedDuration = SignedDuration::from_hours(36 * 24);

impl Planner<'_> {
    /// What became of a notice about repositories; `None` = it is none. Whatever it says, GitHub is asked how they stand now:
    /// it may come late.
    pub(crate) async fn of_repositories(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        notice: &Notice,
    ) -> Result<Option<Answer>, Fault> {
        let (told, to): (Vec<RepositoryId>, Option<&str>) = match notice {
            Notice::RepositoryRenamed { repository, .. }
            | Notice::RepositoryDeleted { repository } => (vec![*repository], None),
            Notice::RepositoryTransferred {
                repository, name, ..
            } => (vec![*repository], Some(name)),
            Notice::Installed { repositories, .. } | Notice::Uninstalled { repositories, .. } => {
                (repositories.clone(), None)
            }
            Notice::RepositoriesChanged { added, removed, .. } => {
                (added.iter().chain(removed).copied().collect(), None)
            }
            _ => return Ok(None),
        };
        let known = self.deps.repositories.repositories().await?;
        let known: BTreeSet<RepositoryId> = known.iter().map(|known| known.id).collect();
        let mut texts = Vec::new();
        for id in told.into_iter().filter(|id| known.contains(id)) {
            texts.push(self.look_at(host, guid, id, to).await?);
        }
        Ok(Some(match texts.is_empty() {
            true => Answer::Ignored {
                reason: "none of these repositories is registered here".to_owned(),
            },
            false => Answer::Answered {
                text: texts.join("; "),
            },
        }))
    }

    /// How one of them stands now, and what follows from that.
    async fn look_at(
        &self,
        host: &dyn PullRequests,
        guid: &str,
        id: RepositoryId,
        to: Option<&str>,
    ) -> Result<String, Fault> {
        let name = host.hosted(id).await?;
        let hosted = repository::Command::Hosted {
            repository: id,
            name,
        };
        let mut standing = self.record(id, &hosted).await?;
        if let Some(to) = to {
            let transfer = repository::Command::Transfer {
                repository: id,
                notice: guid.to_owned(),
                to: to.to_owned(),
            };
            standing = self.record(id, &transfer).await?;
        }
        let Some(why) = standing.barred() else {
            let name = standing.name.unwrap_or_else(|| id.to_string());
            return Ok(format!("repository {id} is {name}"));
        };
        if standing.removed.is_some() {
            self.give_up(id, &why).await?;
        }
        let ended = self.end_runs(id, &why).await?;
        Ok(format!("{why}: {ended} of its runs were cancelled"))
    }

    async fn record(
        &self,
        id: RepositoryId,
        command: &repository::Command,
    ) -> Result<Standing, Fault> {
        let stream = StreamId::repository(id);
        let done = self.invocation.submit::<Repository>(&stream, command).await;
        Ok(done.map_err(Refused::into_fault)?.state.standing)
    }

    /// Why nothing of a repository may run; `None` = it may.
    pub(crate) async fn barred(&self, id: RepositoryId) -> Result<Option<String>, Fault> {
        Ok(engine::standing(self.deps.journal, id).await?.barred())
    }

    /// Cancels every run that has not ended; tells how many those were.
    async fn end_runs(&self, id: RepositoryId, why: &str) -> Result<usize, Fault> {
        let mut ended = 0;
        for stream in self.going_on(&format!("run/{id}/")).await? {
            let cancel = run::Command::Cancel {
                by: None,
                reason: why.to_owned(),
            };
            ended += usize::from(self.end_run(&stream, &cancel).await?);
        }
        Ok(ended)
    }

    /// GitHub is told nothing more: it would only refuse.
    async fn give_up(&self, id: RepositoryId, why: &str) -> Result<(), Fault> {
        for stream in self.going_on(&format!("checks/{id}/")).await? {
            let give_up = checks::Command::GiveUp {
                why: why.to_owned(),
            };
            ended_anyway(self.invocation.submit::<Checks>(&stream, &give_up).await)?;
        }
        for stream in self.going_on(&format!("pull/{id}/")).await? {
            let give_up = pull::Command::GiveUp {
                why: why.to_owned(),
            };
            ended_anyway(self.invocation.submit::<Pull>(&stream, &give_up).await)?;
        }
        Ok(())
    }

    /// The streams of this kind that have not ended.
    async fn going_on(&self, prefix: &str) -> Result<Vec<StreamId>, Fault> {
        let oldest = self.deps.clock.now().checked_sub(OLDEST);
        let oldest = oldest.map_or(i64::MIN, |oldest| oldest.as_millisecond());
        let mut found = Vec::new();
        let mut pages = Pages::new(self.deps.journal, prefix);
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next_page().await? else {
                break;
            };
            let past = |head: &Head| head.created_ms < oldest;
            let is_done = page.last().is_some_and(past) && !prefix.starts_with("pull/");
            let going_on = page.into_iter().filter(|head| !head.ended);
            found.extend(going_on.map(|head| head.stream));
            if is_done {
                break;
            }
        }
        Ok(found)
    }
}

/// What has ended in between needs no end.
fn ended_anyway<T, R: std::error::Error>(done: Result<T, Refused<R>>) -> Result<(), Fault> {
    match done {
        Ok(_) | Err(Refused::Rejected(_)) => Ok(()),
        Err(Refused::Fault(fault)) => Err(fault),
    }
}
