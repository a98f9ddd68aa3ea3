//! Purpose: payloads of the shape and the length that GitHub sends: all the addresses that nobody reads are what they are made
//! of.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>

use serde_json::{Map, Value, json};

/// A delivery's event and its body.
#[derive(Clone, Debug)]
pub struct Payload {
    pub event: &'static str,
    pub body: String,
}

impl Payload {
    /// `push, 7.1 KB`
    pub fn name(&self) -> String {
        format!("{}, {:.1} KB", self.event, self.body.len() as f64 / 1_000.0)
    }
}

const API: &str = "https://api.github.com";
const BEFORE: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
const AFTER: &str = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";

const OF_USER: [&str; 10] = [
    "followers",
    "following{/other_user}",
    "gists{/gist_id}",
    "starred{/owner}{/repo}",
    "subscriptions",
    "orgs",
    "repos",
    "events{/privacy}",
    "received_events",
    "avatar",
];

const OF_REPOSITORY: [&str; 38] = [
    "forks",
    "keys{/key_id}",
    "collaborators{/collaborator}",
    "teams",
    "hooks",
    "issue_events{/number}",
    "events",
    "assignees{/user}",
    "branches{/branch}",
    "tags",
    "blobs{/sha}",
    "git_tags{/sha}",
    "git_refs{/sha}",
    "trees{/sha}",
    "statuses/{sha}",
    "languages",
    "stargazers",
    "contributors",
    "subscribers",
    "subscription",
    "commits{/sha}",
    "git_commits{/sha}",
    "comments{/number}",
    "issue_comment{/number}",
    "contents/{+path}",
    "compare/{base}...{head}",
    "merges",
    "archive_format}{/ref}",
    "downloads",
    "issues{/number}",
    "pulls{/number}",
    "milestones{/number}",
    "notifications{?since,all,participating}",
    "labels{/name}",
    "releases{/id}",
    "deployments",
    "clone",
    "svn",
];

fn addresses(of: &str, names: &[&str]) -> Map<String, Value> {
    let address = |name: &&str| {
        let short = name.split('{').next().unwrap_or(name);
        let key = format!("{}_url", short.trim_end_matches('/'));
        (key, json!(format!("{API}/{of}/{name}")))
    };
    names.iter().map(address).collect()
}

fn user(id: u64, login: &str) -> Value {
    let mut user = addresses(&format!("users/{login}"), &OF_USER);
    user.insert("login".to_owned(), json!(login));
    user.insert("id".to_owned(), json!(id));
    user.insert("node_id".to_owned(), json!("MDQ6VXNlcjIxMDMxMDY3"));
    user.insert("type".to_owned(), json!("User"));
    user.insert("site_admin".to_owned(), json!(false));
    Value::Object(user)
}

fn repository() -> Value {
    let mut repository = addresses("repos/Codertocat/Hello-World", &OF_REPOSITORY);
    let rest = json!({
        "id": 186_853_002, "node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=", "name": "Hello-World", "private": false,
        "full_name": "Codertocat/Hello-World", "owner": user(21_031_067, "Codertocat"), "fork": false,
        "description": "A repository — with “text” of people in it", "html_url": "https://github.com/Codertocat/Hello-World",
        "created_at": "2019-05-15T15:19:25Z", "updated_at": "2019-05-15T15:20:41Z", "pushed_at": "2019-05-15T15:20:56Z",
        "homepage": null, "size": 0, "stargazers_count": 0, "watchers_count": 0, "language": "Ruby", "has_issues": true,
        "has_projects": true, "has_downloads": true, "has_wiki": true, "has_pages": true, "forks_count": 1,
        "mirror_url": null, "archived": false, "disabled": false, "open_issues_count": 2, "license": null, "forks": 1,
        "open_issues": 2, "watchers": 0, "default_branch": "main", "visibility": "public", "topics": []
    });
    if let Value::Object(rest) = rest {
        repository.extend(rest);
    }
    Value::Object(repository)
}

fn commit(message: &str) -> Value {
    let person = json!({"name": "Codertocat", "email": "21031067+Codertocat@users.noreply.github.com", "username": "Codertocat"});
    json!({
        "id": AFTER, "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433", "distinct": true, "message": message,
        "timestamp": "2019-05-15T15:20:30Z", "url": format!("https://github.com/Codertocat/Hello-World/commit/{AFTER}"),
        "author": person, "committer": person, "added": ["src/new.rs"], "removed": [], "modified": ["README.md", "src/lib.rs"]
    })
}

/// A push of one commit: 7 KB.
pub fn push() -> Payload {
    let message = "Mend the widget\n\nIt said \"no\" where it should have said yes.";
    let body = json!({
        "ref": "refs/heads/main", "before": BEFORE, "after": AFTER, "created": false, "deleted": false, "forced": false,
        "base_ref": null, "compare": format!("https://github.com/Codertocat/Hello-World/compare/{BEFORE}...{AFTER}"),
        "commits": [commit(message)], "head_commit": commit(message), "repository": repository(),
        "pusher": {"name": "Codertocat", "email": "21031067+Codertocat@users.noreply.github.com"},
        "sender": user(21_031_067, "Codertocat"),
    });
    Payload {
        event: "push",
        body: body.to_string(),
    }
}

/// A pull request with a description: 24 KB.
pub fn pull_request() -> Payload {
    let side = |reference: &str, sha: &str| {
        json!({
            "label": format!("Codertocat:{reference}"), "ref": reference, "sha": sha, "user": user(21_031_067, "Codertocat"),
            "repo": repository(),
        })
    };
    let links = [
        "self",
        "html",
        "issue",
        "comments",
        "review_comments",
        "commits",
        "statuses",
    ];
    let links: Map<String, Value> = links
        .iter()
        .map(|name| {
            let address = format!("{API}/repos/Codertocat/Hello-World/pulls/2/{name}");
            ((*name).to_owned(), json!({"href": address}))
        })
        .collect();
    let paragraph = "This mends the widget. Before, it said “no”; now it says yes.\r\n\r\n- [x] tests\n- [ ] docs\n";
    let body = json!({
        "action": "synchronize", "number": 2, "before": BEFORE, "after": AFTER,
        "pull_request": {
            "url": format!("{API}/repos/Codertocat/Hello-World/pulls/2"), "id": 279_147_437, "number": 2, "state": "open",
            "locked": false, "title": "Update the README with new information.", "user": user(21_031_067, "Codertocat"),
            "body": paragraph.repeat(35), "created_at": "2019-05-15T15:20:33Z", "updated_at": "2019-05-15T15:20:33Z",
            "closed_at": null, "merged_at": null, "merge_commit_sha": null, "assignee": null, "assignees": [],
            "requested_reviewers": [user(2, "Octocat"), user(3, "Monalisa")], "requested_teams": [], "labels": [],
            "milestone": null, "head": side("changes", AFTER), "base": side("main", BEFORE), "_links": links,
            "author_association": "OWNER", "draft": false, "merged": false, "mergeable": null, "comments": 0, "commits": 1,
            "additions": 1, "deletions": 1, "changed_files": 1,
        },
        "repository": repository(), "sender": user(21_031_067, "Codertocat"),
    });
    Payload {
        event: "pull_request",
        body: body.to_string(),
    }
}
