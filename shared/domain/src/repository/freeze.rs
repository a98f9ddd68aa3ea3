//! Purpose: deploys that somebody has stopped: by which word, since when, and which runs wait for the end of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, Rejection, Repository};
use crate::guard::{Guard, holds};
use crate::ids::{PersonId, RepositoryId, RunId};

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

/// What somebody said about freezing, of which the latest holds: words may come late, twice, and in another order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What it is known by when it is brought again; never used for another.
    pub id: String,
    /// When it was said, by the clock of where it was said.
    pub said: Timestamp,
}

/// Characters of a reason at most.
pub const MAX_REASON: usize = 500;
/// Wishes about freezes that are remembered.
const MAX_WISHES: usize = 20;
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
        self.wishes.iter().any(|known| known.id == wish.id)
    }

    /// Whether it is new, and nothing was said after it.
    fn is_news(&self, wish: &Wish) -> bool {
        let last = self.wishes.last();
        !self.has_followed(wish) && last.is_none_or(|last| last.said <= wish.said)
    }

    pub(super) fn freeze(
        &self,
        repository: RepositoryId,
        freeze: Freeze,
        wish: &Wish,
    ) -> Result<Vec<Event>, Rejection> {
        let length = freeze
            .reason
            .as_deref()
            .map(|why| why.trim().chars().count());
        if length.is_some_and(|length| !(1..=MAX_REASON).contains(&length)) {
            return Err(Rejection::Reason);
        }
        let frozen = Event::DeploysFrozen {
            repository,
            freeze,
            wish: wish.clone(),
        };
        Ok(self.is_news(wish).then_some(frozen).into_iter().collect())
    }

    /// Also where nothing is frozen: a freeze that was said before may still be on its way.
    pub(super) fn unfreeze(&self, at: Timestamp, by: Option<PersonId>, wish: &Wish) -> Vec<Event> {
        let unfrozen = Event::DeploysUnfrozen {
            by,
            at,
            wish: wish.clone(),
            held: self.held.clone(),
        };
        self.is_news(wish).then_some(unfrozen).into_iter().collect()
    }

    pub(super) fn remember(&mut self, wish: &Wish) {
        self.wishes.push(wish.clone());
        if self.wishes.len() > MAX_WISHES {
            self.wishes.remove(0);
        }
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
