//! Purpose: what a request asks for. Nothing of it is trusted; what cannot be read is nowhere.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::ids::{RepositoryId, RunId};
use domain::run::Attempt;
use lambda_http::Request;
use lambda_http::http::header;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Characters of a path that stay as they are: those of RFC 3986's `unreserved`, and the slash.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Runs,
    Run {
        repository: RepositoryId,
        run: RunId,
    },
    Log(LogPlace),
    Environments,
    Health,
    Asset(String),
    Nowhere,
}

/// The log of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    pub repository: RepositoryId,
    pub run: RunId,
    pub attempt: Attempt,
}

/// A request, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub route: Route,
    /// The same view as data.
    pub json: bool,
    query: BTreeMap<String, String>,
}

impl Asked {
    /// What the request asks for.
    pub fn read(request: &Request) -> Self {
        let accept = request.headers().get(header::ACCEPT);
        let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("");
        let wants_json = accept.contains("application/json") && !accept.contains("text/html");
        let uri = request.uri();
        let mut query = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()) {
            query.entry(name.into_owned()).or_insert(value.into_owned());
        }
        let path = uri.path();
        let (path, suffix) = match path.strip_suffix(".json") {
            Some(path) => (path, true),
            None => (path, false),
        };
        Self {
            route: route(path),
            json: wants_json || suffix,
            query,
        }
    }

    /// A value of the query; one that is empty is not there.
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.query.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Whether a name is in the query, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    /// Whether the reader asked that the page stays as it is.
    pub fn is_still(&self) -> bool {
        self.value("refresh") == Some("off")
    }
}

fn route(path: &str) -> Route {
    match path.trim_end_matches('/') {
        "" | "/runs" => return Route::Runs,
        "/environments" => return Route::Environments,
        "/healthz" => return Route::Health,
        _ => {}
    }
    if path.starts_with("/assets/") {
        return Route::Asset(path.to_owned());
    }
    path.strip_prefix("/runs/")
        .and_then(below_runs)
        .unwrap_or(Route::Nowhere)
}

fn below_runs(rest: &str) -> Option<Route> {
    let (repository, rest) = rest.split_once('/')?;
    let repository = RepositoryId(repository.parse().ok()?);
    let (run, rest) = match rest.split_once('/') {
        Some((run, rest)) => (run, rest),
        None => (rest, ""),
    };
    let hexadecimal = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    if run.is_empty() || run.len() > 64 || !run.bytes().all(hexadecimal) {
        return None;
    }
    let run = RunId::new(run);
    if rest.is_empty() {
        return Some(Route::Run { repository, run });
    }
    let attempt = percent_decode_str(rest.strip_prefix("logs/")?)
        .decode_utf8()
        .ok()?;
    Some(Route::Log(LogPlace {
        repository,
        run,
        attempt: Attempt::parse(&attempt)?,
    }))
}

/// The address of a run.
pub fn run_path(repository: RepositoryId, run: &RunId) -> String {
    format!("/runs/{repository}/{run}")
}

/// The address of an attempt's log.
pub fn log_path(repository: RepositoryId, run: &RunId, attempt: &Attempt) -> String {
    let attempt = attempt.to_string();
    let attempt = utf8_percent_encode(&attempt, KEPT);
    format!("/runs/{repository}/{run}/logs/{attempt}")
}
