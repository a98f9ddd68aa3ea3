//! Purpose: pull requests whose code has changed, and those that were closed.
//!
//! Shape: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request>

use std::borrow::Cow;

use domain::ids::{PersonId, RepositoryId};
use domain::plan::Trigger;
use serde::Deserialize;

use super::notice::Notice;
use super::{Numbered, PayloadError, Read, Stranger, ask, commit, ignored};

#[derive(Deserialize)]
pub(super) struct PullRequestEvent<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    number: u64,
    #[serde(borrow)]
    pull_request: PullRequest<'a>,
    repository: Numbered,
    #[serde(borrow)]
    sender: Option<Pusher<'a>>,
}

#[derive(Deserialize)]
struct Pusher<'a> {
    id: u64,
    #[serde(borrow)]
    login: Option<Cow<'a, str>>,
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

/// A pull request that is not to be merged any more, or was.
pub(super) fn closed(event: &PullRequestEvent<'_>) -> Option<Notice> {
    (event.action == "closed").then_some(Notice::PullClosed {
        repository: RepositoryId(event.repository.id),
        number: event.number,
    })
}

pub(super) fn read(event: &PullRequestEvent<'_>) -> Result<Read, PayloadError> {
    if !matches!(&*event.action, "opened" | "synchronize" | "reopened") {
        return Ok(ignored(format!(
            "nothing follows from a pull request that was {}",
            event.action
        )));
    }
    let PullRequest { head, base } = &event.pull_request;
    let is_own = head.repo.is_some_and(|repo| repo.id == event.repository.id);
    let trigger = Trigger::PullRequest {
        number: event.number,
        base: base.reference.to_string(),
        head: head.reference.to_string(),
    };
    // A branch of a fork is no branch here, whatever it is called.
    let reference = match is_own {
        true => format!("refs/heads/{}", head.reference),
        false => format!("refs/pull/{}/head", event.number),
    };
    let repository = RepositoryId(event.repository.id);
    let pusher = event.sender.as_ref();
    let sender = pusher.map(|pusher| PersonId(pusher.id));
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
        let login = pusher.and_then(|pusher| pusher.login.as_deref());
        asked.stranger = (!is_own).then(|| Stranger {
            sender: login.map(ToOwned::to_owned),
        });
    }
    Ok(read)
}
