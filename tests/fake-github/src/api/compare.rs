//! Purpose: what lies between two commits, with GitHub's own limits: 250 commits, 300 files, files on the first page only.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::git::{Change, Git, GitError};
use crate::routes::Call;
use crate::shapes;

/// Commits of an answer without pages; the newest ones.
const MAX_COMMITS: usize = 250;
/// Files of the whole comparison.
const MAX_FILES: usize = 300;
/// Commits of a page at most.
const MAX_PAGE: usize = 100;
const USUAL_PAGE: usize = 30;

/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
pub(crate) fn show(call: &Call) -> Answer {
    compared(call).unwrap_or_else(Answer::from)
}

fn compared(call: &Call) -> Result<Answer, GitError> {
    let git = Git(&call.repository.path);
    let Some((base_name, head_name)) = call.part("basehead").split_once("...") else {
        return Ok(Answer::not_found());
    };
    let (Some(base), Some(head)) = (git.resolve(base_name)?, git.resolve(head_name)?) else {
        return Ok(Answer::not_found());
    };
    let Some(merge_base) = git.merge_base(&base, &head)? else {
        let why = format!("No common ancestor between {base_name} and {head_name}.");
        return Ok(Answer::error(StatusCode::NOT_FOUND, &why));
    };
    let (behind, ahead) = git.apart(&base, &head)?;
    let commits = git.log(&format!("{base}..{head}"))?;
    let url = shapes::base(&call.world.api, &call.repository);
    let all: Vec<Value> = commits
        .iter()
        .map(|commit| shapes::commit(&url, commit))
        .collect();
    let total = all.len();
    let (listed, first, link) = page(call, all);
    let files: Vec<Value> = match first {
        true => git
            .diff(&merge_base, &head)?
            .iter()
            .take(MAX_FILES)
            .map(|change| file(&url, &head, change))
            .collect(),
        false => Vec::new(),
    };
    let status = match (ahead, behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let compare = format!("{url}/compare/{base}...{head}");
    let answer = Answer::json(&json!({
        "url": compare,
        "html_url": compare,
        "permalink_url": compare,
        "diff_url": format!("{compare}.diff"),
        "patch_url": format!("{compare}.patch"),
        "base_commit": shapes::commit(&url, &git.commit(&base)?),
        "merge_base_commit": shapes::commit(&url, &git.commit(&merge_base)?),
        "status": status,
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": total,
        "commits": listed,
        "files": files,
    }));
    Ok(match link {
        Some(link) => answer.with("link", &link),
        None => answer,
    })
}

/// The commits of this page, whether it is the first, and the links to the others.
fn page(call: &Call, all: Vec<Value>) -> (Vec<Value>, bool, Option<String>) {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<usize>().ok());
    if call.query("page").is_none() && call.query("per_page").is_none() {
        let skipped = all.len().saturating_sub(MAX_COMMITS);
        return (all.into_iter().skip(skipped).collect(), true, None);
    }
    let size = number("per_page").unwrap_or(USUAL_PAGE).clamp(1, MAX_PAGE);
    let page = number("page").unwrap_or(1).max(1);
    let last = all.len().div_ceil(size).max(1);
    let url = |page: usize| {
        format!(
            "<{}/repositories/{}/compare/{}?per_page={size}&page={page}>",
            call.world.api,
            call.repository.id,
            call.part("basehead"),
        )
    };
    let mut links = Vec::new();
    if page > 1 {
        links.push(format!("{}; rel=\"prev\"", url(page - 1)));
        links.push(format!("{}; rel=\"first\"", url(1)));
    }
    if page < last {
        links.push(format!("{}; rel=\"next\"", url(page + 1)));
        links.push(format!("{}; rel=\"last\"", url(last)));
    }
    let listed = all.into_iter().skip((page - 1) * size).take(size).collect();
    let link = (!links.is_empty()).then(|| links.join(", "));
    (listed, page == 1, link)
}

fn file(url: &str, head: &str, change: &Change) -> Value {
    let contents = format!(
        "{url}/contents/{}?ref={head}",
        shapes::encoded(&change.path)
    );
    let mut file = json!({
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": contents,
        "raw_url": contents,
        "contents_url": contents,
    });
    if let Some(previous) = &change.previous {
        file["previous_filename"] = previous.as_str().into();
    }
    file
}
