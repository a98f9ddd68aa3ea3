//! Purpose: refs that come and go, and the groups of a merge queue.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#create>, `#delete`, `#merge_group`.

use std::borrow::Cow;

use domain::ids::RepositoryId;
use serde::Deserialize;

use super::comment::Sender;
use super::notice::{Notice, passed_over};
use super::{Numbered, PayloadError, commit, is_reference};

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
    if event.action != "checks_requested" {
        return Ok(passed_over("a merge group", &event.action));
    }
    let group = &event.merge_group;
    Ok(Notice::MergeGroup {
        repository: RepositoryId(event.repository.id),
        head: commit(&group.head_sha)?,
        reference: checked(group.head_ref.to_string())?,
        base: commit(&group.base_sha)?,
        onto: checked(group.base_ref.to_string())?,
    })
}

fn checked(reference: String) -> Result<String, PayloadError> {
    if is_reference(&reference) {
        Ok(reference)
    } else {
        Err(PayloadError::Reference(reference))
    }
}
