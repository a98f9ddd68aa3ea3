//! Purpose: one request by octocrab, bounded in time and bytes; no retry, no redirect, no credential of its own.

use std::time::Duration;

use engine::Fault;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt as _;
use octocrab::{OctoBody, Octocrab};
use serde::Serialize;

use crate::budget::Budgets;
use crate::route::Route;

/// The API as the deployment's configuration names it; nothing that GitHub or a payload says changes it.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    text: String,
    secure: bool,
}

impl Base {
    /// Takes `https://…`, or `http://…` on this machine.
    pub fn new(api: &str) -> Result<Self, Fault> {
        let wrong = |why: &str| {
            Fault::Malformed(format!(
                "the GitHub API {api:?} {why}; it is configured as https://api.github.com or https://<host>/api/v3"
            ))
        };
        let uri: Uri = api.parse().map_err(|_| wrong("is not a URL"))?;
        let host = uri.host().ok_or_else(|| wrong("names no host"))?;
        if uri.query().is_some()
            || uri
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(wrong("has more than a host and a path"));
        }
        let secure = uri.scheme_str() == Some("https");
        let local = uri.scheme_str() == Some("http") && is_loopback(host);
        if !(secure || local) {
            return Err(wrong("is neither https nor on this machine"));
        }
        Ok(Self {
            text: api.trim_end_matches('/').to_owned(),
            secure,
        })
    }

    /// The address of a route: GraphQL's is `/graphql` at github.com, and `/api/graphql` beside the `/api/v3` of a GitHub
    /// Enterprise Server. <https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql>
    fn address(&self, route: &Route) -> String {
        match self.text.strip_suffix("/api/v3") {
            Some(server) if route.is_graphql() => format!("{server}/api/graphql"),
            _ => format!("{}{}", self.text, route.path()),
        }
    }

    /// Whether a download may come from there: never in the clear when the API is not.
    pub fn allows(&self, url: &Uri) -> bool {
        match url.scheme_str() {
            Some("https") => true,
            Some("http") => !self.secure && url.host().is_some_and(is_loopback),
            _ => false,
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends requests.
pub(crate) struct Client {
    octocrab: Octocrab,
    base: Base,
    pub(crate) budgets: Budgets,
}

impl Client {
    pub fn new(base: Base) -> Result<Self, Fault> {
        let octocrab = Octocrab::builder().build().map_err(|error| {
            Fault::Unavailable(format!("no HTTPS client could be made: {}", root(&error)))
        })?;
        Ok(Self {
            octocrab,
            base,
            budgets: Budgets::default(),
        })
    }

    pub fn base(&self) -> &Base {
        &self.base
    }

    pub async fn get(
        &self,
        route: &Route,
        headers: HeaderMap,
        limit: usize,
        time: Duration,
    ) -> Result<Answer, Fault> {
        let request = self.request::<()>(Method::GET, &self.url(route)?, headers, None)?;
        self.send(request, &format!("GET {route}"), limit, time)
            .await
    }

    /// Without a body where none is described.
    pub async fn post(
        &self,
        route: &Route,
        headers: HeaderMap,
        body: Option<&impl Serialize>,
        limit: usize,
        time: Duration,
    ) -> Result<Answer, Fault> {
        self.submit(Method::POST, route, headers, body, limit, time)
            .await
    }

    /// The same by any method.
    pub async fn submit(
        &self,
        method: Method,
        route: &Route,
        headers: HeaderMap,
        body: Option<&impl Serialize>,
        limit: usize,
        time: Duration,
    ) -> Result<Answer, Fault> {
        let what = format!("{method} {route}");
        let request = self.request(method, &self.url(route)?, headers, body)?;
        self.send(request, &what, limit, time).await
    }

    /// Gets a URL that the API redirected to, with no header but octocrab's own.
    pub async fn download(
        &self,
        url: &Uri,
        what: &str,
        limit: usize,
        time: Duration,
    ) -> Result<Answer, Fault> {
        let request = self.request::<()>(Method::GET, url, HeaderMap::new(), None)?;
        self.send(request, what, limit, time).await
    }

    fn url(&self, route: &Route) -> Result<Uri, Fault> {
        self.base
            .address(route)
            .parse()
            .map_err(|error| Fault::Malformed(format!("{route} makes no URL: {error}")))
    }

    fn request<B: Serialize>(
        &self,
        method: Method,
        url: &Uri,
        headers: HeaderMap,
        body: Option<&B>,
    ) -> Result<Request<OctoBody>, Fault> {
        let builder = http::request::Builder::new()
            .method(method)
            .uri(url.clone());
        let mut request = self
            .octocrab
            .build_request(builder, body)
            .map_err(|error| {
                Fault::Malformed(format!("no request could be made: {}", root(&error)))
            })?;
        request.headers_mut().extend(headers);
        Ok(request)
    }

    /// The whole answer. More than `limit` bytes are a `Malformed` fault and are not read.
    async fn send(
        &self,
        request: Request<OctoBody>,
        what: &str,
        limit: usize,
        time: Duration,
    ) -> Result<Answer, Fault> {
        let unreached = |error: &octocrab::Error| {
            Fault::Unavailable(format!(
                "GitHub could not be reached ({what}): {}",
                root(error)
            ))
        };
        let work = async {
            let response = self
                .octocrab
                .execute(request)
                .await
                .map_err(|error| unreached(&error))?;
            let (head, mut body) = response.into_parts();
            self.budgets.note(&head.headers);
            let mut bytes = Vec::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| unreached(&error))?;
                if let Ok(data) = frame.into_data() {
                    if bytes.len() + data.len() > limit {
                        return Err(Fault::Malformed(format!(
                            "GitHub's answer to {what} has more than {limit} bytes"
                        )));
                    }
                    bytes.extend_from_slice(&data);
                }
            }
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: bytes,
            })
        };
        tokio::time::timeout(time, work).await.unwrap_or_else(|_| {
            Err(Fault::Unavailable(format!(
                "GitHub did not answer {what} within {} seconds",
                time.as_secs()
            )))
        })
    }
}

/// The innermost cause, which names no URL.
fn root(error: &octocrab::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
