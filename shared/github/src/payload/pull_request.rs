//! Purpose: pull requests whose code has changed.
//!
//! Shape: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request>

use std::borrow::Cow;

use domain::ids::RepositoryId;
use domain::plan::Trigger;
use serde::Deserialize;

use super::{Numbered, PayloadError, Read, ask, commit, ignored, person};

#[derive(Deserialize)]
pub(super) struct PullRequestEvent<'a> {
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

pub(super) fn read(event: &PullRequestEvent<'_>) -> Result<Read, PayloadError> {
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
