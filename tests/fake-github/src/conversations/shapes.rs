//! Purpose: the JSON of pull requests, issues, comments and reactions, with every field that GitHub documents as required.

use serde_json::{Value, json};

use super::{Comment, Pull, Reaction, User};
use crate::shapes::{self, THEN, node_id};
use crate::world::{Repository, State};

pub(super) fn user(api: &str, user: &User) -> Value {
    shapes::account(api, user.id, &user.login, &user.kind)
}

fn by_number(api: &str, state: &State, id: u64) -> Value {
    user(api, &state.conversations.user(id))
}

fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The repository of this number; one that is not served here is a fork.
fn repository(state: &State, id: u64) -> Repository {
    let served = state.repositories.get(&id).cloned();
    served.unwrap_or_else(|| Repository {
        id,
        name: format!("user-{id}/fork"),
        path: std::path::PathBuf::new(),
        former: std::collections::BTreeSet::new(),
        installed: false,
        public: true,
    })
}

fn association(state: &State, repository: u64, user: u64) -> &'static str {
    match state.conversations.roles.contains_key(&(repository, user)) {
        true => "COLLABORATOR",
        false => "NONE",
    }
}

pub(super) fn pull(api: &str, state: &State, pull: &Pull) -> Value {
    let here = repository(state, pull.repository);
    let author = pull.author.map(|id| by_number(api, state, id));
    let head = pull.head_repository.map(|id| repository(state, id));
    let comments = state.conversations.thread(pull.repository, pull.number);
    let mut shown = json!({
        "id": 70_000 + pull.number,
        "node_id": node_id(&format!("pull {} {}", pull.repository, pull.number)),
        "number": pull.number,
        "state": if pull.open { "open" } else { "closed" },
        "locked": false,
        "title": format!("Pull request {}", pull.number),
        "user": author,
        "body": null,
        "labels": [],
        "milestone": null,
        "assignee": null,
        "created_at": THEN,
        "updated_at": THEN,
        "closed_at": if pull.open { None } else { Some(THEN) },
        "head": side(api, head.as_ref(), &pull.head_branch, &pull.head),
        "base": side(api, Some(&here), &pull.base_branch, &pull.base),
        "author_association": pull
            .author
            .map_or("NONE", |id| association(state, pull.repository, id)),
        "merged": false,
        "mergeable_state": "unknown",
        "comments": comments.len(),
        "review_comments": 0,
        "maintainer_can_modify": false,
        "commits": 1,
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    });
    for name in [
        "auto_merge",
        "mergeable",
        "merged_at",
        "merged_by",
        "merge_commit_sha",
    ] {
        shown[name] = Value::Null;
    }
    link(&mut shown, api, &here, pull);
    shown
}

/// Where else there is something about a pull request.
fn link(shown: &mut Value, api: &str, here: &Repository, pull: &Pull) {
    let url = shapes::base(api, here);
    let at = format!("{url}/pulls/{}", pull.number);
    let issue = format!("{url}/issues/{}", pull.number);
    let html = format!("https://github.com/{}/pull/{}", here.name, pull.number);
    shown["diff_url"] = format!("{html}.diff").into();
    shown["patch_url"] = format!("{html}.patch").into();
    shown["url"] = at.as_str().into();
    shown["_links"] = json!({ "self": { "href": at } });
    for (name, to) in [
        ("html", html),
        ("issue", issue.clone()),
        ("comments", format!("{issue}/comments")),
        ("review_comments", format!("{at}/comments")),
        ("review_comment", format!("{url}/pulls/comments{{/number}}")),
        ("commits", format!("{at}/commits")),
        ("statuses", format!("{url}/statuses/{}", pull.head)),
    ] {
        shown["_links"][name] = json!({ "href": to });
        shown[format!("{name}_url")] = to.into();
    }
}

/// A repository that was deleted leaves no more than the name of the branch.
fn side(api: &str, of: Option<&Repository>, branch: &str, sha: &str) -> Value {
    let owner = of.map_or("unknown", Repository::owner);
    json!({
        "label": format!("{owner}:{branch}"),
        "ref": branch,
        "sha": sha,
        "user": of.map(|of| shapes::organization(api, of.owner())),
        "repo": of.map(|of| shapes::repository(api, of)),
    })
}

