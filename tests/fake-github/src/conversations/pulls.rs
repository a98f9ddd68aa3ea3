//! Purpose: one pull request.

use super::shapes;
use crate::answer::Answer;
use crate::routes::Call;

/// <https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>
pub(super) fn show(call: &Call) -> Answer {
    let Ok(number) = call.part("pull_number").parse() else {
        return Answer::not_found();
    };
    let state = call.world.state();
    match state.conversations.pulls.get(&(call.repository.id, number)) {
        None => Answer::not_found(),
        Some(pull) => Answer::json(&shapes::pull(&call.world.api, &state, pull)),
    }
}
