//! Purpose: the port `Checks` over GitHub's GraphQL API: many check runs are created and changed in one request; deployments
//! follow over REST.
//!
//! An update whose answer was lost may have been made. So whoever is not sure asks first what there is, and goes on with it.

mod deployments;
mod find;
mod mutation;
mod reply;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::RepositoryId;
use domain::update::UPDATE_SECONDS;
use engine::Fault;
use engine::ports::{Checks, ChecksUpdate, DeploymentsAnswer, DeploymentsUpdate, NotShown};
use http::Method;
use serde_json::Value;

use crate::answer::limit_end;
use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::route::Route;
use crate::session::Access;
use crate::shapes::{RepositoryBody, parse};
use crate::show::in_time;
use find::Found;
use mutation::{Job, request};

/// Check runs that one request creates or changes.
const MAX_CHANGES: usize = 50;
/// Annotations that one request may add to a check run.
/// <https://docs.github.com/en/rest/checks/runs#update-a-check-run>
const ANNOTATIONS_PAGE: usize = 50;

#[async_trait]
impl Checks for GitHub {
    async fn show(&self, update: &ChecksUpdate<'_>) -> Result<BTreeMap<String, String>, NotShown> {
        in_time(UPDATE_SECONDS, self.show_all(update)).await
    }

    async fn show_deployments(&self, update: &DeploymentsUpdate<'_>) -> DeploymentsAnswer {
        self.deploy(update).await
    }
}

impl GitHub {
    async fn show_all(
        &self,
        update: &ChecksUpdate<'_>,
    ) -> Result<BTreeMap<String, String>, NotShown> {
        let repository = update.repository;
        let there = match update.look_first {
            true => self.find(repository, update.commit).await,
            false => Ok(BTreeMap::new()),
        };
        let there = self.or_not_shown(Access::Checks, repository, there).await?;
        let node = self.node(repository).await;
        let node = self.or_not_shown(Access::Checks, repository, node).await?;
        let mut jobs: Vec<Job<'_>> = update
            .checks
            .iter()
            .map(|wanted| job(wanted, there.get(&wanted.check.external_id)))
            .collect();
        let mut begun = false;
        // Each round adds one page of annotations to the check runs that have more.
        while jobs.iter().any(|job| !job.is_done()) {
            let mut open: Vec<&mut Job<'_>> =
                jobs.iter_mut().filter(|job| !job.is_done()).collect();
            for some in open.chunks_mut(MAX_CHANGES) {
                let body = request(&node, update.commit, some);
                let ids = self.mutate(repository, &body, some.len()).await;
                let ids = ids.map_err(|why| if begun { reply::in_part(&why) } else { why })?;
                begun = true;
                for (job, id) in some.iter_mut().zip(ids) {
                    job.went_on(id);
                }
            }
        }
        let ids = jobs.into_iter().filter_map(|job| {
            let name = job.check.external_id.clone();
            job.id.map(|id| (name, id))
        });
        Ok(ids.collect())
    }

    /// GitHub's name for a repository, which never changes. <https://docs.github.com/en/graphql/guides/using-global-node-ids>
    async fn node(&self, repository: RepositoryId) -> Result<String, Fault> {
        if let Some(known) = self.nodes.get(repository) {
            return Ok(known);
        }
        let route = Route::repository(repository);
        let answer = self
            .read_as(Access::Checks, repository, &route, JSON, MAX_JSON_BYTES)
            .await?
            .ok_or_else(|| Fault::Malformed(format!("GitHub has no repository {repository}")))?;
        let body: RepositoryBody = parse(&route, &answer.body)?;
        self.nodes.keep(repository, body.node_id.clone());
        Ok(body.node_id)
    }

    /// Sends one request; the ids of its check runs in their order.
    async fn mutate(
        &self,
        repository: RepositoryId,
        body: &Value,
        count: usize,
    ) -> Result<Vec<String>, NotShown> {
        let route = Route::graphql();
        let access = Access::Checks;
        let answer = self
            .tell(access, repository, Method::POST, &route, body)
            .await?;
        let judged = self.judge_as(access, repository, &route, &answer).await;
        if self
            .or_not_shown(access, repository, judged)
            .await?
            .is_none()
        {
            let why = "GitHub has no GraphQL API where it is configured".to_owned();
            return Err(NotShown::Refused(why));
        }
        reply::ids(&answer.body, count, limit_end(&answer, self.clock.now()))
    }
}

/// What is to be done about a check run; one that was found is gone on with where it was left.
fn job<'a>(wanted: &engine::ports::CheckUpdate<'a>, found: Option<&Found>) -> Job<'a> {
    Job {
        check: wanted.check,
        id: wanted
            .id
            .map(ToOwned::to_owned)
            .or_else(|| found.map(|found| found.id.clone())),
        annotated: found.map_or(0, |found| found.annotations),
        rounds: 0,
    }
}
