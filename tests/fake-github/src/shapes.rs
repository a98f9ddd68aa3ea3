//! Purpose: the JSON of repositories, people, commits and installations, with every field that GitHub documents as required.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::git::{Commit, Person};
use crate::world::{Registered, Repository, World};

/// Fields of a repository that end in `_url`, and where below the repository they lead.
const REPOSITORY_URLS: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

const USER_URLS: &[&str] = &[
    "events_url",
    "followers_url",
    "following_url",
    "gists_url",
    "organizations_url",
    "received_events_url",
    "repos_url",
    "starred_url",
    "subscriptions_url",
];

/// Counts that are nought here.
const NOUGHTS: &[&str] = &[
    "forks",
    "forks_count",
    "network_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "subscribers_count",
    "watchers",
    "watchers_count",
];

/// When everything here was made.
pub(crate) const THEN: &str = "2026-01-01T00:00:00Z";

/// Where the API speaks of a repository.
pub(crate) fn base(api: &str, repository: &Repository) -> String {
    format!("{api}/repos/{}", repository.name)
}

/// Any opaque text will do.
pub(crate) fn node_id(of: &str) -> String {
    format!("NODE_{}", hex::encode(of))
}

pub(crate) fn repository(api: &str, repository: &Repository) -> Value {
    let url = base(api, repository);
    let mut fields = Map::new();
    for (name, path) in REPOSITORY_URLS {
        fields.insert((*name).to_owned(), format!("{url}{path}").into());
    }
    for name in NOUGHTS {
        fields.insert((*name).to_owned(), 0.into());
    }
    let html = format!("https://github.com/{}", repository.name);
    let rest = json!({
        "id": repository.id,
        "node_id": node_id(&repository.id.to_string()),
        "name": repository.short_name(),
        "full_name": repository.name,
        "owner": organization(api, repository.owner()),
        "private": !repository.public,
        "html_url": html,
        "description": null,
        "fork": false,
        "clone_url": format!("{html}.git"),
        "git_url": format!("git://github.com/{}.git", repository.name),
        "ssh_url": format!("git@github.com:{}.git", repository.name),
        "svn_url": html,
        "homepage": null,
        "language": null,
        "license": null,
        "mirror_url": null,
        "archived": false,
        "disabled": false,
        "has_issues": true,
        "has_projects": false,
        "has_wiki": false,
        "has_downloads": false,
        "has_pages": false,
        "has_discussions": false,
        "default_branch": "main",
        "pushed_at": THEN,
        "created_at": THEN,
        "updated_at": THEN,
    });
    if let Value::Object(rest) = rest {
        fields.extend(rest);
    }
    Value::Object(fields)
}

/// A path or the name of a ref in a URL.
pub(crate) fn encoded(path: &str) -> PercentEncode<'_> {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/');
    utf8_percent_encode(path, ENCODED)
}

pub(crate) fn organization(api: &str, login: &str) -> Value {
    let id: u64 = login
        .bytes()
        .fold(1_000, |id, byte| id * 31 % 1_000_003 + u64::from(byte));
    account(api, id, login, "Organization")
}

pub(crate) fn account(api: &str, id: u64, login: &str, kind: &str) -> Value {
    let name = encoded(login);
    let url = format!("{api}/users/{name}");
    let mut account = json!({
        "login": login,
        "id": id,
        "node_id": node_id(login),
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}"),
        "gravatar_id": "",
        "url": url,
        "html_url": format!("https://github.com/{name}"),
        "type": kind,
        "site_admin": false,
    });
    for place in USER_URLS {
        account[*place] = url.as_str().into();
    }
    account
}

/// The App, as it sees itself.
pub(crate) fn app(api: &str, app_id: u64, app: &Registered) -> Value {
    json!({
        "id": app_id,
        "slug": app.slug,
        "node_id": node_id(&app.slug),
        "client_id": "Iv1.fake",
        "owner": organization(api, &app.owner),
        "name": app.slug,
        "description": "",
        "external_url": "https://ci.example.org",
        "html_url": format!("{api}/apps/{}", app.slug),
        "created_at": THEN,
        "updated_at": THEN,
        "permissions": app.permissions,
        "events": app.events,
    })
}

pub(crate) fn installation(world: &World, number: u64, owner: &str) -> Value {
    let (api, app_id) = (&world.api, world.app_id);
    let state = world.state();
    let (permissions, events) = match &state.installed_with {
        Some(other) => other.clone(),
        None => (state.app.permissions.clone(), state.app.events.clone()),
    };
    let suspended = state.suspended.then_some(THEN);
    drop(state);
    let url = format!("{api}/app/installations/{number}");
    json!({
        "id": number,
        "account": organization(api, owner),
        "app_id": app_id,
        "app_slug": "slipway",
        "target_id": organization(api, owner)["id"],
        "target_type": "Organization",
        "repository_selection": "selected",
        "access_tokens_url": format!("{url}/access_tokens"),
        "repositories_url": format!("{api}/installation/repositories"),
        "html_url": format!("https://github.com/organizations/{owner}/settings/installations/{number}"),
        "permissions": permissions,
        "events": events,
        "single_file_name": null,
        "created_at": THEN,
        "updated_at": THEN,
        "suspended_by": null,
        "suspended_at": suspended,
    })
}

/// A commit nobody signed.
pub(crate) fn unsigned() -> Value {
    json!({
        "verified": false,
        "reason": "unsigned",
        "signature": null,
        "payload": null,
        "verified_at": null,
    })
}

fn person(person: &Person) -> Value {
    json!({ "name": person.name, "email": person.email, "date": person.date })
}

fn parents(url: &str, commit: &Commit) -> Vec<Value> {
    let parent = |sha: &String| {
        let url = format!("{url}/commits/{sha}");
        json!({ "sha": sha, "url": url, "html_url": url })
    };
    commit.parents.iter().map(parent).collect()
}

/// As the git database shows it.
pub(crate) fn git_commit(url: &str, commit: &Commit) -> Value {
    let at = format!("{url}/git/commits/{}", commit.sha);
    json!({
        "sha": commit.sha,
        "node_id": node_id(&commit.sha),
        "url": at,
        "html_url": at,
        "author": person(&commit.author),
        "committer": person(&commit.committer),
        "tree": { "sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree) },
        "message": commit.message,
        "parents": parents(url, commit),
        "verification": unsigned(),
    })
}

/// As lists and comparisons show it.
pub(crate) fn commit(url: &str, commit: &Commit) -> Value {
    let at = format!("{url}/commits/{}", commit.sha);
    json!({
        "url": at,
        "sha": commit.sha,
        "node_id": node_id(&commit.sha),
        "html_url": at,
        "comments_url": format!("{at}/comments"),
        "commit": {
            "url": format!("{url}/git/commits/{}", commit.sha),
            "author": person(&commit.author),
            "committer": person(&commit.committer),
            "message": commit.message,
            "comment_count": 0,
            "tree": { "sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree) },
            "verification": unsigned(),
        },
        "author": null,
        "committer": null,
        "parents": parents(url, commit),
    })
}
