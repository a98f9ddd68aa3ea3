//! Purpose: comments on issues and pull requests, and who wrote and sent them.
//!
//! Shape: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment>

use std::borrow::Cow;

use domain::ids::{PersonId, RepositoryId};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Numbered;
use super::notice::{Notice, passed_over};
use crate::commands::Place;

/// A comment that was written just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub repository: RepositoryId,
    pub thread: Thread,
    /// The comment's own number, for reactions.
    pub id: u64,
    pub author: Account,
    /// Who caused the delivery; a command counts only where it is the author.
    pub sender: Account,
    /// The sender's name, only to ask GitHub about that account: the number is who it is.
    pub login: String,
    /// As it was written; nothing of it may be published or run as it is.
    pub body: String,
    pub created: jiff::Timestamp,
}

/// What a comment belongs to, with its number in the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thread {
    Issue(u64),
    /// `author` opened the pull request; `None` = that account is gone.
    Pull {
        number: u64,
        author: Option<PersonId>,
    },
}

impl Thread {
    /// Its number in the repository.
    pub fn number(self) -> u64 {
        match self {
            Self::Issue(number) | Self::Pull { number, .. } => number,
        }
    }

    /// Which commands are read there.
    pub fn place(self) -> Place {
        match self {
            Self::Issue(_) => Place::Anywhere,
            Self::Pull { .. } => Place::PullRequest,
        }
    }
}

/// Somebody on GitHub, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: PersonId,
    pub kind: AccountKind,
}

/// What an account is; only a `User` is a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum AccountKind {
    User,
    Bot,
    Organization,
    #[serde(other)]
    Other,
}

/// An account as every payload shows it.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Sender {
    id: u64,
    #[serde(rename = "type")]
    kind: AccountKind,
}

/// The same where GitHub will be asked about the account.
#[derive(Deserialize)]
pub(super) struct NamedSender<'a> {
    id: u64,
    #[serde(rename = "type")]
    kind: AccountKind,
    #[serde(borrow)]
    pub login: Cow<'a, str>,
}

impl NamedSender<'_> {
    pub fn account(&self) -> Account {
        Account {
            id: PersonId(self.id),
            kind: self.kind,
        }
    }
}

impl From<Sender> for Account {
    fn from(sender: Sender) -> Self {
        Self {
            id: PersonId(sender.id),
            kind: sender.kind,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct IssueComment<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    issue: Issue,
    #[serde(borrow)]
    comment: Written<'a>,
    repository: Numbered,
    #[serde(borrow)]
    sender: NamedSender<'a>,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
    user: Option<Numbered>,
    /// Only a pull request has it.
    pull_request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Written<'a> {
    id: u64,
    user: Option<Sender>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    created_at: jiff::Timestamp,
    /// The App that wrote it in the author's name.
    performed_via_github_app: Option<IgnoredAny>,
}

pub(super) fn read(event: IssueComment<'_>) -> Notice {
    // An edited comment is no command: whoever may edit it is not always who wrote it.
    if event.action != "created" {
        return passed_over("a comment", &event.action);
    }
    let Some(author) = event.comment.user else {
        let reason = "the account that wrote the comment is gone".to_owned();
        return Notice::Ignored { reason };
    };
    // Such a comment looks like one of the person, who may not have seen it.
    if event.comment.performed_via_github_app.is_some() {
        let reason = "an app wrote the comment in the name of its author".to_owned();
        return Notice::Ignored { reason };
    }
    let number = event.issue.number;
    let thread = match event.issue.pull_request {
        Some(_) => Thread::Pull {
            number,
            author: event.issue.user.map(|user| PersonId(user.id)),
        },
        None => Thread::Issue(number),
    };
    Notice::Comment(Box::new(Comment {
        repository: RepositoryId(event.repository.id),
        thread,
        id: event.comment.id,
        author: author.into(),
        sender: event.sender.account(),
        login: event.sender.login.into_owned(),
        body: event.comment.body.unwrap_or_default().into_owned(),
        created: event.comment.created_at,
    }))
}
