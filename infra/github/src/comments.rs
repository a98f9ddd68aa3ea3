//! Purpose: the port `Comments` over GitHub: a comment of ours is written once and changed from then on.
//!
//! Ours is what our own App wrote and has the marker: a text can be copied by anybody, the author cannot.

use std::borrow::Cow;

use async_trait::async_trait;
use domain::delivery::Reaction;
use domain::ids::RepositoryId;
use domain::update::UPDATE_SECONDS;
use engine::Fault;
use engine::ports::{CommentUpdate, Comments, NotShown};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::client::Answer;
use crate::github::{GitHub, JSON};
use crate::pages::PAGE;
use crate::route::Route;
use crate::session::Access;
use crate::shapes::{ViaBody, parse};
use crate::show::in_time;

/// Pages that are read; GitHub closes a thread long before.
const MAX_PAGES: usize = 30;
/// Largest page that is read, bytes: so many comments of 65,536 characters, each of which takes six at most.
const MAX_PAGE_BYTES: usize = 48 << 20;

#[derive(Deserialize)]
struct WrittenBody {
    id: u64,
}

#[derive(Deserialize)]
struct CommentBody<'a> {
    id: u64,
    user: Option<AuthorBody<'a>>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    performed_via_github_app: Option<ViaBody>,
}

#[derive(Deserialize)]
struct AuthorBody<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

#[async_trait]
impl Comments for GitHub {
    async fn write(&self, update: &CommentUpdate<'_>) -> Result<u64, NotShown> {
        in_time(UPDATE_SECONDS, self.write_comment(update)).await
    }

    /// At a comment that is gone there is nothing to leave.
    async fn react(
        &self,
        repository: RepositoryId,
        comment: u64,
        reaction: Reaction,
    ) -> Result<(), NotShown> {
        let route = Route::reactions(repository, comment);
        let wish = json!({ "content": reaction.name() });
        let (access, method) = (Access::Comments, Method::POST);
        let answer = self.tell(access, repository, method, &route, &wish).await?;
        if is_gone(&answer) {
            return Ok(());
        }
        self.taken(repository, &route, &answer).await
    }
}

impl GitHub {
    async fn write_comment(&self, update: &CommentUpdate<'_>) -> Result<u64, NotShown> {
        if let Some(id) = update.id
            && self.edit(update, id).await?
        {
            return Ok(id);
        }
        // Also where the one that we know is gone: it may have been written again without our knowing.
        if update.look_first
            && let Some(id) = self.find_comment(update).await?
            && self.edit(update, id).await?
        {
            return Ok(id);
        }
        self.create(update).await
    }

    /// Our comment with the marker; of several the oldest.
    async fn find_comment(&self, update: &CommentUpdate<'_>) -> Result<Option<u64>, NotShown> {
        let (repository, access) = (update.repository, Access::Comments);
        for page in 1..=MAX_PAGES {
            let route = Route::comments(repository, update.thread, page);
            let answer = self
                .read_as(access, repository, &route, JSON, MAX_PAGE_BYTES)
                .await;
            let answer = self.or_not_shown(access, repository, answer).await?;
            let answer = answer.ok_or_else(|| no_thread(update))?;
            let list: Vec<CommentBody<'_>> =
                parse(&route, &answer.body).map_err(|fault| unclear(&fault))?;
            let app = self.sessions.app_id();
            if let Some(found) = list.iter().find(|one| one.is_ours(app, update.marker)) {
                return Ok(Some(found.id));
            }
            if list.len() < PAGE {
                break;
            }
        }
        Ok(None)
    }

    /// Whether the comment was there to be changed.
    async fn edit(&self, update: &CommentUpdate<'_>, id: u64) -> Result<bool, NotShown> {
        let repository = update.repository;
        let route = Route::comment(repository, id);
        let wish = json!({ "body": update.body });
        let (access, method) = (Access::Comments, Method::PATCH);
        let answer = self.tell(access, repository, method, &route, &wish).await?;
        if is_gone(&answer) {
            return Ok(false);
        }
        self.taken(repository, &route, &answer).await?;
        Ok(true)
    }

    async fn create(&self, update: &CommentUpdate<'_>) -> Result<u64, NotShown> {
        let repository = update.repository;
        let route = Route::thread(repository, update.thread);
        let wish = json!({ "body": update.body });
        let (access, method) = (Access::Comments, Method::POST);
        let answer = self.tell(access, repository, method, &route, &wish).await?;
        if is_gone(&answer) {
            return Err(no_thread(update));
        }
        self.taken(repository, &route, &answer).await?;
        let written: WrittenBody = parse(&route, &answer.body).map_err(|fault| unclear(&fault))?;
        Ok(written.id)
    }

    /// Whether GitHub did as it was told.
    async fn taken(
        &self,
        repository: RepositoryId,
        route: &Route,
        answer: &Answer,
    ) -> Result<(), NotShown> {
        let access = Access::Comments;
        let judged = self.judge_as(access, repository, route, answer).await;
        let judged = self.or_not_shown(access, repository, judged).await?;
        judged.ok_or_else(|| {
            NotShown::Unknown(format!("GitHub answered {} to {route}", answer.status))
        })
    }
}

impl CommentBody<'_> {
    fn is_ours(&self, app: u64, marker: &str) -> bool {
        // What our App writes in a person's name is that person's.
        let is_bot = self.user.as_ref().is_some_and(|user| user.kind == "Bot");
        let of_app = self.performed_via_github_app.as_ref().map(|one| one.id) == Some(app);
        let body = self.body.as_deref().unwrap_or_default();
        is_bot && of_app && body.contains(marker)
    }
}

/// Somebody deleted it, or it never was there.
fn is_gone(answer: &Answer) -> bool {
    matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE)
}

fn no_thread(update: &CommentUpdate<'_>) -> NotShown {
    NotShown::Refused(format!(
        "repository {} has no issue or pull request #{} that can be commented on",
        update.repository, update.thread
    ))
}

/// An answer that makes no sense leaves a doubt.
fn unclear(fault: &Fault) -> NotShown {
    NotShown::Unknown(fault.to_string())
}
