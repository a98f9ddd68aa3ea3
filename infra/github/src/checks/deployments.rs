//! Purpose: deployments and their statuses, over REST: GraphQL's `createDeployment` takes no commit but a ref, which may have
//! moved, and cannot say whether an environment is a production one.
//!
//! They have a token of their own, so that an App without the permission for them shows check runs all the same.

use std::collections::BTreeMap;

use domain::checks::{DEPLOYMENTS_SECONDS, Deployment, DeploymentState};
use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use engine::ports::{DeploymentUpdate, DeploymentsAnswer, DeploymentsUpdate, NotShown};
use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::pages::PAGE;
use crate::route::Route;
use crate::session::Access;
use crate::shapes::{ViaBody, parse};
use crate::show::in_time;

/// Pages that are read: more than a commit has runs and environments.
const MAX_PAGES: usize = 10;

/// What a deployment carries, by which it is found again.
#[derive(Serialize, Deserialize)]
struct Payload {
    slipway: String,
}

#[derive(Deserialize)]
struct DeploymentBody {
    id: u64,
    environment: String,
    payload: Value,
    performed_via_github_app: Option<ViaBody>,
}

#[derive(Deserialize)]
struct CreatedBody {
    id: u64,
}

/// A status that is there.
#[derive(Deserialize)]
struct StatusBody {
    state: String,
    description: Option<String>,
    log_url: Option<String>,
    environment_url: Option<String>,
}

/// A status to be shown. <https://docs.github.com/en/rest/deployments/statuses>
struct Status<'a> {
    state: &'static str,
    description: &'a str,
    log_url: &'a str,
    environment_url: &'a str,
}

impl<'a> Status<'a> {
    fn of(deployment: &'a Deployment) -> Self {
        let state = match deployment.state {
            DeploymentState::Pending => "pending",
            DeploymentState::Queued => "queued",
            DeploymentState::InProgress => "in_progress",
            DeploymentState::Success => "success",
            DeploymentState::Failure => "failure",
            DeploymentState::Error => "error",
            DeploymentState::Inactive => "inactive",
        };
        Self {
            state,
            description: &deployment.description,
            log_url: &deployment.log_url,
            environment_url: deployment.environment_url.as_deref().unwrap_or_default(),
        }
    }

    fn is(&self, there: &StatusBody) -> bool {
        let same =
            |there: &Option<String>, here: &str| there.as_deref().unwrap_or_default() == here;
        there.state == self.state
            && same(&there.description, self.description)
            && same(&there.log_url, self.log_url)
            && same(&there.environment_url, self.environment_url)
    }
}

impl GitHub {
    /// One after the other, until one fails: what fails for one would fail for the next.
    pub(super) async fn deploy(&self, update: &DeploymentsUpdate<'_>) -> DeploymentsAnswer {
        let mut shown = BTreeMap::new();
        let told = in_time(DEPLOYMENTS_SECONDS, self.deploy_all(update, &mut shown)).await;
        DeploymentsAnswer {
            shown,
            failed: told.err(),
        }
    }

    async fn deploy_all(
        &self,
        update: &DeploymentsUpdate<'_>,
        shown: &mut BTreeMap<String, String>,
    ) -> Result<(), NotShown> {
        let unnamed = |wanted: &DeploymentUpdate<'_>| number(wanted.id).is_none();
        let there = match update.look_first && update.deployments.iter().any(unnamed) {
            true => {
                let there = self
                    .find_deployments(update.repository, update.commit)
                    .await;
                self.or_undeployed(update.repository, there).await?
            }
            false => Vec::new(),
        };
        for wanted in &update.deployments {
            let found = there.iter().find(|found| is_it(found, wanted.deployment));
            let known = number(wanted.id).or(found.map(|found| found.id));
            let id = self.deploy_one(update, wanted.deployment, known).await?;
            shown.insert(wanted.deployment.external_id.clone(), id.to_string());
        }
        Ok(())
    }

