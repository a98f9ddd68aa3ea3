//! Purpose: what GitHub has of a run's deployments. They go with the updates of check runs and hold none of them up: what
//! fails of them is tried again at its own time, and what GitHub refuses is given up for this run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Event, Shown};
use super::{Checks, View};
use crate::guard::{Guard, holds};
use crate::kernel::later;
use crate::update::{FIRST_PAUSE_SECONDS, Failure, pause};

/// Seconds that GitHub may be spoken to about the deployments of one update.
pub const DEPLOYMENTS_SECONDS: u32 = 30;

/// What GitHub has of the deployments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployments {
    /// Those that GitHub has, by [`super::Deployment::external_id`].
    pub shown: BTreeMap<String, Shown>,
    /// One may have been made without our knowing.
    pub unsure: bool,
    /// Tries that failed since the last good one.
    pub failures: u32,
    /// Nothing is tried before then.
    pub paused_until: Option<Timestamp>,
    /// Why GitHub is not told of them any more.
    pub given_up: Option<String>,
}

/// What became of the deployments of an update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Those that GitHub has as they are, by [`super::Deployment::external_id`].
    pub shown: BTreeMap<String, Shown>,
    /// What happened to the others.
    pub failed: Option<(Failure, String)>,
}

impl Deployments {
    /// Whether nothing may be said of them at this time, or ever.
    fn is_silent(&self, at: Timestamp) -> bool {
        self.given_up.is_some() || self.is_paused(at)
    }

    fn is_paused(&self, at: Timestamp) -> bool {
        self.given_up.is_none() && self.paused_until.is_some_and(|until| at < until)
    }
}

impl Checks {
    /// What of this view GitHub can be told at this time.
    pub fn of(&self, mut view: View, at: Timestamp) -> View {
        if self.deployments.is_silent(at) {
            view.deployments.clear();
        }
        view
    }

    /// Whether deployments are left out now that will be told of later.
    pub fn owes_deployments(&self, at: Timestamp) -> bool {
        self.deployments.is_paused(at)
    }

    /// The same as [`crate::update::Updates::may_create`] for a deployment.
    pub fn may_create_deployments(&self) -> bool {
        holds(Guard::LookBeforeCreate, !self.deployments.unsure)
    }

    /// What is to be recorded of them.
    pub(super) fn told(&self, at: Timestamp, told: &Told) -> Vec<Event> {
        let mut events = Vec::new();
        if told.failed.is_none() || !told.shown.is_empty() {
            let deployments = told.shown.clone();
            events.push(Event::DeploymentsShown { deployments });
        }
        let Some((failure, why)) = &told.failed else {
            return events;
        };
        let why = why.clone();
        events.push(match failure {
            Failure::Refused => Event::DeploymentsGivenUp { why },
            Failure::Limited { until } => Event::DeploymentsFailed {
                why,
                until: (*until).max(later(at, FIRST_PAUSE_SECONDS)),
                unsure: self.deployments.unsure,
            },
            Failure::Unknown => Event::DeploymentsFailed {
                why,
                until: later(at, pause(FIRST_PAUSE_SECONDS, self.deployments.failures)),
                unsure: true,
            },
        });
        events
    }
}
