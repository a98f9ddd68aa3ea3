//! Purpose: what people have said about a pull request that holds now, whatever its runs do.
//!
//! Each word has a topic, and of a topic the latest word holds. The checks of the pull request's runs show what holds, so they
//! are told whenever it becomes another.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guard::{Guard, holds};
use crate::ids::PersonId;
use crate::wish::{Wish, Wishes, is_reason};

/// Topics of one pull request that are remembered.
const MAX_TOPICS: usize = 100;

/// One thing that somebody says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// It must not be merged.
    Hold {
        by: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It may be merged.
    Unhold { by: PersonId },
}

/// Somebody keeps it from being merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub by: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when; whoever says it again changes who and why, not this.
    pub since: Timestamp,
}

/// What was said, as far as it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// How often what holds has become another.
    pub number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// What was said of each topic, the latest last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, Wishes>,
}

impl Word {
    /// What it is about: of one topic the latest word holds.
    pub fn topic(&self) -> String {
        match self {
            Self::Hold { .. } | Self::Unhold { .. } => "hold".to_owned(),
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Hold { reason, .. } => reason.as_deref(),
            Self::Unhold { .. } => None,
        }
    }

    /// Whether its reason is one.
    pub(super) fn is_whole(&self) -> bool {
        self.reason().is_none_or(is_reason)
    }
}

impl Words {
    /// Why it must not be merged now.
    pub fn held(&self) -> Option<&Hold> {
        self.hold
            .as_ref()
            .filter(|_| !holds(Guard::HoldStopsMerge, false))
    }

    /// Whether this was followed.
    pub fn has_followed(&self, word: &Word, wish: &Wish) -> bool {
        let topic = self.topics.get(&word.topic());
        topic.is_some_and(|said| said.has_followed(wish))
    }

    /// Whether it is new, and nothing was said of this since. Also where it changes nothing: what was said before may still be
    /// on its way.
    pub(super) fn is_news(&self, word: &Word, wish: &Wish) -> bool {
        let topic = self.topics.get(&word.topic());
        topic.is_none_or(|said| said.is_news(wish))
    }

    pub(super) fn say(&mut self, word: &Word, wish: &Wish) {
        self.number += 1;
        self.remember(word.topic(), wish);
        match word {
            Word::Hold { by, reason } => {
                let since = self.hold.as_ref().map_or(wish.said, |hold| hold.since);
                self.hold = Some(Hold {
                    by: *by,
                    reason: reason.clone(),
                    since,
                });
            }
            Word::Unhold { .. } => self.hold = None,
        }
    }

    fn remember(&mut self, topic: String, wish: &Wish) {
        self.topics.entry(topic).or_default().remember(wish);
        if self.topics.len() > MAX_TOPICS {
            let said = |wishes: &Wishes| wishes.last().map(|wish| wish.said);
            let oldest = self.topics.iter().min_by_key(|(_, wishes)| said(wishes));
            if let Some(oldest) = oldest.map(|(topic, _)| topic.clone()) {
                self.topics.remove(&oldest);
            }
        }
    }
}
