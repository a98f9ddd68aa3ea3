//! Purpose: one GitHub App at one API: what every call goes through.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::RepositoryId;
use engine::Fault;
use engine::ports::{AppSigner, Clock};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::answer::{Judged, judge};
use crate::archives::MAX_ARCHIVE_BYTES;
use crate::cache::{Cache, Kept, Nodes};
use crate::client::{Answer, Base, Client};
use crate::route::Route;
use crate::session::{Access, Sessions};

/// The usual media type. <https://docs.github.com/en/rest/using-the-rest-api/media-types>
pub(crate) const JSON: &str = "application/vnd.github+json";
/// A file as it is.
pub(crate) const RAW: &str = "application/vnd.github.raw+json";
/// Largest JSON that is read, bytes: a recursive tree has 7 MB at most, a comparison carries patches.
pub(crate) const MAX_JSON_BYTES: usize = 16 << 20;

/// How long calls may take and how large an archive may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One call of the API, from the request to the last byte.
    pub call: Duration,
    /// The download of an archive.
    pub download: Duration,
    /// Largest archive, bytes.
    pub archive_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(20),
            download: Duration::from_secs(120),
            archive_bytes: MAX_ARCHIVE_BYTES,
        }
    }
}

/// Reads repositories, and shows runs, as a GitHub App.
pub struct GitHub {
    pub(crate) client: Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sessions: Sessions,
    pub(crate) limits: Limits,
    pub(crate) nodes: Nodes,
    cache: Cache,
}

impl GitHub {
    /// The App of this number at this API (`https://api.github.com`), with the usual limits.
    ///
    /// The API has to be `https`, or `http` on this machine. Needs a tokio runtime.
    pub async fn new(
        api: &str,
        app_id: u64,
        signer: Arc<dyn AppSigner>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        Ok(Self {
            client: Client::new(Base::new(api)?)?,
            clock,
            sessions: Sessions::new(app_id, signer),
            limits: Limits::default(),
            nodes: Nodes::default(),
            cache: Cache::default(),
        })
    }

    /// The same with other limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads something of a repository; `None` when it is not there. An answer that has not changed since the last
    /// time costs no quota: <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate>
    pub(crate) async fn read(
        &self,
        repository: RepositoryId,
        route: &Route,
        accept: &'static str,
        limit: usize,
    ) -> Result<Option<Kept>, Fault> {
        self.read_as(Access::Sources, repository, route, accept, limit)
            .await
    }

    /// The same with the permissions of this use.
    pub(crate) async fn read_as(
        &self,
        access: Access,
        repository: RepositoryId,
        route: &Route,
        accept: &'static str,
        limit: usize,
    ) -> Result<Option<Kept>, Fault> {
        let key = format!("{accept} {route}");
        let kept = self.cache.get(&key);
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        if let Some(kept) = &kept {
            headers.insert(header::IF_NONE_MATCH, kept.etag.clone());
        }
        let answer = self
            .call_as(access, repository, route, headers, limit)
            .await?;
        if answer.status == StatusCode::NOT_MODIFIED
            && let Some(kept) = kept
        {
            return Ok(Some(kept));
        }
        match self.judge_as(access, repository, route, &answer).await? {
            None => Ok(None),
            Some(()) => Ok(Some(self.cache.keep(key, answer))),
        }
    }

    /// One call with the repository's own token.
    pub(crate) async fn call(
        &self,
        repository: RepositoryId,
        route: &Route,
        headers: HeaderMap,
        limit: usize,
    ) -> Result<Answer, Fault> {
        self.call_as(Access::Sources, repository, route, headers, limit)
            .await
    }

    /// The same with the permissions of this use.
    pub(crate) async fn call_as(
        &self,
        access: Access,
        repository: RepositoryId,
        route: &Route,
        mut headers: HeaderMap,
        limit: usize,
    ) -> Result<Answer, Fault> {
        let token = self.token(repository, access).await?;
        headers.insert(header::AUTHORIZATION, token);
        self.client
            .get(route, headers, limit, self.limits.call)
            .await
    }

    /// What the answer means; remembers what it says about the token and the rate limit.
    pub(crate) async fn judge(
        &self,
        repository: RepositoryId,
        route: &Route,
        answer: &Answer,
    ) -> Result<Option<()>, Fault> {
        self.judge_as(Access::Sources, repository, route, answer)
            .await
    }

    /// The same for a token of this use.
    pub(crate) async fn judge_as(
        &self,
        access: Access,
        repository: RepositoryId,
        route: &Route,
        answer: &Answer,
    ) -> Result<Option<()>, Fault> {
        match judge(route, answer, self.clock.now()) {
            Judged::Good => Ok(Some(())),
            Judged::Absent => Ok(None),
            Judged::Denied(fault) => {
                self.sessions.of(repository, access).lock().await.token = None;
                Err(fault)
            }
            Judged::Limited { until, fault } => {
                self.sessions
                    .of(repository, access)
                    .lock()
                    .await
                    .limited_until = Some(until);
                Err(fault)
            }
            Judged::Fault(fault) => Err(fault),
        }
    }
}
