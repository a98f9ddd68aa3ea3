//! Purpose: what a delivery asks for, read from the few fields that matter; new fields are tolerated, all else is ignored
//! with a reason.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>

use std::borrow::Cow;

use domain::ids::{CommitSha, PersonId, RepositoryId, RunId};
use domain::plan::Trigger;
use serde::{Deserialize, Serialize};

/// The event name of a schedule's tick; only the machine itself hands one in.
pub const SCHEDULE_EVENT: &str = "slipway_schedule";
/// The event name of a run that a person asked for on the command line.
pub const MANUAL_EVENT: &str = "slipway_manual";

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
}

/// Whether a machine does anything with this event at all; others are answered and not kept.
pub fn is_handled(event: &str) -> bool {
    matches!(event, "push" | "pull_request")
}

/// Reads a delivery.
pub fn read(event: &str, body: &str) -> Result<Read, PayloadError> {
    let unreadable = |source| PayloadError::Unreadable {
        event: event.to_owned(),
        source,
    };
    match event {
        "push" => read_push(&serde_json::from_str(body).map_err(unreadable)?),
        "pull_request" => read_pull_request(&serde_json::from_str(body).map_err(unreadable)?),
        SCHEDULE_EVENT => {
            let tick: ScheduleBody = serde_json::from_str(body).map_err(unreadable)?;
            let trigger = Trigger::Schedule {
                name: tick.name,
                branch: tick.branch.clone(),
            };
            ask(
                tick.repository,
                trigger,
                format!("refs/heads/{}", tick.branch),
                None,
                None,
                None,
            )
        }
        MANUAL_EVENT => read_manual(serde_json::from_str(body).map_err(unreadable)?),
        other => Ok(ignored(format!("nothing follows from the event `{other}`"))),
    }
}

/// A tick, as the machine hands it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleBody {
    pub repository: RepositoryId,
    pub name: String,
    pub branch: String,
    /// When it was due; makes the body of every tick its own.
    pub due: jiff::Timestamp,
}

/// A wish of the command line: this commit once more, for the same reason and by the same rules as the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualBody {
    pub repository: RepositoryId,
    /// The full ref.
    pub reference: String,
    pub commit: String,
    /// What the run was about that is repeated; without it the person is what starts the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// The commit whose pipeline file holds; `None` = the commit itself, which a pull request may not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<CommitSha>,
    /// What paths are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommitSha>,
    /// The run that is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<RunId>,
    pub sender: Option<PersonId>,
    pub reason: String,
}

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(rename = "ref", borrow)]
    reference: Cow<'a, str>,
    #[serde(borrow)]
    before: Cow<'a, str>,
    #[serde(borrow)]
    after: Cow<'a, str>,
    #[serde(default)]
    deleted: bool,
    repository: Numbered,
    sender: Option<Numbered>,
}

#[derive(Deserialize)]
struct PullRequestEvent<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    number: u64,
    #[serde(borrow)]
    pull_request: PullRequest<'a>,
    repository: Numbered,
    sender: Option<Numbered>,
}

#[derive(Deserialize)]
struct PullRequest<'a> {
    #[serde(borrow)]
    head: Side<'a>,
    #[serde(borrow)]
    base: Side<'a>,
}

#[derive(Deserialize)]
struct Side<'a> {
    #[serde(rename = "ref", borrow)]
    reference: Cow<'a, str>,
    #[serde(borrow)]
    sha: Cow<'a, str>,
    repo: Option<Numbered>,
}

#[derive(Clone, Copy, Deserialize)]
struct Numbered {
    id: u64,
}

fn read_push(push: &Push<'_>) -> Result<Read, PayloadError> {
    if push.deleted || is_zero(&push.after) {
        return Ok(ignored(format!("{} was deleted", push.reference)));
    }
    let trigger = if let Some(branch) = push.reference.strip_prefix("refs/heads/") {
        Trigger::Push {
            branch: branch.to_owned(),
        }
    } else if let Some(tag) = push.reference.strip_prefix("refs/tags/") {
        Trigger::Tag {
            tag: tag.to_owned(),
        }
    } else {
        return Ok(ignored(format!(
            "{} is neither a branch nor a tag",
            push.reference
        )));
    };
    let before = (!is_zero(&push.before)).then_some(&*push.before);
    let (repository, sender) = (RepositoryId(push.repository.id), person(push.sender));
    ask(
        repository,
        trigger,
        push.reference.to_string(),
        Some(&push.after),
        before,
        sender,
    )
}

fn read_pull_request(event: &PullRequestEvent<'_>) -> Result<Read, PayloadError> {
    if !matches!(&*event.action, "opened" | "synchronize" | "reopened") {
        return Ok(ignored(format!(
            "nothing follows from a pull request that was {}",
            event.action
        )));
    }
    let PullRequest { head, base } = &event.pull_request;
    if head.repo.is_none_or(|repo| repo.id != event.repository.id) {
        let reason = format!(
            "pull request #{} comes from a fork; code of a fork is not run on this host",
            event.number
        );
        return Ok(ignored(reason));
    }
    let trigger = Trigger::PullRequest {
        number: event.number,
        base: base.reference.to_string(),
        head: head.reference.to_string(),
    };
    let reference = format!("refs/heads/{}", head.reference);
    let (repository, sender) = (RepositoryId(event.repository.id), person(event.sender));
    let mut read = ask(
        repository,
        trigger,
        reference,
        Some(&head.sha),
        Some(&base.sha),
        sender,
    )?;
    if let Read::Asks(asked) = &mut read {
        asked.rules = Some(commit(&base.sha)?);
    }
    Ok(read)
}

fn read_manual(wish: ManualBody) -> Result<Read, PayloadError> {
    let trigger = match wish.trigger {
        Some(trigger) => trigger,
        None => manual_trigger(&wish.reference),
    };
    let of_base = matches!(trigger, Trigger::PullRequest { .. });
    let before = wish.before.as_ref().map(CommitSha::as_str);
    let mut read = ask(
        wish.repository,
        trigger,
        wish.reference,
        Some(&wish.commit),
        before,
        wish.sender,
    )?;
    if let Read::Asks(asked) = &mut read {
        asked.repeats = wish.repeats;
        match wish.rules {
            Some(rules) => asked.rules = Some(commit(rules.as_str())?),
            None if of_base => return Err(PayloadError::NoRules),
            None => {}
        }
    }
    Ok(read)
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
    })))
}

fn manual_trigger(reference: &str) -> Trigger {
    match reference.strip_prefix("refs/tags/") {
        Some(tag) => Trigger::Tag {
            tag: tag.to_owned(),
        },
        None => Trigger::Manual {
            branch: reference
                .strip_prefix("refs/heads/")
                .unwrap_or(reference)
                .to_owned(),
        },
    }
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
#[path = "payload_tests.rs"]
mod tests;
