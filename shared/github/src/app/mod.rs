//! Purpose: what the GitHub App asks for, and why: one table, from which the manifest, the check of what was granted and the
//! page of the documentation are made.

mod grant;
mod manifest;
mod required;

use std::fmt;

pub use grant::{Difference, Grant};
pub use manifest::{Wish, is_account, is_slug, manifest, registration, web_of};
pub use required::{Required, Standing, of_branch, of_rules, standing};

/// How much of something the App may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Read,
    Write,
}

impl Level {
    /// As GitHub writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A permission of the App.
pub struct Permission {
    /// As the API names it.
    pub name: &'static str,
    /// As GitHub's settings name it.
    pub title: &'static str,
    pub level: Level,
    pub why: &'static str,
}

/// An event that is delivered to the App.
pub struct Event {
    /// As the header `X-GitHub-Event` names it.
    pub name: &'static str,
    pub why: &'static str,
}

/// Every permission, and nothing but these.
/// <https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps>
pub const PERMISSIONS: &[Permission] = &[
    Permission {
        name: "checks",
        title: "Checks",
        level: Level::Write,
        why: "shows every run at its commit, and as one check that a branch can require",
    },
    Permission {
        name: "contents",
        title: "Contents",
        level: Level::Read,
        why: "reads the pipeline file and what changed, hands a commit's files to builds; builds get no credential",
    },
    Permission {
        name: "deployments",
        title: "Deployments",
        level: Level::Write,
        why: "shows what was deployed to which environment",
    },
    Permission {
        name: "issues",
        title: "Issues",
        level: Level::Write,
        why: "answers commands in comments; to GitHub every pull request is an issue, too",
    },
    Permission {
        name: "merge_queues",
        title: "Merge queues",
        level: Level::Read,
        why: "hears what a merge queue is about to merge",
    },
    Permission {
        name: "metadata",
        title: "Metadata",
        level: Level::Read,
        why: "reads names, default branches and the rules of branches; every App has it",
    },
    Permission {
        name: "pull_requests",
        title: "Pull requests",
        level: Level::Write,
        why: "reads whose change it is and what it is based on, comments on it",
    },
];

/// Every event, and nothing but these. What is installed where is told to every App without being asked for.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads>
pub const EVENTS: &[Event] = &[
    Event {
        name: "push",
        why: "starts runs of branches and tags",
    },
    Event {
        name: "pull_request",
        why: "starts runs of pull requests",
    },
    Event {
        name: "issue_comment",
        why: "brings commands in comments",
    },
    Event {
        name: "check_run",
        why: "brings the buttons of one check: run again, and our own",
    },
    Event {
        name: "check_suite",
        why: "brings the button that runs all checks again",
    },
    Event {
        name: "merge_group",
        why: "starts runs of what a merge queue is about to merge, and ends them",
    },
    Event {
        name: "repository",
        why: "tells of new names, and of new owners, who are not trusted",
    },
];

/// The tables of `docs/github.md`, in Markdown.
pub fn tables() -> String {
    let mut text = String::from("| permission | level | what for |\n| --- | --- | --- |\n");
    for row in PERMISSIONS {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            row.title, row.level, row.why
        ));
    }
    text.push_str("\n| event | what for |\n| --- | --- |\n");
    for row in EVENTS {
        text.push_str(&format!("| `{}` | {} |\n", row.name, row.why));
    }
    text
}

#[cfg(test)]
mod tests;
