//! Purpose: where GitHub does more than its description says, each with what says so. Nothing else is let through.

use axum::http::StatusCode;

use super::judge::{Answered, Asked};

/// Something that is right although it is not described.
pub(super) struct Exception {
    pub why: &'static str,
    /// Whether an answer is such a case.
    pub is: fn(&Asked<'_>, &Answered<'_>) -> bool,
    /// The body is GitHub's usual error; otherwise there is none.
    pub is_error: bool,
}

/// Statuses that are described at no endpoint, or not at all of those that answer with them.
pub(super) const STATUSES: &[Exception] = &[
    Exception {
        why: "an unchanged answer of a conditional request: \
              https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate",
        is: |asked, answered| {
            answered.status == StatusCode::NOT_MODIFIED
                && asked.headers.contains_key("if-none-match")
        },
        is_error: false,
    },
    Exception {
        why: "a credential is missing, wrong or may not do this; what is private is not there: \
              https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit",
        is: |_, answered| matches!(answered.status.as_u16(), 401 | 403 | 404),
        is_error: true,
    },
    Exception {
        why: "a rate limit, of any endpoint: \
              https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit",
        is: |_, answered| answered.status == StatusCode::TOO_MANY_REQUESTS,
        is_error: true,
    },
    Exception {
        why: "a repository that was renamed, at any of its endpoints: \
              https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects",
        is: |asked, answered| {
            answered.status == StatusCode::MOVED_PERMANENTLY
                && asked.operation.path.starts_with("/repos/")
        },
        is_error: true,
    },
    Exception {
        why: "a deployment of what is not green or cannot be merged, with the reason: \
              https://docs.github.com/en/rest/deployments/deployments#create-a-deployment",
        is: |asked, answered| {
            answered.status == StatusCode::CONFLICT
                && asked.operation.path.ends_with("/deployments")
        },
        is_error: true,
    },
    Exception {
        why: "a parameter that means nothing: \
              https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed",
        is: |_, answered| answered.status == StatusCode::UNPROCESSABLE_ENTITY,
        is_error: true,
    },
];

/// A place where the description contradicts itself, and the component that is right there.
pub(super) struct Mistake {
    /// A JSON pointer.
    pub place: &'static str,
    pub component: &'static str,
}

/// The account of an installation in the list would have to be a user and an enterprise at the same time; the component
/// `installation`, which is what every other endpoint answers, says one of them.
/// <https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app>
pub(super) const MISTAKES: &[Mistake] = &[Mistake {
    place: "/paths/~1app~1installations/get/responses/200/content/application~1json/schema/items",
    component: "#/components/schemas/installation",
}];

/// A file as it is; the description has the JSON about it alone:
/// <https://docs.github.com/en/rest/repos/contents#get-repository-content>
pub(super) fn is_raw_file(asked: &Asked<'_>, media_type: &str) -> bool {
    asked.operation.path == "/repos/{owner}/{repo}/contents/{path}"
        && media_type == "application/vnd.github.raw+json"
}

/// Path parameters that a call need not have: `/repositories/{id}/…` is `/repos/{owner}/{repo}/…` by number. GitHub's own
/// links lead there, and nothing describes it.
pub(super) fn stands_for(parameter: &str, given: &[(String, String)]) -> bool {
    let number = given.iter().find(|(name, _)| name == "id");
    matches!(parameter, "owner" | "repo") && number.is_some_and(|(_, id)| id.parse::<u64>().is_ok())
}
