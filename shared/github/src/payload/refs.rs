//! Purpose: refs that come and go, and the groups of a merge queue.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#create>, `#delete`, `#merge_group`.

use std::borrow::Cow;

use domain::ids::{CommitSha, PersonId, RepositoryId};
use serde::Deserialize;

use super::comment::Sender;
use super::notice::{Notice, passed_over};
use super::{Numbered, PayloadError, commit, is_reference, person};

/// A branch or tag that was made or deleted.
#[derive(Deserialize)]
pub(super) struct Named<'a> {
    /// The short name: `v1.0`.
    #[serde(rename = "ref", borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    ref_type: Cow<'a, str>,
    repository: Numbered,
    sender: Sender,
}

#[derive(Deserialize)]
pub(super) struct MergeGroupEvent<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    merge_group: Group<'a>,
    repository: Numbered,
    sender: Option<Numbered>,
}

/// Some pull requests that a merge queue is about to merge, as one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeGroup {
    pub repository: RepositoryId,
    /// What the branch that it is to be merged into would become.
    pub head: CommitSha,
    /// The queue's own full ref.
    pub reference: String,
    /// What the group was made on: another group's commit, or that of the branch.
    pub base: CommitSha,
    /// The full ref that it is to be merged into.
    pub onto: String,
    /// Who put it into the queue, as far as GitHub tells.
    pub sender: Option<PersonId>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    head_sha: Cow<'a, str>,
    #[serde(borrow)]
    head_ref: Cow<'a, str>,
    #[serde(borrow)]
    base_sha: Cow<'a, str>,
    #[serde(borrow)]
    base_ref: Cow<'a, str>,
}

pub(super) fn read_created(event: &Named<'_>) -> Result<Notice, PayloadError> {
    if event.ref_type != "tag" {
        let reason = format!("of a new {} its push says all", event.ref_type);
        return Ok(Notice::Ignored { reason });
    }
    checked(format!("refs/tags/{}", event.name))?;
    Ok(Notice::TagCreated {
        repository: RepositoryId(event.repository.id),
        tag: event.name.to_string(),
        sender: event.sender.into(),
    })
}

pub(super) fn read_deleted(event: &Named<'_>) -> Result<Notice, PayloadError> {
    let folder = match &*event.ref_type {
        "tag" => "tags",
        "branch" => "heads",
        other => {
            let reason = format!("nothing follows from a {other} that was deleted");
            return Ok(Notice::Ignored { reason });
        }
    };
    Ok(Notice::RefDeleted {
        repository: RepositoryId(event.repository.id),
        reference: checked(format!("refs/{folder}/{}", event.name))?,
        sender: event.sender.into(),
    })
}

pub(super) fn read_group(event: &MergeGroupEvent<'_>) -> Result<Notice, PayloadError> {
    let group = || -> Result<Box<MergeGroup>, PayloadError> {
        let group = &event.merge_group;
        Ok(Box::new(MergeGroup {
            repository: RepositoryId(event.repository.id),
            head: commit(&group.head_sha)?,
            reference: checked(group.head_ref.to_string())?,
            base: commit(&group.base_sha)?,
            onto: checked(group.base_ref.to_string())?,
            sender: person(event.sender),
        }))
    };
    match &*event.action {
        "checks_requested" => Ok(Notice::MergeGroup(group()?)),
        "destroyed" => Ok(Notice::MergeGroupEnded(group()?)),
        other => Ok(passed_over("a merge group", other)),
    }
}

/// Whether a branch is a merge queue's own: what becomes of it is told by events of the group.
/// <https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue>
pub fn is_of_queue(reference: &str) -> bool {
    reference.starts_with("refs/heads/gh-readonly-queue/")
}

fn checked(reference: String) -> Result<String, PayloadError> {
    if is_reference(&reference) {
        Ok(reference)
    } else {
        Err(PayloadError::Reference(reference))
    }
}