pub(super) fn comment(api: &str, state: &State, comment: &Comment) -> Value {
    let here = repository(state, comment.repository);
    let url = shapes::base(api, &here);
    let at = format!("{url}/issues/comments/{}", comment.id);
    let (thread, id) = (comment.thread, comment.id);
    json!({
        "id": id,
        "node_id": node_id(&format!("comment {id}")),
        "url": at,
        "html_url": format!("https://github.com/{}/issues/{thread}#issuecomment-{id}", here.name),
        "issue_url": format!("{url}/issues/{thread}"),
        "user": by_number(api, state, comment.author),
        "created_at": time(comment.created),
        "updated_at": time(comment.updated),
        "body": comment.body,
        "author_association": association(state, comment.repository, comment.author),
        "performed_via_github_app": comment.app.map(|id| app(api, id)),
        "reactions": rollup(&at, &comment.reactions),
    })
}

fn app(api: &str, id: u64) -> Value {
    json!({
        "id": id,
        "slug": format!("app-{id}"),
        "node_id": node_id(&format!("app {id}")),
        "owner": shapes::organization(api, "acme"),
        "name": format!("App {id}"),
        "description": null,
        "external_url": "https://ci.example.org",
        "html_url": format!("https://github.com/apps/app-{id}"),
        "created_at": THEN,
        "updated_at": THEN,
        "permissions": { "issues": "write", "metadata": "read", "pull_requests": "write" },
        "events": ["issue_comment", "pull_request"],
    })
}

fn rollup(url: &str, reactions: &[Reaction]) -> Value {
    let mut rollup = json!({ "url": format!("{url}/reactions"), "total_count": reactions.len() });
    for content in [
        "+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes",
    ] {
        let same = reactions.iter().filter(|one| one.content == content);
        rollup[content] = same.count().into();
    }
    rollup
}

pub(super) fn reaction(api: &str, state: &State, reaction: &Reaction) -> Value {
    json!({
        "id": reaction.id,
        "node_id": node_id(&format!("reaction {}", reaction.id)),
        "user": by_number(api, state, reaction.user),
        "content": reaction.content,
        "created_at": time(state.now()),
    })
}

/// What a webhook gets of a comment that was written just now.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment>
pub(super) fn payload(api: &str, state: &State, written: &Comment) -> Value {
    let here = repository(state, written.repository);
    let mut payload = event(api, state, written.repository, written.author);
    let more = json!({
        "action": "created",
        "issue": issue(api, state, &here, written.thread),
        "comment": comment(api, state, written),
    });
    extend(&mut payload, more);
    payload
}

/// What is in every payload: where it happened, by whom, and the App's installation.
pub(super) fn event(api: &str, state: &State, repository: u64, sender: u64) -> Value {
    json!({
        "repository": shapes::repository(api, &self::repository(state, repository)),
        "sender": by_number(api, state, sender),
        "installation": { "id": 9_000, "node_id": node_id("installation") },
    })
}

/// Adds fields to an object.
pub(super) fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// A pull request is an issue with a link to what it is besides.
fn issue(api: &str, state: &State, here: &Repository, number: u64) -> Value {
    let said = &state.conversations;
    let pull = said.pulls.get(&(here.id, number));
    let author = match pull {
        Some(pull) => pull.author,
        None => said.issues.get(&(here.id, number)).copied(),
    };
    let url = shapes::base(api, here);
    let at = format!("{url}/issues/{number}");
    let kind = if pull.is_some() { "pull" } else { "issues" };
    let html = format!("https://github.com/{}/{kind}/{number}", here.name);
    let open = pull.is_none_or(|pull| pull.open);
    let mut issue = json!({
        "id": 80_000 + number,
        "node_id": node_id(&format!("issue {} {number}", here.id)),
        "url": at,
        "repository_url": url,
        "labels_url": format!("{at}/labels{{/name}}"),
        "comments_url": format!("{at}/comments"),
        "events_url": format!("{at}/events"),
        "html_url": html,
        "number": number,
        "title": format!("Thread {number}"),
        "user": author.map(|id| by_number(api, state, id)),
        "labels": [],
        "state": if open { "open" } else { "closed" },
        "locked": false,
        "assignee": null,
        "assignees": [],
        "milestone": null,
        "comments": said.thread(here.id, number).len(),
        "created_at": THEN,
        "updated_at": THEN,
        "closed_at": if open { None } else { Some(THEN) },
        "author_association": author.map_or("NONE", |id| association(state, here.id, id)),
        "active_lock_reason": null,
        "body": null,
        "reactions": rollup(&at, &[]),
    });
    if pull.is_some() {
        issue["pull_request"] = json!({
            "url": format!("{url}/pulls/{number}"),
            "html_url": html,
            "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"),
            "merged_at": null,
        });
    }
    issue
}
