//! Purpose: files and folders at a commit.

use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::git::{Entry, Git, GitError};
use crate::routes::Call;
use crate::shapes;

/// <https://docs.github.com/en/rest/repos/contents#get-repository-content>
pub(crate) fn show(call: &Call) -> Answer {
    found(call).unwrap_or_else(Answer::from)
}

fn found(call: &Call) -> Result<Answer, GitError> {
    let git = Git(&call.repository.path);
    let wanted = call.query("ref").unwrap_or("HEAD");
    let Some(commit) = git.resolve(wanted)? else {
        let why = format!("No commit found for the ref {wanted}");
        return Ok(Answer::error(axum::http::StatusCode::NOT_FOUND, &why));
    };
    let Some(entry) = at(&git, &commit, call.part("path"))? else {
        return Ok(Answer::not_found());
    };
    let entry = follow(&git, &commit, entry)?;
    if entry.kind == "tree" {
        // A path with a slash at its end lists the folder.
        let folder = format!("{}/", entry.path);
        let below = git.tree(&commit, false, Some(&folder))?.unwrap_or_default();
        let lines = below.iter().map(|one| line(call, one)).collect();
        return Ok(Answer::json(&Value::Array(lines)));
    }
    if entry.kind != "blob" || entry.mode == "120000" {
        return Ok(Answer::json(&line(call, &entry)));
    }
    let bytes = git.object("blob", &entry.sha)?.unwrap_or_default();
    let accept = call
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains(".raw")) {
        return Ok(Answer::raw(bytes));
    }
    let mut file = line(call, &entry);
    file["encoding"] = "base64".into();
    file["content"] = STANDARD.encode(&bytes).into();
    Ok(Answer::json(&file))
}

fn at(git: &Git<'_>, commit: &str, path: &str) -> Result<Option<Entry>, GitError> {
    let listed = git.tree(commit, false, Some(path))?.unwrap_or_default();
    Ok(listed.into_iter().find(|entry| entry.path == path))
}

/// A link to a file of the repository is answered with that file.
fn follow(git: &Git<'_>, commit: &str, entry: Entry) -> Result<Entry, GitError> {
    if entry.mode != "120000" {
        return Ok(entry);
    }
    let target = git.object("blob", &entry.sha)?.unwrap_or_default();
    let target = String::from_utf8_lossy(&target).into_owned();
    let target = match entry.path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{target}"),
        None => target,
    };
    let file = at(git, commit, &target)?.filter(|file| file.kind == "blob");
    Ok(file.unwrap_or(entry))
}

fn line(call: &Call, entry: &Entry) -> Value {
    let base = shapes::base(&call.world.api, &call.repository);
    let kind = match (entry.kind.as_str(), entry.mode.as_str()) {
        ("tree", _) => "dir",
        ("commit", _) => "submodule",
        (_, "120000") => "symlink",
        _ => "file",
    };
    let git_url = format!("{base}/git/blobs/{}", entry.sha);
    let url = format!("{base}/contents/{}", shapes::encoded(&entry.path));
    json!({
        "name": entry.path.rsplit('/').next(),
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size.unwrap_or(0),
        "type": kind,
        "url": url,
        "html_url": null,
        "git_url": git_url,
        "download_url": null,
        "_links": { "self": url, "git": git_url, "html": null },
    })
}
