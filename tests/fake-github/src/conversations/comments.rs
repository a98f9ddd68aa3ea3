//! Purpose: comments and reactions: what an App writes, changes and reads.

use axum::http::StatusCode;
use serde_json::Value;

use super::{BOTS, Reaction, shapes};
use crate::answer::Answer;
use crate::auth;
use crate::routes::Call;

/// Characters of a comment at most.
const MAX_BODY: usize = 65_536;
/// Comments on a page, if nothing is said.
const USUAL_PAGE: usize = 30;
/// Comments on a page at most.
const MAX_PAGE: usize = 100;
/// <https://docs.github.com/en/rest/reactions/reactions#about-reactions>
const REACTIONS: &[&str] = &[
    "+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes",
];

/// <https://docs.github.com/en/rest/issues/comments#list-issue-comments>
pub(super) fn list(call: &Call) -> Answer {
    let thread = match thread(call, "read") {
        Ok(thread) => thread,
        Err(answer) => return answer,
    };
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(USUAL_PAGE).clamp(1, MAX_PAGE);
    let page = number("page").unwrap_or(1).max(1);
    let state = call.world.state();
    let all = state.conversations.thread(call.repository.id, thread);
    let shown = all.iter().skip((page - 1) * size).take(size);
    let shown: Vec<Value> = shown
        .map(|comment| shapes::comment(&call.world.api, &state, comment))
        .collect();
    let answer = Answer::json(&shown.into());
    if page * size >= all.len() {
        return answer;
    }
    let (api, id) = (&call.world.api, call.repository.id);
    let next = page + 1;
    let url =
        format!("{api}/repositories/{id}/issues/{thread}/comments?per_page={size}&page={next}");
    answer.with("link", &format!("<{url}>; rel=\"next\""))
}

/// <https://docs.github.com/en/rest/issues/comments#create-an-issue-comment>
pub(super) fn create(call: &Call) -> Answer {
    let (thread, body) = match (thread(call, "write"), body(call)) {
        (Ok(thread), Ok(body)) => (thread, body),
        (Err(answer), _) | (_, Err(answer)) => return answer,
    };
    let app = call.world.app_id;
    let mut state = call.world.state();
    let (at, place) = (state.now(), (call.repository.id, thread));
    let comment = state
        .conversations
        .say(at, place, (BOTS + app, Some(app)), body);
    Answer::created(&shapes::comment(&call.world.api, &state, &comment))
}

/// <https://docs.github.com/en/rest/issues/comments#get-an-issue-comment>
pub(super) fn show(call: &Call) -> Answer {
    let id = match comment(call, "read") {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    let mut state = call.world.state();
    let found = state.conversations.comment(call.repository.id, id);
    match found.map(|comment| comment.clone()) {
        Some(comment) => Answer::json(&shapes::comment(&call.world.api, &state, &comment)),
        None => Answer::not_found(),
    }
}

/// An App may change the comments of others, too. <https://docs.github.com/en/rest/issues/comments#update-an-issue-comment>
pub(super) fn change(call: &Call) -> Answer {
    let (id, body) = match (comment(call, "write"), body(call)) {
        (Ok(id), Ok(body)) => (id, body),
        (Err(answer), _) | (_, Err(answer)) => return answer,
    };
    let mut state = call.world.state();
    let at = state.now();
    let Some(comment) = state.conversations.comment(call.repository.id, id) else {
        return Answer::not_found();
    };
    body.clone_into(&mut comment.body);
    comment.updated = at;
    let comment = comment.clone();
    Answer::json(&shapes::comment(&call.world.api, &state, &comment))
}

/// <https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment>
pub(super) fn react(call: &Call) -> Answer {
    let id = match comment(call, "write") {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    let content = call.body["content"].as_str().unwrap_or_default();
    if !REACTIONS.contains(&content) {
        return invalid();
    }
    let user = BOTS + call.world.app_id;
    let mut state = call.world.state();
    let new = Reaction {
        id: state.conversations.number(),
        user,
        content: content.to_owned(),
    };
    let Some(comment) = state.conversations.comment(call.repository.id, id) else {
        return Answer::not_found();
    };
    let mut there = comment.reactions.iter();
    let there = there.find(|one| one.user == user && one.content == content);
    match there.cloned() {
        Some(known) => Answer::json(&shapes::reaction(&call.world.api, &state, &known)),
        None => {
            comment.reactions.push(new.clone());
            Answer::created(&shapes::reaction(&call.world.api, &state, &new))
        }
    }
}

fn invalid() -> Answer {
    Answer::error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed")
}

/// The text that was sent.
fn body(call: &Call) -> Result<&str, Answer> {
    let body = call.body["body"].as_str().unwrap_or_default();
    if body.trim().is_empty() || body.chars().count() > MAX_BODY {
        return Err(invalid());
    }
    Ok(body)
}

/// The number of the thread in the path, if there is one and the token may do this there.
fn thread(call: &Call, level: &str) -> Result<u64, Answer> {
    let number = call
        .part("issue_number")
        .parse()
        .map_err(|_| Answer::not_found())?;
    may(call, number, level)?;
    Ok(number)
}

/// The number of the comment in the path, if it is there and the token may do this there.
fn comment(call: &Call, level: &str) -> Result<u64, Answer> {
    let id = call
        .part("comment_id")
        .parse()
        .map_err(|_| Answer::not_found())?;
    let thread = {
        let mut state = call.world.state();
        let found = state.conversations.comment(call.repository.id, id);
        found.map(|comment| comment.thread)
    };
    may(call, thread.ok_or_else(Answer::not_found)?, level)?;
    Ok(id)
}

/// Below pull requests it is another permission than below issues.
/// <https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps>
fn may(call: &Call, thread: u64, level: &str) -> Result<(), Answer> {
    let id = call.repository.id;
    let permission = {
        let state = call.world.state();
        let said = &state.conversations;
        if said.pulls.contains_key(&(id, thread)) {
            "pull_requests"
        } else if said.issues.contains_key(&(id, thread)) {
            "issues"
        } else {
            return Err(Answer::not_found());
        }
    };
    auth::installation(&call.world, &call.headers, id, permission, level)
}
