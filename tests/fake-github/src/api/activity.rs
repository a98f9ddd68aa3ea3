//! Purpose: the history of a repository's refs.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::routes::Call;
use crate::shapes::{account, node_id};
use crate::world::Move;

/// Of one page when the caller does not say.
const USUAL_PAGE: usize = 30;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Newest first; the cursor is the id that the next page begins below.
/// <https://docs.github.com/en/rest/repos/repos#list-repository-activities>
pub(crate) fn list(call: &Call) -> Answer {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(USUAL_PAGE).min(100);
    let below = call
        .query("after")
        .and_then(|cursor| cursor.strip_prefix("c_")?.parse().ok())
        .unwrap_or(u64::MAX);
    let of_day = call.query("time_period") == Some("day");
    let state = call.world.state();
    let now = state.now();
    let is_listed = |one: &&Move| {
        let recent = !of_day || now.duration_since(one.at) <= DAY;
        one.repository == call.repository.id && one.id < below && recent
    };
    let mut older = state.moves.iter().rev().filter(is_listed);
    let page: Vec<&Move> = older.by_ref().take(size).collect();
    let api = &call.world.api;
    let listed: Vec<Value> = page.iter().map(|one| item(api, one)).collect();
    let answer = Answer::json(&listed.into());
    match (page.last(), older.next()) {
        (Some(last), Some(_)) => {
            let (repository, id) = (call.repository.id, last.id);
            let period = if of_day { "&time_period=day" } else { "" };
            let url = format!(
                "{api}/repositories/{repository}/activity?per_page={size}{period}&after=c_{id}"
            );
            answer.with("link", &format!("<{url}>; rel=\"next\""))
        }
        _ => answer,
    }
}

fn item(api: &str, one: &Move) -> Value {
    let is_zero = |sha: &str| sha.bytes().all(|byte| byte == b'0');
    let kind = match (is_zero(&one.before), is_zero(&one.after)) {
        (true, _) => "branch_creation",
        (_, true) => "branch_deletion",
        _ => "push",
    };
    json!({
        "id": one.id,
        "node_id": node_id(&format!("move {}", one.id)),
        "before": one.before,
        "after": one.after,
        "ref": one.reference,
        "timestamp": one.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "activity_type": kind,
        "actor": account(api, 11, "ana", "User"),
    })
}
