//! Purpose: the git database: refs, commits, annotated tags, trees.

use axum::http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::git::{Git, GitError};
use crate::routes::Call;
use crate::shapes::{self, node_id};

/// <https://docs.github.com/en/rest/git/refs#get-a-reference>
pub(crate) fn reference(call: &Call) -> Answer {
    let name = format!("refs/{}", call.part("ref"));
    let base = shapes::base(&call.world.api, &call.repository);
    match Git(&call.repository.path).reference(&name) {
        Err(error) => error.into(),
        Ok(None) => Answer::not_found(),
        Ok(Some((sha, kind))) => Answer::json(&json!({
            "ref": name,
            "node_id": node_id(&name),
            "url": format!("{base}/git/{}", shapes::encoded(&name)),
            "object": {
                "sha": sha,
                "type": kind,
                "url": format!("{base}/git/{kind}s/{sha}"),
            },
        })),
    }
}

/// <https://docs.github.com/en/rest/git/commits#get-a-commit-object>
pub(crate) fn commit(call: &Call) -> Answer {
    let git = Git(&call.repository.path);
    match of_kind(&git, call.part("commit_sha"), "commit") {
        Err(answer) => answer,
        Ok(sha) => git.commit(sha).map_or_else(Answer::from, |commit| {
            let base = shapes::base(&call.world.api, &call.repository);
            Answer::json(&shapes::git_commit(&base, &commit))
        }),
    }
}

/// <https://docs.github.com/en/rest/git/tags#get-a-tag>
pub(crate) fn tag(call: &Call) -> Answer {
    let git = Git(&call.repository.path);
    let sha = match of_kind(&git, call.part("tag_sha"), "tag") {
        Err(answer) => return answer,
        Ok(sha) => sha,
    };
    let text = match git.object("tag", sha) {
        Err(error) => return error.into(),
        Ok(text) => String::from_utf8_lossy(&text.unwrap_or_default()).into_owned(),
    };
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().to_owned()
    };
    let (target, kind) = (field("object "), field("type "));
    let base = shapes::base(&call.world.api, &call.repository);
    let message = text
        .split_once("\n\n")
        .map_or("", |(_, message)| message.trim_end());
    Answer::json(&json!({
        "node_id": node_id(sha),
        "tag": field("tag "),
        "sha": sha,
        "url": format!("{base}/git/tags/{sha}"),
        "message": message,
        "tagger": { "name": "Tagger", "email": "tagger@example.org", "date": "2026-01-01T00:00:00Z" },
        "object": { "sha": target, "type": kind, "url": format!("{base}/git/{kind}s/{target}") },
        "verification": shapes::unsigned(),
    }))
}

/// <https://docs.github.com/en/rest/git/trees#get-a-tree>
pub(crate) fn tree(call: &Call) -> Answer {
    let git = Git(&call.repository.path);
    let sha = call.part("tree_sha");
    let entries = match git.tree(sha, call.query("recursive").is_some(), None) {
        Err(error) => return error.into(),
        Ok(None) => return Answer::not_found(),
        Ok(Some(entries)) => entries,
    };
    let base = shapes::base(&call.world.api, &call.repository);
    let tree: Vec<_> = entries
        .iter()
        .map(|entry| {
            let mut line = json!({
                "path": entry.path,
                "mode": entry.mode,
                "type": entry.kind,
                "sha": entry.sha,
                "url": format!("{base}/git/{}s/{}", entry.kind, entry.sha),
            });
            if let Some(size) = entry.size {
                line["size"] = size.into();
            }
            line
        })
        .collect();
    Answer::json(&json!({
        "sha": sha,
        "url": format!("{base}/git/trees/{sha}"),
        "tree": tree,
        "truncated": false,
    }))
}

/// The object's full name, if it is of this kind.
fn of_kind<'a>(git: &Git<'_>, sha: &'a str, wanted: &str) -> Result<&'a str, Answer> {
    let whole = matches!(sha.len(), 40 | 64) && sha.bytes().all(|b| b.is_ascii_hexdigit());
    if !whole {
        return Err(Answer::error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The sha parameter must be exactly 40 characters and contain only [0-9a-f].",
        ));
    }
    let kind: Result<Option<String>, GitError> = git.kind(sha);
    match kind {
        Err(error) => Err(error.into()),
        Ok(Some(kind)) if kind == wanted => Ok(sha),
        Ok(_) => Err(Answer::not_found()),
    }
}
