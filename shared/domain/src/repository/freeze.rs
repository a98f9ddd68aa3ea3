//! Purpose: deploys that somebody has stopped: by which word, since when, and which runs wait for the end of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, Rejection, Repository};
use crate::guard::{Guard, holds};
use crate::ids::{PersonId, RepositoryId, RunId};
use crate::wish::{Wish, is_reason};

/// Somebody has stopped all deploys, until somebody lets them go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// `None` = somebody at the machine's own command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when; whoever says it again changes who and why, not this.
    pub at: Timestamp,
}

/// Runs that are rung at the end of a freeze; those beyond notice by themselves, within half a minute.
pub const MAX_HELD: usize = 100;

impl Repository {
    /// Why no deploy may begin now.
    pub fn frozen(&self) -> Option<&Freeze> {
        self.freeze
            .as_ref()
            .filter(|_| !holds(Guard::FreezeStopsDeploys, false))
    }

    /// Whether it was followed.
    pub fn has_followed(&self, wish: &Wish) -> bool {
        self.wishes.has_followed(wish)
    }

    pub(super) fn freeze(
        &self,
        repository: RepositoryId,
        freeze: Freeze,
        wish: &Wish,
    ) -> Result<Vec<Event>, Rejection> {
        let reason = freeze.reason.as_deref();
        if reason.is_some_and(|reason| !is_reason(reason)) {
            return Err(Rejection::Reason);
        }
        let frozen = Event::DeploysFrozen {
            repository,
            freeze,
            wish: wish.clone(),
        };
        let is_news = self.wishes.is_news(wish);
        Ok(is_news.then_some(frozen).into_iter().collect())
    }

    /// Also where nothing is frozen: a freeze that was said before may still be on its way.
    pub(super) fn unfreeze(&self, at: Timestamp, by: Option<PersonId>, wish: &Wish) -> Vec<Event> {
        let unfrozen = Event::DeploysUnfrozen {
            by,
            at,
            wish: wish.clone(),
            held: self.held.clone(),
        };
        let is_news = self.wishes.is_news(wish);
        is_news.then_some(unfrozen).into_iter().collect()
    }

    /// Somebody lets it know when deploys may begin again.
    pub(super) fn hold(&self, repository: RepositoryId, run: &RunId) -> Vec<Event> {
        let is_news = self.freeze.is_some() && !self.held.contains(run);
        let held = Event::DeployHeld {
            repository,
            run: run.clone(),
        };
        let is_held = is_news && self.held.len() < MAX_HELD;
        is_held.then_some(held).into_iter().collect()
    }
}
