//! Purpose: what a status and its headers mean: there, not there, later, or never.

use engine::Fault;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::client::Answer;
use crate::route::Route;

/// How long to wait when GitHub does not say.
/// <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately>
const USUAL_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Longest pause that is believed: the quota is one of an hour.
const MAX_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// What is shown of GitHub's own words, characters.
const MAX_WORDS: usize = 200;

/// What to make of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    Good,
    Absent,
    /// The token is not taken any more.
    Denied(Fault),
    /// Not before then.
    Limited {
        until: Timestamp,
        fault: Fault,
    },
    Fault(Fault),
}

/// Judges the answer to a route.
pub(crate) fn judge(route: &Route, answer: &Answer, now: Timestamp) -> Judged {
    let status = answer.status;
    let shown = format!("GitHub answered {status} to {route}{}", trace(answer));
    match status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED => Judged::Good,
        // 409 is the git database's answer for a repository without a commit.
        StatusCode::NOT_FOUND | StatusCode::CONFLICT => Judged::Absent,
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED
            if let Some(until) = limit(answer, now) =>
        {
            Judged::Limited {
                until,
                fault: limited(until, now),
            }
        }
        StatusCode::UNAUTHORIZED => Judged::Denied(Fault::Unavailable(format!(
            "{shown}: {}. Check the App's number, its key and this machine's clock",
            words(answer)
        ))),
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            Judged::Fault(Fault::Unavailable(shown))
        }
        _ => Judged::Fault(Fault::Malformed(format!("{shown}: {}", words(answer)))),
    }
}

/// The fault of calling before a rate limit has ended.
pub(crate) fn limited(until: Timestamp, now: Timestamp) -> Fault {
    let seconds = until.duration_since(now).as_secs().max(0);
    Fault::Unavailable(format!(
        "GitHub's rate limit is used up; it ends at {} (in {seconds} seconds)",
        until.strftime("%Y-%m-%dT%H:%M:%SZ")
    ))
}

/// When the rate limit that this answer speaks of ends; `None` when it is no matter of rates.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
fn limit(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let number = |name: &str| answer.header(name)?.parse::<i64>().ok();
    let after = |pause: SignedDuration| now.checked_add(pause).ok();
    let until = if let Some(seconds) = number("retry-after") {
        after(SignedDuration::from_secs(seconds.max(0)))
    } else if number("x-ratelimit-remaining") == Some(0) {
        number("x-ratelimit-reset").and_then(|second| Timestamp::from_second(second).ok())
    } else {
        None
    };
    let spoken = answer.status == StatusCode::TOO_MANY_REQUESTS
        || words(answer).to_ascii_lowercase().contains("rate limit");
    let until = until.or_else(|| spoken.then(|| after(USUAL_PAUSE)).flatten())?;
    Some(until.clamp(now, after(MAX_PAUSE)?))
}

/// When a limit ends that an answer of status 200 speaks of, as GraphQL's do.
/// <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
pub(crate) fn limit_end(answer: &Answer, now: Timestamp) -> Timestamp {
    let usual = now.checked_add(USUAL_PAUSE).unwrap_or(Timestamp::MAX);
    limit(answer, now).unwrap_or(usual)
}

/// GitHub's own name for the request, for its support.
fn trace(answer: &Answer) -> String {
    let id = answer.header("x-github-request-id");
    id.map(|id| format!(" (request {id})")).unwrap_or_default()
}

/// GitHub's own words, in one line.
fn words(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    let message = serde_json::from_slice::<Refusal>(&answer.body).map_or_else(
        |_| "it gave no reason".to_owned(),
        |refusal| refusal.message,
    );
    message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_WORDS)
        .collect()
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
