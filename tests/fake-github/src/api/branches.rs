//! Purpose: the rules of a branch, and what a branch shows of the older protection.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::git::Git;
use crate::routes::Call;
use crate::shapes;

/// <https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>
pub(crate) fn rules(call: &Call) -> Answer {
    let state = call.world.state();
    let rules = state.rules.get(&call.repository.id);
    Answer::json(rules.unwrap_or(&Value::Array(Vec::new())))
}

/// <https://docs.github.com/en/rest/branches/branches#get-a-branch>
pub(crate) fn show(call: &Call) -> Answer {
    let name = call.part("branch");
    let git = Git(&call.repository.path);
    let Ok(Some((sha, _))) = git.reference(&format!("refs/heads/{name}")) else {
        return Answer::not_found();
    };
    let commit = match git.commit(&sha) {
        Ok(commit) => commit,
        Err(error) => return error.into(),
    };
    let url = shapes::base(&call.world.api, &call.repository);
    let state = call.world.state();
    let protection = state.protections.get(&call.repository.id);
    let at = format!("{url}/branches/{name}");
    Answer::json(&json!({
        "name": name,
        "commit": shapes::commit(&url, &commit),
        "_links": { "self": at, "html": at },
        "protected": protection.is_some(),
        "protection": protection.cloned().unwrap_or_else(|| json!({
            "enabled": false,
            "required_status_checks": { "enforcement_level": "off", "contexts": [], "checks": [] },
        })),
        "protection_url": format!("{at}/protection"),
    }))
}
