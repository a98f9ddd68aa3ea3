//! Purpose: how a repository stands at GitHub: what it is called now, whom it was given to, and whether the App is installed on
//! it. A repository is its number; whoever gets it by a transfer does not get the trust that it had.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Event;
use crate::ids::{PersonId, RepositoryId};

/// Transfers that are remembered, so that one that is told again does not count again.
const MAX_NOTICES: usize = 20;

/// What GitHub has told of a repository since it is known here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What GitHub calls it: `owner/name`; `None` = it never told of another name than it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// It belongs to somebody whom nobody here has trusted yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
    /// Since when the App is not installed on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Timestamp>,
    /// The deliveries that told of transfers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}

/// A repository that was given to somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// What it was called then: `owner/name`.
    pub to: String,
    pub at: Timestamp,
}

impl Standing {
    /// Whether GitHub has told nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Why nothing of the repository may run: a sentence without a full stop.
    pub fn barred(&self) -> Option<String> {
        if self.removed.is_some() {
            return Some("the GitHub App was removed from the repository".to_owned());
        }
        let transfer = self.transfer.as_ref()?;
        Some(format!(
            "the repository was transferred to {}, and nobody has trusted it since (`slipway trust`)",
            transfer.to
        ))
    }

    pub(super) fn hosted(
        &self,
        at: Timestamp,
        repository: RepositoryId,
        name: Option<&str>,
    ) -> Vec<Event> {
        let Some(name) = name else {
            let removed = Event::AppRemoved { repository, at };
            return self
                .removed
                .is_none()
                .then_some(removed)
                .into_iter()
                .collect();
        };
        let installed = self.removed.map(|_| Event::AppInstalled { at });
        let is_new = self.name.as_deref() != Some(name);
        let renamed = is_new.then(|| Event::RepositoryRenamed {
            repository,
            name: name.to_owned(),
        });
        installed.into_iter().chain(renamed).collect()
    }

    pub(super) fn transfer(
        &self,
        at: Timestamp,
        repository: RepositoryId,
        notice: &str,
        to: &str,
    ) -> Vec<Event> {
        let transferred = Event::RepositoryTransferred {
            repository,
            notice: notice.to_owned(),
            to: to.to_owned(),
            at,
        };
        let is_news = !self.notices.iter().any(|known| known == notice);
        is_news.then_some(transferred).into_iter().collect()
    }

    pub(super) fn admit(&self, at: Timestamp, by: Option<PersonId>) -> Vec<Event> {
        let admitted = Event::RepositoryAdmitted { by, at };
        self.transfer
            .is_some()
            .then_some(admitted)
            .into_iter()
            .collect()
    }

    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::RepositoryRenamed { name, .. } => self.name = Some(name.clone()),
            Event::RepositoryTransferred { notice, to, at, .. } => {
                let (to, at) = (to.clone(), *at);
                self.transfer = Some(Transfer { to, at });
                self.notices.push(notice.clone());
                if self.notices.len() > MAX_NOTICES {
                    self.notices.remove(0);
                }
            }
            Event::RepositoryAdmitted { .. } => self.transfer = None,
            Event::AppRemoved { at, .. } => self.removed = Some(*at),
            Event::AppInstalled { .. } => self.removed = None,
            _ => {}
        }
    }
}
