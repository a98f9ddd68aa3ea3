//! Purpose: what people have said about a pull request that holds now, whatever its runs do.
//!
//! Each word has a topic, and of a topic the latest word holds. The checks of the pull request's runs show what holds, so they
//! are told whenever it becomes another.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guard::{Guard, holds};
use crate::ids::{CommitSha, JobId, PersonId};
use crate::wish::{Wish, Wishes, is_reason};

/// Topics of one pull request that are remembered.
const MAX_TOPICS: usize = 100;
/// The topic of holds.
const HOLD: &str = "hold";

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
    /// The change looks good at this commit, and at no other.
    LooksGood { by: PersonId, commit: CommitSha },
    /// Somebody takes back that it looks good.
    TakenBack { by: PersonId },
    /// This job counts as passed at this commit, and at no other.
    Override {
        by: PersonId,
        job: JobId,
        commit: CommitSha,
        reason: String,
    },
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

/// Somebody says that the change looks good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub by: PersonId,
    pub commit: CommitSha,
}

/// Somebody lets a job count as passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    pub by: PersonId,
    pub commit: CommitSha,
    pub reason: String,
}

/// What was said, as far as it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// How often what holds has become another.
    pub number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// At the commit of the latest run, in the order in which they were said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<JobId, Override>,
    /// What was said of each topic, the latest last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, Wishes>,
}

impl Word {
    /// What it is about: of one topic the latest word holds.
    pub fn topic(&self) -> String {
        match self {
            Self::Hold { .. } | Self::Unhold { .. } => HOLD.to_owned(),
            Self::LooksGood { by, .. } | Self::TakenBack { by } => format!("look/{by}"),
            Self::Override { job, .. } => format!("check/{job}"),
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Hold { reason, .. } => reason.as_deref(),
            Self::Override { reason, .. } => Some(reason),
            Self::Unhold { .. } | Self::LooksGood { .. } | Self::TakenBack { .. } => None,
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

    /// Who says that it looks good at this commit.
    pub fn looks_at(&self, commit: &CommitSha) -> impl Iterator<Item = &Look> {
        let looks = self.looks.iter();
        looks.filter(move |look| binds(&look.commit, commit))
    }

    /// The jobs that count as passed at this commit.
    pub fn overrides_at(&self, commit: &CommitSha) -> impl Iterator<Item = (&JobId, &Override)> {
        let overrides = self.overrides.iter();
        overrides.filter(move |(_, one)| binds(&one.commit, commit))
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
            Word::LooksGood { by, commit } => {
                self.looks.retain(|look| look.by != *by);
                self.looks.push(Look {
                    by: *by,
                    commit: commit.clone(),
                });
                if self.looks.len() > MAX_TOPICS {
                    self.looks.remove(0);
                }
            }
            Word::TakenBack { by } => self.looks.retain(|look| look.by != *by),
            Word::Override {
                by,
                job,
                commit,
                reason,
            } => {
                let one = Override {
                    by: *by,
                    commit: commit.clone(),
                    reason: reason.clone(),
                };
                self.overrides.insert(job.clone(), one);
                if self.overrides.len() > MAX_TOPICS {
                    self.overrides.pop_first();
                }
            }
        }
    }

    fn remember(&mut self, topic: String, wish: &Wish) {
        self.topics.entry(topic).or_default().remember(wish);
        if self.topics.len() > MAX_TOPICS {
            let said = |wishes: &Wishes| wishes.last().map(|wish| wish.said);
            // A hold is forgotten for nothing: an older word that came late would end it.
            let others = self.topics.iter().filter(|(topic, _)| *topic != HOLD);
            let oldest = others.min_by_key(|(_, wishes)| said(wishes));
            if let Some(oldest) = oldest.map(|(topic, _)| topic.clone()) {
                self.topics.remove(&oldest);
            }
        }
    }
}

/// Whether what was said of one commit holds at the other.
fn binds(said: &CommitSha, at: &CommitSha) -> bool {
    holds(Guard::WordBindsCommit, said == at)
}
