//! Purpose: the port `PullRequests` over GitHub: a pull request as it stands, and how somebody stands to the repository.
//!
//! Both are asked of GitHub each time. An answer of the cache is used only where GitHub has just said that it still holds.

use async_trait::async_trait;
use domain::ids::{CommitSha, PersonId, RepositoryId};
use engine::Fault;
use engine::ports::{Login, PullRequest, PullRequests, Written};
use github::commands::Standing;
use github::payload::AccountKind;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde::Deserialize;

use crate::github::{GitHub, JSON, MAX_JSON_BYTES};
use crate::route::Route;
use crate::session::Access;
use crate::shapes::{RepositoryBody, ViaBody, parse};

#[derive(Deserialize)]
struct PullBody {
    number: u64,
    state: String,
    user: Option<AccountBody>,
    head: SideBody,
    base: SideBody,
}

#[derive(Deserialize)]
struct SideBody {
    #[serde(rename = "ref")]
    branch: String,
    sha: CommitSha,
    repo: Option<NumberedBody>,
}

#[derive(Deserialize)]
struct NumberedBody {
    id: u64,
}

#[derive(Deserialize)]
struct AccountBody {
    id: u64,
    login: String,
}

#[derive(Deserialize)]
struct PermissionBody {
    /// The base role: `admin`, `write`, `read` or `none`. The role's own name may be one that the organisation invented;
    /// `maintain` is a `write` here, and `triage` a `read`.
    permission: String,
    user: Option<NumberedBody>,
}

#[derive(Deserialize)]
struct WrittenBody {
    id: u64,
    user: Option<AuthorBody>,
    body: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    performed_via_github_app: Option<ViaBody>,
}

#[derive(Deserialize)]
struct AuthorBody {
    id: u64,
    login: String,
    #[serde(rename = "type")]
    kind: AccountKind,
}

#[async_trait]
impl PullRequests for GitHub {
    async fn pull_request(
        &self,
        repository: RepositoryId,
        number: u64,
    ) -> Result<Option<PullRequest>, Fault> {
        let route = Route::pull_request(repository, number);
        let answer = self
            .read_as(
                Access::PullRequests,
                repository,
                &route,
                JSON,
                MAX_JSON_BYTES,
            )
            .await?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let body: PullBody = parse(&route, &answer.body)?;
        let asked = body.number == number && body.base.is_in(repository);
        if !asked || !body.head.sha.is_valid() || !body.base.sha.is_valid() {
            return Err(Fault::Malformed(format!(
                "GitHub answered {route} with another pull request, or with commits that have no full names"
            )));
        }
        Ok(Some(body.into_pull_request()))
    }

    async fn hosted(&self, repository: RepositoryId) -> Result<Option<String>, Fault> {
        if !self.is_installed(repository).await? {
            return Ok(None);
        }
        let route = Route::repository(repository);
        let answer = self.read(repository, &route, JSON, MAX_JSON_BYTES).await?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let body: RepositoryBody = parse(&route, &answer.body)?;
        Ok(Some(body.full_name))
    }

    async fn standing(&self, repository: RepositoryId, who: &Login) -> Result<Standing, Fault> {
        // What is no name of a person never gets into a path.
        let Some(route) = Route::permission(repository, &who.name) else {
            return Ok(Standing::Outsider);
        };
        let access = Access::PullRequests;
        let answer = self
            .read_as(access, repository, &route, JSON, MAX_JSON_BYTES)
            .await?;
        let Some(answer) = answer else {
            return Ok(Standing::Outsider);
        };
        let body: PermissionBody = parse(&route, &answer.body)?;
        let Some(user) = body.user else {
            return Ok(Standing::Unknown);
        };
        // The name belongs to somebody else now.
        if PersonId(user.id) != who.id {
            return Ok(Standing::Outsider);
        }
        match body.permission.as_str() {
            "admin" | "write" => Ok(Standing::Writer),
            "read" => self.reader(repository, &who.name).await,
            "none" => Ok(Standing::Outsider),
            _ => Ok(Standing::Unknown),
        }
    }

    /// <https://docs.github.com/en/rest/issues/comments#get-an-issue-comment>
    async fn written(
        &self,
        repository: RepositoryId,
        comment: u64,
    ) -> Result<Option<Written>, Fault> {
        let route = Route::comment(repository, comment);
        let access = Access::ReadComments;
        let answer = self
            .read_as(access, repository, &route, JSON, MAX_JSON_BYTES)
            .await?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let body: WrittenBody = parse(&route, &answer.body)?;
        if body.id != comment {
            return Err(Fault::Malformed(format!(
                "GitHub answered {route} with another comment"
            )));
        }
        Ok(Some(body.into_written()))
    }
}

impl WrittenBody {
    /// What an App writes in a person's name may not be that person's.
    fn into_written(self) -> Written {
        let is_own = self.performed_via_github_app.is_none();
        let person = self
            .user
            .filter(|user| is_own && user.kind == AccountKind::User);
        Written {
            author: person.map(|user| Login {
                id: PersonId(user.id),
                name: user.login,
            }),
            body: self.body.unwrap_or_default(),
            is_edited: self.updated_at != self.created_at,
        }
    }
}

impl GitHub {
    /// Whether somebody who may read the repository was let in; a public one lets everybody read.
    async fn reader(&self, repository: RepositoryId, login: &str) -> Result<Standing, Fault> {
        let Some(route) = Route::collaborator(repository, login) else {
            return Ok(Standing::Outsider);
        };
        let access = Access::PullRequests;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        let answer = self
            .call_as(access, repository, &route, headers, MAX_JSON_BYTES)
            .await?;
        if answer.status == StatusCode::NO_CONTENT {
            return Ok(Standing::Member);
        }
        let judged = self.judge_as(access, repository, &route, &answer).await?;
        Ok(match judged {
            None => Standing::Outsider,
            Some(()) => Standing::Unknown,
        })
    }
}

impl SideBody {
    fn is_in(&self, repository: RepositoryId) -> bool {
        self.repo.as_ref().map(|repo| repo.id) == Some(repository.0)
    }
}

impl PullBody {
    fn into_pull_request(self) -> PullRequest {
        PullRequest {
            number: self.number,
            author: self.user.map(|user| Login {
                id: PersonId(user.id),
                name: user.login,
            }),
            head_branch: self.head.branch,
            head: self.head.sha,
            head_repository: self.head.repo.map(|repo| RepositoryId(repo.id)),
            base_branch: self.base.branch,
            base: self.base.sha,
            is_open: self.state == "open",
        }
    }
}
