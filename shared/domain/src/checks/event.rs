//! Purpose: what can happen to what GitHub shows of a run. These are stored for good: a shipped variant never changes its
//! meaning.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Checks, End};
use crate::ids::{CommitSha, Digest, RepositoryId, RunId};

/// What is shown, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub repository: RepositoryId,
    pub run: RunId,
    pub commit: CommitSha,
    /// The number of the pull request that the run is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
}

/// One check run or deployment that GitHub has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// GitHub's name for it: of a check run the node id, <https://docs.github.com/en/graphql/guides/using-global-node-ids>,
    /// of a deployment its number.
    pub id: String,
    /// Of what it shows; see [`super::Check::digest`].
    pub digest: Digest,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    ChecksOpened {
        opening: Opening,
        at: Timestamp,
    },
    /// From here on GitHub may be told, by this call and no other.
    UpdateIntended {
        number: u64,
        view: Digest,
        call: String,
        at: Timestamp,
    },
    UpdateShown {
        number: u64,
        view: Digest,
        /// The check runs that were created or changed, by [`super::Check::external_id`].
        checks: BTreeMap<String, Shown>,
        /// This was the run's end.
        last: bool,
        at: Timestamp,
    },
    UpdateFailed {
        number: u64,
        why: String,
        until: Timestamp,
        refused: bool,
        /// It may have been made all the same.
        unsure: bool,
    },
    ChecksGivenUp {
        why: String,
    },
    /// GitHub has these deployments as they are; the same commit says what became of the check runs.
    DeploymentsShown {
        /// Those that were created or changed, by [`super::Deployment::external_id`].
        deployments: BTreeMap<String, Shown>,
    },
    DeploymentsFailed {
        why: String,
        until: Timestamp,
        /// One may have been made all the same.
        unsure: bool,
    },
    /// GitHub is not told of this run's deployments any more; its check runs go on.
    DeploymentsGivenUp {
        why: String,
    },
    /// Somebody has said something about the pull request, so what was shown may not be all; it counts as opened now.
    ChecksReopened {
        words: u64,
        at: Timestamp,
    },
}

impl Checks {
    pub(super) fn apply(mut self, event: &Event) -> Self {
        match event {
            Event::ChecksOpened { opening, at } => {
                self.opening = Some(opening.clone());
                self.opened_at = Some(*at);
            }
            Event::UpdateIntended {
                number, call, at, ..
            } => {
                self.deployments.unsure |= self.updates.intent.is_some();
                self.updates.intended(*number, call, *at);
            }
            Event::UpdateShown {
                view,
                checks,
                last,
                at,
                ..
            } => {
                self.updates.made();
                self.shown.extend(checks.clone());
                self.view = Some(view.clone());
                self.shown_at = Some(*at);
                if *last {
                    self.end = Some(End::Final);
                }
            }
            Event::UpdateFailed {
                until,
                refused,
                unsure,
                ..
            } => {
                self.updates.failed(*until, *refused, *unsure);
            }
            Event::ChecksGivenUp { why } => self.end = Some(End::GivenUp { why: why.clone() }),
            Event::DeploymentsShown { deployments } => {
                let known = &mut self.deployments;
                known.shown.extend(deployments.clone());
                (known.unsure, known.failures, known.paused_until) = (false, 0, None);
            }
            Event::DeploymentsFailed { until, unsure, .. } => {
                let known = &mut self.deployments;
                known.unsure = *unsure;
                known.failures = known.failures.saturating_add(1);
                known.paused_until = Some(*until);
            }
            Event::DeploymentsGivenUp { why } => self.deployments.given_up = Some(why.clone()),
            Event::ChecksReopened { words, at } => {
                (self.words, self.end) = (*words, None);
                self.opened_at = Some(*at);
            }
        }
        self
    }
}
