//! Purpose: what a delivery asks for, read from the few fields that matter; new fields are tolerated, all else is ignored
//! with a reason.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>

mod checks;
mod comment;
mod installation;
mod notice;
mod ours;
mod pull_request;
mod push;
mod refs;

use domain::ids::{CommitSha, PersonId, RepositoryId, RunId};
use domain::plan::Trigger;
use serde::Deserialize;

pub use checks::Check;
pub use comment::{Account, AccountKind, Comment, Thread};
pub use notice::{Notice, kept, notice};
pub use ours::{MANUAL_EVENT, ManualBody, MissedHead, PUSH_EVENT, SCHEDULE_EVENT, ScheduleBody};
pub use refs::{MergeGroup, is_of_queue};

/// What a delivery comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A run may follow.
    Asks(Box<Asked>),
    Ignored {
        reason: String,
    },
}

/// A wish for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub repository: RepositoryId,
    pub trigger: Trigger,
    /// The full ref: `refs/heads/main`.
    pub reference: String,
    /// `None` = whatever the ref points to when it is planned.
    pub commit: Option<CommitSha>,
    /// The commit whose pipeline file holds: for a pull request its base, else the commit itself.
    pub rules: Option<CommitSha>,
    /// What the ref pointed to before; paths are compared with it.
    pub before: Option<CommitSha>,
    /// The sender of the event, by number.
    pub sender: Option<PersonId>,
    /// The run that a person asked for once more.
    pub repeats: Option<RunId>,
    /// The code is that of another repository: whoever proposes it has to be trusted before it runs.
    pub stranger: Option<Stranger>,
}

/// Who sent the code of another repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The sender's name, only to ask GitHub about that account.
    pub sender: Option<String>,
}

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    #[error("the body of `{event}` is not what GitHub documents: {source}")]
    Unreadable {
        event: String,
        source: serde_json::Error,
    },
    #[error("`{0}` is not a full commit name")]
    Commit(String),
    #[error("`{0}` is not a ref that git allows")]
    Reference(String),
    #[error("a pull request is repeated, and not by the rules of its base")]
    NoRules,
    #[error("a button of a check was pressed, and it is not said which")]
    NoAction,
}

/// Whether a machine does anything with this event at all; others are answered and not kept.
pub fn is_handled(event: &str) -> bool {
    let events = [
        "push",
        "pull_request",
        "issue_comment",
        "check_run",
        "check_suite",
        "merge_group",
        "installation",
        "installation_repositories",
        "repository",
    ];
    events.contains(&event)
}

/// Whether a delivery is kept, so that somebody acts on it. A comment without a command is not: nobody has to read what
/// people tell each other. Where a run could have followed, also what leads to nothing is: people ask why it did not.
pub fn is_kept(event: &str, notice: &Notice) -> bool {
    match notice {
        Notice::Ignored { .. } => matches!(event, "push" | "pull_request"),
        Notice::Asks(_)
        | Notice::PullClosed { .. }
        | Notice::MergeGroup(_)
        | Notice::MergeGroupEnded(_)
        | Notice::Installed { .. }
        | Notice::Uninstalled { .. }
        | Notice::RepositoriesChanged { .. }
        | Notice::RepositoryRenamed { .. }
        | Notice::RepositoryTransferred { .. }
        | Notice::RepositoryDeleted { .. }
        | Notice::RerunCheck(_)
        | Notice::RerunSuite(_)
        | Notice::Action { .. } => true,
        Notice::Comment(comment) => !crate::commands::parse(&comment.body).is_empty(),
        _ => false,
    }
}

/// Reads a delivery.
pub fn read(event: &str, body: &str) -> Result<Read, PayloadError> {
    let unreadable = |source| PayloadError::Unreadable {
        event: event.to_owned(),
        source,
    };
    match event {
        "push" => push::read(&serde_json::from_str(body).map_err(unreadable)?),
        "pull_request" => pull_request::read(&serde_json::from_str(body).map_err(unreadable)?),
        SCHEDULE_EVENT => ours::read_tick(serde_json::from_str(body).map_err(unreadable)?),
        MANUAL_EVENT => ours::read_manual(serde_json::from_str(body).map_err(unreadable)?),
        other => Ok(ignored(format!("nothing follows from the event `{other}`"))),
    }
}

/// Whatever GitHub numbers.
#[derive(Clone, Copy, Deserialize)]
struct Numbered {
    id: u64,
}

fn ask(
    repository: RepositoryId,
    trigger: Trigger,
    reference: String,
    after: Option<&str>,
    before: Option<&str>,
    sender: Option<PersonId>,
) -> Result<Read, PayloadError> {
    if !is_reference(&reference) {
        return Err(PayloadError::Reference(reference));
    }
    let after = after.map(commit).transpose()?;
    let before = before.map(commit).transpose()?;
    Ok(Read::Asks(Box::new(Asked {
        repository,
        trigger,
        reference,
        rules: after.clone(),
        commit: after,
        before,
        sender,
        repeats: None,
        stranger: None,
    })))
}

fn person(sender: Option<Numbered>) -> Option<PersonId> {
    sender.map(|sender| PersonId(sender.id))
}

fn commit(text: &str) -> Result<CommitSha, PayloadError> {
    let sha = CommitSha::new(text);
    if sha.is_valid() {
        Ok(sha)
    } else {
        Err(PayloadError::Commit(text.to_owned()))
    }
}

fn is_zero(sha: &str) -> bool {
    !sha.is_empty() && sha.bytes().all(|b| b == b'0')
}

fn ignored(reason: String) -> Read {
    Read::Ignored { reason }
}

/// Git's own grammar of refs: <https://git-scm.com/docs/git-check-ref-format>
pub fn is_reference(text: &str) -> bool {
    let component =
        |part: &str| !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with(".lock");
    let forbidden = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    text.starts_with("refs/")
        && text.len() <= 1024
        && text.split('/').all(component)
        && !text.contains("..")
        && !text.contains("@{")
        && !text.ends_with('.')
        && !text.contains(forbidden)
}

#[cfg(test)]
mod tests;
