//! Purpose: whether the person who wrote a command may give it, from facts that were read for this command.
//!
//! Anything unknown means no. What an environment's policy adds (nobody approves their own change, several approvers) is the
//! run's own rule and is checked there, and so is whether code of a fork is trusted; this says only whether the wish is passed
//! on.

use domain::ids::{EnvironmentName, PersonId};

use super::Command;
use super::table::{Permission, Place, Row};
use crate::payload::{Account, AccountKind, Comment};

/// How the sender stands to the repository, as GitHub said when it was asked for this command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// GitHub gave no answer.
    Unknown,
    Outsider,
    Member,
    Writer,
}

/// What is known about a comment and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The action of the delivery: `created`, `edited`, `deleted`.
    pub action: &'a str,
    pub sender: Account,
    /// Who wrote the comment.
    pub author: Account,
    pub place: Place,
    /// The author of the pull request; `None` = there is none, or that account is gone.
    pub pull_author: Option<PersonId>,
    pub standing: Standing,
    /// The environments that the sender may approve.
    pub approves: &'a [EnvironmentName],
}

impl Facts<'_> {
    /// Of a new comment by somebody who stands so; whose pull request it is about, and what they approve, is not known yet.
    pub fn of(comment: &Comment, standing: Standing) -> Self {
        Self {
            action: "created",
            sender: comment.sender,
            author: comment.author,
            place: comment.thread.place(),
            pull_author: None,
            standing,
            approves: &[],
        }
    }
}

/// Why a command is not followed. The first three are not answered; the others are sentences that are safe to publish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Commands of apps and bots are not followed; a person can give them.")]
    Bot,
    #[error(
        "Only a new comment is a command, not one that was edited or deleted; its author can write it again."
    )]
    NotCreated,
    #[error(
        "A comment counts for its author alone, and somebody else sent this one; its author can write it again."
    )]
    NotItsAuthor,
    #[error("`/{name}` works on pull requests only; {who} can use it there.", name = .0.name, who = .0.who.who())]
    NotHere(&'static Row),
    #[error("Nobody says `/{name}` to a change of their own; another member with write permission can.", name = .0.name)]
    OwnChange(&'static Row),
    #[error("GitHub did not say what you may do here, so `/{name}` was not followed. Try again in a minute; {who} can.", name = .0.name, who = .0.who.who())]
    Unknown(&'static Row),
    #[error("You may not use `/{name}` here; {who} can.", name = .0.name, who = .0.who.who())]
    NotAllowed(&'static Row),
    #[error("`/{0}` is in no table of commands, so nobody can give it.")]
    NoRow(&'static str),
}

impl Refusal {
    /// Whether the sender is told. Bots are not, so that two of them never talk to each other.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Bot | Self::NotCreated | Self::NotItsAuthor)
    }
}

/// Whether a person has written this, just now, and sent it: else it is no command at all, and nobody is answered.
pub fn by_its_author(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.sender.kind != AccountKind::User || facts.author.kind != AccountKind::User {
        return Err(Refusal::Bot);
    }
    if facts.action != "created" {
        return Err(Refusal::NotCreated);
    }
    if facts.sender.id != facts.author.id {
        return Err(Refusal::NotItsAuthor);
    }
    Ok(())
}

/// Whether the sender may give this command.
pub fn authorised(command: &Command, facts: &Facts<'_>) -> Result<(), Refusal> {
    by_its_author(facts)?;
    let row = command.row().ok_or(Refusal::NoRow(command.name()))?;
    if row.place == Place::PullRequest && facts.place != Place::PullRequest {
        return Err(Refusal::NotHere(row));
    }
    let own = facts.pull_author == Some(facts.sender.id);
    if own && matches!(command, Command::Lgtm { .. } | Command::Override { .. }) {
        return Err(Refusal::OwnChange(row));
    }
    let approves = |environment| facts.approves.contains(environment);
    let may = match row.who {
        Permission::Anybody => true,
        Permission::AuthorOrMember => own || facts.standing >= Standing::Member,
        Permission::Writer => facts.standing >= Standing::Writer,
        Permission::Approver => command.environment().is_some_and(approves),
    };
    match facts.standing {
        _ if may => Ok(()),
        Standing::Unknown => Err(Refusal::Unknown(row)),
        _ => Err(Refusal::NotAllowed(row)),
    }
}

#[cfg(test)]
#[path = "authorise_tests.rs"]
mod tests;
