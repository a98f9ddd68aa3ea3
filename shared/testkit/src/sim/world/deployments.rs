//! Purpose: deployments as GitHub has them. It creates whatever it is asked to create, as often as it is asked.

use domain::checks::{DEPLOYMENTS_SECONDS, Deployment};
use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::{DeploymentUpdate, DeploymentsAnswer, DeploymentsUpdate, NotShown};

use super::{State, World};

/// A deployment that was created.
#[derive(Clone, Debug)]
pub struct Deployed {
    pub repository: RepositoryId,
    pub commit: CommitSha,
    pub id: String,
    /// What it carries, by which it is found again.
    pub name: String,
    /// Oldest first.
    pub statuses: Vec<Deployment>,
}

impl World {
    /// One after the other, until one fails.
    pub(super) async fn deploy(&self, update: &DeploymentsUpdate<'_>) -> DeploymentsAnswer {
        let mut answer = DeploymentsAnswer::default();
        let limited = self.limited();
        if let Some(limited) = limited {
            answer.failed = Some(limited);
            return answer;
        }
        let refuses = self.state().refuses_deployments;
        if refuses {
            let why = "Resource not accessible by integration".to_owned();
            answer.failed = Some(NotShown::Refused(why));
            return answer;
        }
        let deadline = self.state().real_ms + i64::from(DEPLOYMENTS_SECONDS) * 1_000;
        for wanted in &update.deployments {
            match self.deploy_one(update, wanted, deadline).await {
                Ok(id) => {
                    let name = wanted.deployment.external_id.clone();
                    answer.shown.insert(name, id);
                }
                Err(fault) => {
                    answer.failed = Some(NotShown::Unknown(fault.to_string()));
                    break;
                }
            }
        }
        answer
    }

    async fn deploy_one(
        &self,
        update: &DeploymentsUpdate<'_>,
        wanted: &DeploymentUpdate<'_>,
        deadline: i64,
    ) -> Result<String, Fault> {
        let deployment = wanted.deployment;
        let mut known = wanted.id.map(ToOwned::to_owned);
        if update.look_first {
            let found = self
                .call("deployments.find", |state| {
                    Ok(state.found_deployment(update, deployment))
                })
                .await?;
            if let Some((id, shown)) = found {
                if shown {
                    return Ok(id);
                }
                known = Some(id);
            }
        }
        let id = match known {
            Some(id) => id,
            None => {
                self.call("deployments.create", |state| {
                    in_time(state, deadline)?;
                    Ok(state.create_deployment(update, deployment))
                })
                .await?
            }
        };
        let there = id.clone();
        self.call("deployments.status", move |state| {
            in_time(state, deadline)?;
            let all = &mut state.deployments;
            if let Some(one) = all.iter_mut().find(|one| one.id == there) {
                one.statuses.push(deployment.clone());
            }
            Ok(())
        })
        .await?;
        Ok(id)
    }
}

/// Whoever slept for so long has no connection any more.
fn in_time(state: &State, deadline: i64) -> Result<(), Fault> {
    if state.real_ms > deadline {
        return Err(Fault::Unavailable("GitHub did not answer".to_owned()));
    }
    Ok(())
}

impl State {
    /// What it is called, and whether it was given this status already.
    fn found_deployment(
        &self,
        update: &DeploymentsUpdate<'_>,
        deployment: &Deployment,
    ) -> Option<(String, bool)> {
        let one = self.deployments.iter().find(|one| {
            one.repository == update.repository
                && one.commit == *update.commit
                && one.name == deployment.external_id
        })?;
        Some((one.id.clone(), one.statuses.contains(deployment)))
    }

    fn create_deployment(
        &mut self,
        update: &DeploymentsUpdate<'_>,
        deployment: &Deployment,
    ) -> String {
        let id = self.deployments.len().to_string();
        self.deployments.push(Deployed {
            repository: update.repository,
            commit: update.commit.clone(),
            id: id.clone(),
            name: deployment.external_id.clone(),
            statuses: Vec::new(),
        });
        id
    }
}
