//! Purpose: what GitHub's answer to a mutation means: ids, a limit, a refusal, or a doubt.
//!
//! Errors come with status 200: <https://docs.github.com/en/graphql/guides/using-graphql-for-queries>

use engine::ports::NotShown;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// What is shown of GitHub's own words, characters.
const MAX_WORDS: usize = 200;

#[derive(Deserialize)]
struct Body {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<ErrorBody>,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: String,
}

/// The ids of `c0`, `c1` … `limited_until` is when a rate limit ends, if there is one.
pub(super) fn ids(
    body: &[u8],
    count: usize,
    limited_until: Timestamp,
) -> Result<Vec<String>, NotShown> {
    let unclear = |why: &str| NotShown::Unknown(format!("GitHub's answer to a mutation {why}"));
    let body: Body = serde_json::from_slice(body).map_err(|_| unclear("is no GraphQL"))?;
    let id = |index: usize| {
        let id = body
            .data
            .as_ref()?
            .pointer(&format!("/c{index}/checkRun/id"))?;
        id.as_str().map(ToOwned::to_owned)
    };
    let ids: Vec<Option<String>> = (0..count).map(id).collect();
    if let Some(error) = body.errors.first() {
        let why = refused(error, &body.errors, limited_until);
        // One field may be refused and another made.
        let made = ids.iter().any(Option::is_some);
        return Err(if made { in_part(&why) } else { why });
    }
    let ids: Option<Vec<String>> = ids.into_iter().collect();
    ids.ok_or_else(|| unclear("does not name every check run"))
}

/// Why an update was not shown of which GitHub has a part: whatever it says, there is something to look for.
pub(super) fn in_part(why: &NotShown) -> NotShown {
    NotShown::Unknown(format!("GitHub has a part of the update: {why}"))
}

fn refused(first: &ErrorBody, all: &[ErrorBody], until: Timestamp) -> NotShown {
    let words: String = first
        .message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_WORDS)
        .collect();
    let is = |error: &ErrorBody, kinds: &[&str]| {
        error
            .kind
            .as_deref()
            .is_some_and(|kind| kinds.contains(&kind))
    };
    if all.iter().any(|error| is(error, &["RATE_LIMITED"])) {
        return NotShown::Limited {
            why: format!("GitHub's rate limit is used up: {words}"),
            until,
        };
    }
    // GitHub does not say which fields are wrong for good; what is none of these may pass.
    let for_good = [
        "FORBIDDEN",
        "INSUFFICIENT_SCOPES",
        "NOT_FOUND",
        "UNPROCESSABLE",
    ];
    if all.iter().all(|error| is(error, &for_good)) {
        return NotShown::Refused(format!(
            "GitHub refused to show the run: {words}. The App needs the permission `checks: write`"
        ));
    }
    NotShown::Unknown(format!("GitHub did not show the run: {words}"))
}