    /// Its number, once it shows what it has to.
    async fn deploy_one(
        &self,
        update: &DeploymentsUpdate<'_>,
        deployment: &Deployment,
        known: Option<u64>,
    ) -> Result<u64, NotShown> {
        let (repository, status) = (update.repository, Status::of(deployment));
        let id = match known {
            Some(id) => {
                // Not the newest alone: a later deployment may have made this one inactive since.
                if update.look_first {
                    let route = Route::deployment_statuses_of(repository, id);
                    let there = self.read_deployments::<Vec<StatusBody>>(repository, &route);
                    let there = self.or_undeployed(repository, there.await).await?;
                    if there.iter().any(|there| status.is(there)) {
                        return Ok(id);
                    }
                }
                id
            }
            None => {
                let route = Route::deployments(repository);
                let body = creation(update.commit, deployment);
                let made: CreatedBody = self.send_deployment(repository, &route, &body).await?;
                made.id
            }
        };
        let route = Route::deployment_statuses(repository, id);
        let body = status_body(&status);
        let sent = self.send_deployment::<CreatedBody>(repository, &route, &body);
        match sent.await {
            Ok(_) => Ok(id),
            // Whatever became of the status, the deployment is there.
            Err(why) if known.is_none() => Err(match why {
                NotShown::Refused(_) => why,
                why => NotShown::Unknown(format!("GitHub has a deployment without status: {why}")),
            }),
            Err(why) => Err(why),
        }
    }

    async fn find_deployments(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<Vec<DeploymentBody>, Fault> {
        let mut found = Vec::new();
        for page in 1..=MAX_PAGES {
            let route = Route::deployments_of(repository, commit, page)?;
            let list: Vec<DeploymentBody> = self.read_deployments(repository, &route).await?;
            let last = list.len() < PAGE;
            let of_us = |one: &DeploymentBody| {
                let app = one.performed_via_github_app.as_ref();
                app.is_none_or(|app| app.id == self.sessions.app_id())
            };
            found.extend(list.into_iter().filter(of_us));
            if last {
                break;
            }
        }
        Ok(found)
    }

    async fn read_deployments<T: DeserializeOwned>(
        &self,
        repository: RepositoryId,
        route: &Route,
    ) -> Result<T, Fault> {
        let answer = self
            .read_as(Access::Deployments, repository, route, JSON, MAX_JSON_BYTES)
            .await?
            .ok_or_else(|| Fault::Malformed(format!("GitHub has nothing at {route}")))?;
        parse(route, &answer.body)
    }

    async fn send_deployment<T: DeserializeOwned>(
        &self,
        repository: RepositoryId,
        route: &Route,
        body: &Value,
    ) -> Result<T, NotShown> {
        let (access, method) = (Access::Deployments, Method::POST);
        let answer = self.tell(access, repository, method, route, body).await?;
        let judged = self.judge_as(access, repository, route, &answer).await;
        match self.or_undeployed(repository, judged).await? {
            // Whatever it says, it was sent.
            Some(()) => {
                parse(route, &answer.body).map_err(|fault| NotShown::Unknown(fault.to_string()))
            }
            None => Err(NotShown::Refused(format!(
                "GitHub answered {} to {route}: it shows no deployment there",
                answer.status
            ))),
        }
    }

    async fn or_undeployed<T>(
        &self,
        repository: RepositoryId,
        result: Result<T, Fault>,
    ) -> Result<T, NotShown> {
        self.or_not_shown(Access::Deployments, repository, result)
            .await
    }
}

fn number(id: Option<&str>) -> Option<u64> {
    id?.parse().ok()
}

fn is_it(found: &DeploymentBody, wanted: &Deployment) -> bool {
    // GitHub gives a payload back as it was sent, or as the text of it.
    let payload = match &found.payload {
        Value::String(text) => serde_json::from_str::<Payload>(text).ok(),
        other => Payload::deserialize(other).ok(),
    };
    found.environment == wanted.environment
        && payload.is_some_and(|payload| payload.slipway == wanted.external_id)
}

/// Without `required_contexts`, GitHub refuses (409) a commit of which any status or check is not green yet, and that of
/// this very run is not; which checks a deploy needs is what the pipeline file says. With `auto_merge`, which is its default,
/// it would merge the default branch into the ref and deploy what nobody tested.
/// <https://docs.github.com/en/rest/deployments/deployments#create-a-deployment>
fn creation(commit: &CommitSha, deployment: &Deployment) -> Value {
    json!({
        "ref": commit,
        "task": "deploy",
        "auto_merge": false,
        "required_contexts": [],
        "payload": Payload { slipway: deployment.external_id.clone() },
        "environment": deployment.environment,
        "description": deployment.description,
        "transient_environment": false,
        "production_environment": deployment.production,
    })
}

/// With `auto_inactive`, a success makes the deployments before it inactive, those of production environments excepted.
/// <https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status>
fn status_body(status: &Status<'_>) -> Value {
    json!({
        "state": status.state,
        "description": status.description,
        "log_url": status.log_url,
        "environment_url": status.environment_url,
        "auto_inactive": true,
    })
}
