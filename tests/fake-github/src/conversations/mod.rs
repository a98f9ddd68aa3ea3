//! Purpose: people, what they may do, pull requests, issues, and what is said below them.

mod comments;
mod control;
mod events;
mod people;
mod pulls;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::endpoints::Entry;
use crate::routes::Need;
use crate::world::Route;

pub(crate) use control::router as control;

const METADATA: Need = Need::Permission("metadata");
/// The numbers of Apps' own accounts begin there.
const BOTS: u64 = 100_000;
/// The numbers of comments and reactions begin there.
const FIRST: u64 = 5_000;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: u64,
    /// The name as it is now.
    pub login: String,
    /// `User`, `Bot`, `Organization`.
    #[serde(rename = "type", default = "person")]
    pub kind: String,
}

fn person() -> String {
    "User".to_owned()
}

/// What somebody was let in as, least first.
/// <https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    pub repository: u64,
    pub number: u64,
    /// `None` = that account is gone.
    pub author: Option<u64>,
    /// By its short name, like `base_branch`.
    pub head_branch: String,
    pub head: String,
    /// `None` = it was deleted; one that this GitHub does not serve is a fork.
    pub head_repository: Option<u64>,
    pub base_branch: String,
    pub base: String,
    #[serde(default = "open")]
    pub open: bool,
}

fn open() -> bool {
    true
}

/// A comment on an issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: u64,
    pub repository: u64,
    /// The number of the issue or pull request.
    pub thread: u64,
    pub author: u64,
    /// The App that wrote it.
    pub app: Option<u64>,
    pub body: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub reactions: Vec<Reaction>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub id: u64,
    pub user: u64,
    /// `+1`, `eyes` …
    pub content: String,
}

/// All of it.
pub(crate) struct Conversations {
    users: BTreeMap<u64, User>,
    /// By repository and account.
    roles: BTreeMap<(u64, u64), Role>,
    /// By repository and number.
    pulls: BTreeMap<(u64, u64), Pull>,
    /// By repository and number; who opened it.
    issues: BTreeMap<(u64, u64), u64>,
    /// Oldest first.
    comments: Vec<Comment>,
    /// Comments that somebody deleted.
    deleted: BTreeSet<u64>,
    made: u64,
}

impl Conversations {
    /// The App's own account is there from the beginning.
    pub fn new(app_id: u64) -> Self {
        let bot = User {
            id: BOTS + app_id,
            login: "slipway[bot]".to_owned(),
            kind: "Bot".to_owned(),
        };
        Self {
            users: [(bot.id, bot)].into(),
            roles: BTreeMap::new(),
            pulls: BTreeMap::new(),
            issues: BTreeMap::new(),
            comments: Vec::new(),
            deleted: BTreeSet::new(),
            made: FIRST,
        }
    }

    /// An account that nobody made is one of a person, or of an App.
    pub fn user(&self, id: u64) -> User {
        let known = self.users.get(&id).cloned();
        let (login, kind) = match id.checked_sub(BOTS) {
            Some(app) => (format!("app-{app}[bot]"), "Bot".to_owned()),
            None => (format!("user-{id}"), person()),
        };
        known.unwrap_or(User { id, login, kind })
    }

    /// A number that nothing else has.
    fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    fn say(
        &mut self,
        at: Timestamp,
        (repository, thread): (u64, u64),
        (author, app): (u64, Option<u64>),
        body: &str,
    ) -> Comment {
        let comment = Comment {
            id: self.number(),
            repository,
            thread,
            author,
            app,
            body: body.to_owned(),
            created: at,
            updated: at,
            reactions: Vec::new(),
        };
        self.comments.push(comment.clone());
        comment
    }

    fn comment(&mut self, repository: u64, id: u64) -> Option<&mut Comment> {
        let gone = self.deleted.contains(&id);
        let mut all = self.comments.iter_mut();
        all.find(|one| !gone && one.repository == repository && one.id == id)
    }

    pub fn pull(&self, repository: u64, number: u64) -> Option<&Pull> {
        self.pulls.get(&(repository, number))
    }

    /// Those of one thread that are there, oldest first.
    pub fn thread(&self, repository: u64, number: u64) -> Vec<&Comment> {
        let here = |one: &&Comment| {
            one.repository == repository && one.thread == number && !self.deleted.contains(&one.id)
        };
        self.comments.iter().filter(here).collect()
    }
}

/// The endpoints of a repository. Which permission comments need depends on what their thread is.
pub(crate) const ENDPOINTS: &[Entry] = &[
    (
        "get",
        "/pulls/{pull_number}",
        Route::PullRequest,
        Need::Permission("pull_requests"),
        pulls::show,
    ),
    (
        "get",
        "/collaborators/{username}",
        Route::Collaborator,
        METADATA,
        people::collaborator,
    ),
    (
        "get",
        "/collaborators/{username}/permission",
        Route::Permission,
        METADATA,
        people::permission,
    ),
    (
        "get",
        "/issues/{issue_number}/comments",
        Route::Comments,
        METADATA,
        comments::list,
    ),
    (
        "post",
        "/issues/{issue_number}/comments",
        Route::CreateComment,
        METADATA,
        comments::create,
    ),
    (
        "get",
        "/issues/comments/{comment_id}",
        Route::ReadComment,
        METADATA,
        comments::show,
    ),
    (
        "patch",
        "/issues/comments/{comment_id}",
        Route::ChangeComment,
        METADATA,
        comments::change,
    ),
    (
        "post",
        "/issues/comments/{comment_id}/reactions",
        Route::React,
        METADATA,
        comments::react,
    ),
];
