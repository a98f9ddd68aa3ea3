//! Purpose: the check runs of this App that a commit has already.

use std::collections::BTreeMap;

use domain::ids::{CommitSha, RepositoryId};
use engine::Fault;
use serde::Deserialize;

use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::pages::PAGE;
use crate::route::Route;
use crate::session::Access;
use crate::shapes::parse;

/// Pages that are read; GitHub keeps 1,000 check runs of a suite.
const MAX_PAGES: usize = 10;

/// A check run that is there.
#[derive(Debug)]
pub(super) struct Found {
    /// The node id.
    pub id: String,
    /// Annotations that it has: GitHub adds to them, and never takes one away.
    pub annotations: usize,
}

#[derive(Deserialize)]
struct ListBody {
    check_runs: Vec<CheckRunBody>,
}

#[derive(Deserialize)]
struct CheckRunBody {
    node_id: String,
    external_id: Option<String>,
    output: OutputBody,
}

#[derive(Deserialize)]
struct OutputBody {
    annotations_count: usize,
}

impl GitHub {
    /// By external id. <https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>
    pub(super) async fn find(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<BTreeMap<String, Found>, Fault> {
        let mut found = BTreeMap::new();
        for page in 1..=MAX_PAGES {
            let route = Route::check_runs(repository, commit, self.sessions.app_id(), page)?;
            let answer = self
                .read_as(Access::Checks, repository, &route, JSON, MAX_JSON_BYTES)
                .await?;
            let Some(answer) = answer else {
                return Err(Fault::Malformed(format!(
                    "commit {} is not in repository {repository} any more",
                    commit.short()
                )));
            };
            let list: ListBody = parse(&route, &answer.body)?;
            let last = list.check_runs.len() < PAGE;
            for run in list.check_runs {
                let Some(name) = run.external_id else {
                    continue;
                };
                found.entry(name).or_insert(Found {
                    id: run.node_id,
                    annotations: run.output.annotations_count,
                });
            }
            if last {
                break;
            }
        }
        Ok(found)
    }
}
