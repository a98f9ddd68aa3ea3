//! Purpose: an answer of the API, and GitHub's own words for what is refused.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::git::GitError;
use crate::world::{State, Trouble};

const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// What a handler answers, before rate limits and ETags.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
    /// Boxed: an answer is also what a refused check returns.
    pub headers: Box<HeaderMap>,
    /// Whether a test wants it to be what GitHub never says.
    deliberate: bool,
}

/// Marks an answer that is not meant to be GitHub's, and is not judged.
#[derive(Clone, Copy)]
pub(crate) struct Deliberate;

impl Answer {
    fn new(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            status,
            body,
            headers: Box::new(headers),
            deliberate: false,
        }
    }

    pub fn json(value: &Value) -> Self {
        Self::new(
            StatusCode::OK,
            "application/json; charset=utf-8",
            value.to_string().into_bytes(),
        )
    }

    pub fn created(value: &Value) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::json(value)
        }
    }

    pub fn accepted() -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            ..Self::json(&json!({}))
        }
    }

    /// 204.
    pub fn no_content() -> Self {
        let mut answer = Self::new(StatusCode::NO_CONTENT, "", Vec::new());
        answer.headers.clear();
        answer
    }

    /// A file as it is.
    pub fn raw(bytes: Vec<u8>) -> Self {
        Self::new(
            StatusCode::OK,
            "application/vnd.github.raw+json; charset=utf-8",
            bytes,
        )
    }

    pub fn zip(bytes: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, "application/zip", bytes)
    }

    /// What has moved for good is told in a body too.
    pub fn moved(url: &str) -> Self {
        Self::error(StatusCode::MOVED_PERMANENTLY, "Moved Permanently").with("location", url)
    }

    /// What is elsewhere now.
    pub fn found(url: &str) -> Self {
        let mut answer = Self {
            status: StatusCode::FOUND,
            ..Self::raw(Vec::new())
        };
        answer.headers.clear();
        answer.with("location", url)
    }

    pub fn not_found() -> Self {
        Self::error(StatusCode::NOT_FOUND, "Not Found")
    }

    pub fn error(status: StatusCode, message: &str) -> Self {
        let body = json!({
            "message": message,
            "documentation_url": DOCUMENTATION,
            "status": status.as_str(),
        });
        Self {
            status,
            ..Self::json(&body)
        }
    }

    /// The hourly quota is used up.
    pub fn rate_limited(state: &State, seconds: i64) -> Self {
        let reset = state.now().as_second() + seconds;
        Self::error(
            StatusCode::FORBIDDEN,
            "API rate limit exceeded for installation ID 9000.",
        )
        .with("x-ratelimit-limit", &state.quota.to_string())
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-reset", &reset.to_string())
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    fn deliberate(self) -> Self {
        Self {
            deliberate: true,
            ..self
        }
    }

    /// The answer that a trouble stands for; rate limits are GitHub's own and are judged, all else is not. `Hang` and
    /// `Slow` never come here.
    pub fn of(trouble: &Trouble, state: &State) -> Self {
        match trouble {
            Trouble::Status(status) => Self::error(
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                "Something went wrong, as asked for",
            )
            .deliberate(),
            Trouble::RateLimit(seconds) => Self::rate_limited(state, *seconds),
            Trouble::SecondaryLimit(seconds) => {
                let answer = Self::error(
                    StatusCode::FORBIDDEN,
                    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
                );
                match seconds {
                    Some(seconds) => answer.with("retry-after", &seconds.to_string()),
                    None => answer,
                }
            }
            Trouble::Body(text) => Self {
                body: text.clone().into_bytes(),
                ..Self::json(&Value::Null)
            }
            .deliberate(),
            Trouble::Redirect(url) => Self::found(url).deliberate(),
            Trouble::LostReply => {
                Self::error(StatusCode::BAD_GATEWAY, "The reply is lost").deliberate()
            }
            Trouble::Slow(_) => Self::error(StatusCode::OK, "Slow").deliberate(),
            Trouble::Hang => Self::error(StatusCode::GATEWAY_TIMEOUT, "No answer").deliberate(),
        }
    }

    /// What `If-None-Match` is compared with.
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", hex::encode(Sha256::digest(&self.body)))
    }

    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = *self.headers;
        if self.deliberate {
            response.extensions_mut().insert(Deliberate);
        }
        response
    }
}

impl From<GitError> for Answer {
    fn from(error: GitError) -> Self {
        Self::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
    }
}
