//! Purpose: everything of GitHub's that somebody may act on, as one type; the rest is ignored with a reason.

use domain::ids::RepositoryId;
use serde::Deserialize;

use super::checks::{self, Check};
use super::comment::{self, Account, Comment};
use super::refs::MergeGroup;
use super::{
    Asked, MANUAL_EVENT, PayloadError, Read, SCHEDULE_EVENT, installation, pull_request, read, refs,
};

/// What a delivery of GitHub says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A push or a pull request from which a run may follow, as [`read`] has it.
    Asks(Box<Asked>),
    /// A pull request was closed, merged or not; whether it still is has to be asked.
    PullClosed {
        repository: RepositoryId,
        number: u64,
    },
    Comment(Box<Comment>),
    /// Somebody wants one check once more.
    RerunCheck(Check),
    /// Somebody wants all checks of a commit once more.
    RerunSuite(Check),
    /// Somebody pressed a button that a check of ours offers.
    Action {
        check: Check,
        /// The button's name, as we gave it.
        identifier: String,
    },
    /// A tag is new; its push asks for the run.
    TagCreated {
        repository: RepositoryId,
        tag: String,
        sender: Account,
    },
    RefDeleted {
        repository: RepositoryId,
        /// The full ref.
        reference: String,
        sender: Account,
    },
    /// The merge queue wants this commit checked before it is merged.
    MergeGroup(Box<MergeGroup>),
    /// The merge queue has merged the group, or given it up.
    MergeGroupEnded(Box<MergeGroup>),
    Installed {
        installation: u64,
        /// The user or organisation that it is for.
        account: u64,
        repositories: Vec<RepositoryId>,
        sender: Account,
    },
    Uninstalled {
        installation: u64,
        repositories: Vec<RepositoryId>,
    },
    RepositoriesChanged {
        installation: u64,
        added: Vec<RepositoryId>,
        removed: Vec<RepositoryId>,
    },
    RepositoryRenamed {
        repository: RepositoryId,
        /// What it is called now: `owner/name`.
        name: String,
    },
    /// It belongs to somebody else now, and has no trust from before.
    RepositoryTransferred {
        repository: RepositoryId,
        name: String,
        /// The user or organisation that it belongs to now.
        owner: u64,
    },
    RepositoryDeleted {
        repository: RepositoryId,
    },
    /// GitHub tries whether we are there.
    Pong {
        hook: u64,
    },
    Ignored {
        reason: String,
    },
}

#[derive(Deserialize)]
struct Ping {
    hook_id: u64,
}

/// Reads a delivery that was kept, whether it is one of GitHub's or one that the machine has handed in itself.
///
/// # Errors
/// As [`notice`].
pub fn kept(event: &str, body: &str) -> Result<Notice, PayloadError> {
    match event {
        SCHEDULE_EVENT | MANUAL_EVENT => asks(event, body),
        _ => notice(event, body),
    }
}

/// Reads a delivery of GitHub; what a machine hands in itself is none.
///
/// # Errors
/// A body that lacks what its event documents, or names a commit or a ref that git does not allow.
pub fn notice(event: &str, body: &str) -> Result<Notice, PayloadError> {
    Ok(match event {
        "push" => asks(event, body)?,
        "pull_request" => match pull_request::closed(&parsed(event, body)?) {
            Some(closed) => closed,
            None => asks(event, body)?,
        },
        "issue_comment" => comment::read(parsed(event, body)?),
        "check_run" => checks::read_run(&parsed(event, body)?)?,
        "check_suite" => checks::read_suite(&parsed(event, body)?)?,
        "create" => refs::read_created(&parsed(event, body)?)?,
        "delete" => refs::read_deleted(&parsed(event, body)?)?,
        "merge_group" => refs::read_group(&parsed(event, body)?)?,
        "installation" => installation::read_installation(&parsed(event, body)?),
        "installation_repositories" => installation::read_repositories(&parsed(event, body)?),
        "repository" => installation::read_repository(&parsed(event, body)?),
        "ping" => {
            let ping: Ping = parsed(event, body)?;
            Notice::Pong { hook: ping.hook_id }
        }
        other => Notice::Ignored {
            reason: format!("nothing follows from the event `{other}`"),
        },
    })
}

fn asks(event: &str, body: &str) -> Result<Notice, PayloadError> {
    Ok(match read(event, body)? {
        Read::Asks(asked) => Notice::Asks(asked),
        Read::Ignored { reason } => Notice::Ignored { reason },
    })
}

/// An action of a known event that says nothing to us.
pub(super) fn passed_over(what: &str, action: &str) -> Notice {
    let reason = format!("nothing follows from the action `{action}` of {what}");
    Notice::Ignored { reason }
}

fn parsed<'a, T: Deserialize<'a>>(event: &str, body: &'a str) -> Result<T, PayloadError> {
    serde_json::from_str(body).map_err(|source| PayloadError::Unreadable {
        event: event.to_owned(),
        source,
    })
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
