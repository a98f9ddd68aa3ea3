//! Purpose: the tokens of one repository: for this repository alone, each with the permissions of one use, in memory,
//! renewed before they end.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::RepositoryId;
use engine::Fault;
use engine::ports::AppSigner;
use http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use lru::LruCache;
use serde_json::{Value, json};

use crate::answer::{Judged, judge, limited};
use crate::client::Answer;
use crate::github::{GitHub, JSON};
use crate::jwt::jwt;
use crate::route::Route;
use crate::shapes::{InstallationBody, TokenBody, parse};

/// How long before its end a token is not used any more.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// Repositories and uses whose tokens are kept at a time.
const MAX_SESSIONS: NonZeroUsize = match NonZeroUsize::new(1_024) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};
/// Largest answer about a token, bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// What a token is for; it may do nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    /// Read files and commits.
    Sources,
    /// Create and change check runs.
    Checks,
    /// Read pull requests, and how people stand to the repository.
    PullRequests,
    /// Read comments.
    ReadComments,
    /// Write comments and leave reactions, below issues and pull requests.
    Comments,
    /// Create deployments and their statuses; asked for only where there are any.
    Deployments,
}

impl Access {
    /// <https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps>
    fn permissions(self) -> Value {
        match self {
            Self::Sources => json!({ "contents": "read", "metadata": "read" }),
            Self::Checks => json!({ "checks": "write", "metadata": "read" }),
            Self::PullRequests => json!({ "metadata": "read", "pull_requests": "read" }),
            Self::ReadComments => {
                json!({ "issues": "read", "metadata": "read", "pull_requests": "read" })
            }
            // A comment below a pull request is one of both, whichever number it has.
            Self::Comments => {
                json!({ "issues": "write", "metadata": "read", "pull_requests": "write" })
            }
            Self::Deployments => json!({ "deployments": "write", "metadata": "read" }),
        }
    }

    /// What a person has to grant for this use.
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Sources => "the permission `contents: read`",
            Self::Checks => "the permission `checks: write`",
            Self::PullRequests => "the permission `pull_requests: read`",
            Self::ReadComments => "the permissions `issues: read` and `pull_requests: read`",
            Self::Comments => "the permissions `issues: write` and `pull_requests: write`",
            Self::Deployments => "the permission `deployments: write`",
        }
    }
}

/// What is known about calling for one repository and use.
#[derive(Default)]
pub(crate) struct Session {
    pub token: Option<Token>,
    /// GitHub takes no calls before then; each would make it longer.
    pub limited_until: Option<Timestamp>,
}

/// An installation token, as a header's value that no log shows.
pub(crate) struct Token {
    header: HeaderValue,
    expires: Timestamp,
}

/// A session with its lock, which is held across calls.
type Shared = Arc<tokio::sync::Mutex<Session>>;

/// The sessions of the App.
pub(crate) struct Sessions {
    app_id: u64,
    signer: Arc<dyn AppSigner>,
    held: Mutex<LruCache<(RepositoryId, Access), Shared>>,
}

impl Sessions {
    pub fn new(app_id: u64, signer: Arc<dyn AppSigner>) -> Self {
        Self {
            app_id,
            signer,
            held: Mutex::new(LruCache::new(MAX_SESSIONS)),
        }
    }

    /// The number of the App.
    pub fn app_id(&self) -> u64 {
        self.app_id
    }

    /// The one of this repository and use. Its lock is held while a token is made, so that one is made and not several.
    pub fn of(&self, repository: RepositoryId, access: Access) -> Shared {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.get_or_insert((repository, access), Arc::default))
    }
}

impl GitHub {
    /// The value of `Authorization` for calls about this repository.
    pub(crate) async fn token(
        &self,
        repository: RepositoryId,
        access: Access,
    ) -> Result<HeaderValue, Fault> {
        let session = self.sessions.of(repository, access);
        let mut session = session.lock().await;
        let now = self.clock.now();
        if let Some(until) = session.limited_until.filter(|until| *until > now) {
            return Err(limited(until, now));
        }
        session.limited_until = None;
        let usable = |token: &&Token| {
            token
                .expires
                .checked_sub(RENEWED_BEFORE)
                .is_ok_and(|end| end > now)
        };
        if let Some(token) = session.token.as_ref().filter(usable) {
            return Ok(token.header.clone());
        }
        session.token = None;
        match self.mint(repository, access, now).await {
            Ok(token) => {
                let header = token.header.clone();
                session.token = Some(token);
                Ok(header)
            }
            Err(Refused { until, fault }) => {
                session.limited_until = until;
                Err(fault)
            }
        }
    }

    /// Whether it was a rate limit that the last call about this repository met.
    pub(crate) async fn met_limit(&self, repository: RepositoryId, access: Access) -> bool {
        let session = self.sessions.of(repository, access);
        let until = session.lock().await.limited_until;
        until.is_some()
    }

    /// The headers of a call that the App makes in its own name.
    pub(crate) async fn as_app(&self, now: Timestamp) -> Result<HeaderMap, Fault> {
        let Sessions { app_id, signer, .. } = &self.sessions;
        let jwt = jwt(*app_id, signer.as_ref(), now).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer(&jwt)?);
        headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        Ok(headers)
    }

    /// Makes a token: the App says who it is, finds its installation, and asks for as little as it needs.
    async fn mint(
        &self,
        repository: RepositoryId,
        access: Access,
        now: Timestamp,
    ) -> Result<Token, Refused> {
        let app_id = self.sessions.app_id;
        let headers = self.as_app(now).await?;
        let missing = || {
            Fault::Malformed(format!(
                "the GitHub App {app_id} is not installed on repository {repository}; install it there, or remove the repository here"
            ))
        };
        let route = Route::installation(repository);
        let answer = self
            .client
            .get(&route, headers.clone(), MAX_ANSWER_BYTES, self.limits.call)
            .await?;
        let answer = found(&route, answer, now)?.ok_or_else(missing)?;
        let installation: InstallationBody = parse(&route, &answer.body)?;
        let route = Route::access_tokens(installation.id);
        let wish = json!({
            "repository_ids": [repository],
            "permissions": access.permissions(),
        });
        let answer = self
            .client
            .post(
                &route,
                headers,
                Some(&wish),
                MAX_ANSWER_BYTES,
                self.limits.call,
            )
            .await?;
        let answer = found(&route, answer, now)?.ok_or_else(missing)?;
        let made: TokenBody = parse(&route, &answer.body)?;
        Ok(Token {
            header: bearer(&made.token)?,
            expires: made.expires_at,
        })
    }
}

/// Why there is no token, and until when it is useless to ask.
struct Refused {
    until: Option<Timestamp>,
    fault: Fault,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { until: None, fault }
    }
}

fn found(route: &Route, answer: Answer, now: Timestamp) -> Result<Option<Answer>, Refused> {
    match judge(route, &answer, now) {
        Judged::Good => Ok(Some(answer)),
        Judged::Absent => Ok(None),
        Judged::Limited { until, fault } => Err(Refused {
            until: Some(until),
            fault,
        }),
        Judged::Denied(fault) | Judged::Fault(fault) => Err(fault.into()),
    }
}

/// Marked as sensitive, so that nothing shows it.
fn bearer(token: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        Fault::Malformed("GitHub made a token that does not fit into a header".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}
