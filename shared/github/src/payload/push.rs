//! Purpose: pushes of branches and tags.
//!
//! Shape: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>. The list of commits is never read: GitHub
//! cuts it (at 2,048, and at 20 in older versions), so what has changed is asked of git. There is no delivery at all when more
//! than three tags are pushed at once.

use std::borrow::Cow;

use domain::ids::RepositoryId;
use domain::plan::Trigger;
use serde::Deserialize;

use super::refs::is_of_queue;
use super::{Numbered, PayloadError, Read, ask, ignored, is_zero, person};

#[derive(Deserialize)]
pub(super) struct Push<'a> {
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

pub(super) fn read(push: &Push<'_>) -> Result<Read, PayloadError> {
    if push.deleted || is_zero(&push.after) {
        return Ok(ignored(format!("{} was deleted", push.reference)));
    }
    if is_of_queue(&push.reference) {
        let reason = "of a merge queue's own branch the events of its group say all";
        return Ok(ignored(reason.to_owned()));
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
