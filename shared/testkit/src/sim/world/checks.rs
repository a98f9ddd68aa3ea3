//! Purpose: check runs as GitHub has them. It creates whatever it is asked to create, as often as it is asked.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::checks::Check;
use domain::ids::{CommitSha, RepositoryId};
use domain::update::UPDATE_SECONDS;
use engine::Fault;
use engine::ports::{Checks, ChecksUpdate, DeploymentsAnswer, DeploymentsUpdate, NotShown};
use jiff::SignedDuration;

use super::{State, World};

/// Chance in 10,000 that GitHub takes no calls for a while.
const LIMITED: u32 = 300;

/// A check run that was created.
#[derive(Clone, Debug)]
pub struct CheckRun {
    pub repository: RepositoryId,
    pub commit: CommitSha,
    pub id: String,
    pub check: Check,
}

#[async_trait]
impl Checks for World {
    async fn show(&self, update: &ChecksUpdate<'_>) -> Result<BTreeMap<String, String>, NotShown> {
        let unknown = |fault: Fault| NotShown::Unknown(fault.to_string());
        let limited = self.limited();
        if let Some(limited) = limited {
            return Err(limited);
        }
        let deadline = self.state().real_ms + i64::from(UPDATE_SECONDS) * 1_000;
        let found = match update.look_first {
            false => BTreeMap::new(),
            true => self
                .call("checks.find", |state| Ok(state.found(update)))
                .await
                .map_err(unknown)?,
        };
        self.call("checks.update", |state| {
            // Whoever slept for so long has no connection any more.
            if state.real_ms > deadline {
                return Err(Fault::Unavailable("GitHub did not answer".to_owned()));
            }
            Ok(state.show(update, &found))
        })
        .await
        .map_err(unknown)
    }

    async fn show_deployments(&self, update: &DeploymentsUpdate<'_>) -> DeploymentsAnswer {
        self.deploy(update).await
    }
}

impl World {
    pub(super) fn limited(&self) -> Option<NotShown> {
        let mut state = self.state();
        if !state.mishap(LIMITED) {
            return None;
        }
        let pause = SignedDuration::from_secs(state.rng.i64(1..600));
        let until = state.now().checked_add(pause).ok()?;
        let why = "the rate limit is used up".to_owned();
        Some(NotShown::Limited { why, until })
    }
}

impl State {
    fn found(&self, update: &ChecksUpdate<'_>) -> BTreeMap<String, String> {
        let there = self
            .check_runs
            .iter()
            .filter(|run| run.repository == update.repository && run.commit == *update.commit);
        there
            .map(|run| (run.check.external_id.clone(), run.id.clone()))
            .collect()
    }

    fn show(
        &mut self,
        update: &ChecksUpdate<'_>,
        found: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        for wanted in &update.checks {
            let name = &wanted.check.external_id;
            let known = wanted.id.or(found.get(name).map(String::as_str));
            let there = known.and_then(|id| self.check_runs.iter_mut().find(|run| run.id == id));
            let id = match there {
                Some(run) => {
                    run.check = wanted.check.clone();
                    run.id.clone()
                }
                None => self.create(update, wanted.check),
            };
            ids.insert(name.clone(), id);
        }
        ids
    }

    fn create(&mut self, update: &ChecksUpdate<'_>, check: &Check) -> String {
        let id = format!("CR_{}", self.check_runs.len());
        self.check_runs.push(CheckRun {
            repository: update.repository,
            commit: update.commit.clone(),
            id: id.clone(),
            check: check.clone(),
        });
        id
    }
}
