//! Purpose: buttons of checks: run again, and actions of our own.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run> and `#check_suite`.

use std::borrow::Cow;

use domain::ids::{CommitSha, RepositoryId};
use serde::Deserialize;

use super::comment::{Account, NamedSender};
use super::notice::{Notice, passed_over};
use super::{Numbered, PayloadError, commit};

/// A check run or a check suite on which somebody has pressed a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub repository: RepositoryId,
    /// The number of the check run or the suite.
    pub id: u64,
    /// The App that made it; what is not our own is nothing to us.
    pub app: Option<u64>,
    /// What that App called it; empty where it gave no name, and for suites.
    pub external: String,
    pub head: CommitSha,
    /// Who pressed; that person's right is checked as for a command.
    pub sender: Account,
    /// The sender's name, only to ask GitHub about that account: the number is who it is.
    pub login: String,
    /// The pull requests of this repository that GitHub names; those of forks are not among them.
    pub pull_requests: Vec<u64>,
}

#[derive(Deserialize)]
pub(super) struct CheckRun<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    check_run: Run<'a>,
    #[serde(borrow)]
    requested_action: Option<RequestedAction<'a>>,
    repository: Numbered,
    #[serde(borrow)]
    sender: NamedSender<'a>,
}

#[derive(Deserialize)]
pub(super) struct CheckSuite<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    check_suite: Run<'a>,
    repository: Numbered,
    #[serde(borrow)]
    sender: NamedSender<'a>,
}

#[derive(Deserialize)]
struct Run<'a> {
    id: u64,
    #[serde(borrow)]
    head_sha: Cow<'a, str>,
    #[serde(borrow)]
    external_id: Option<Cow<'a, str>>,
    app: Option<Numbered>,
    #[serde(default)]
    pull_requests: Vec<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    number: u64,
}

#[derive(Deserialize)]
struct RequestedAction<'a> {
    #[serde(borrow)]
    identifier: Cow<'a, str>,
}

pub(super) fn read_run(event: &CheckRun<'_>) -> Result<Notice, PayloadError> {
    let check = || check(&event.check_run, event.repository, &event.sender);
    match (&*event.action, &event.requested_action) {
        ("rerequested", _) => Ok(Notice::RerunCheck(check()?)),
        ("requested_action", Some(action)) => Ok(Notice::Action {
            check: check()?,
            identifier: action.identifier.to_string(),
        }),
        ("requested_action", None) => Err(PayloadError::NoAction),
        (other, _) => Ok(passed_over("a check run", other)),
    }
}

pub(super) fn read_suite(event: &CheckSuite<'_>) -> Result<Notice, PayloadError> {
    if event.action != "rerequested" {
        return Ok(passed_over("a check suite", &event.action));
    }
    let check = check(&event.check_suite, event.repository, &event.sender)?;
    Ok(Notice::RerunSuite(check))
}

fn check(
    run: &Run<'_>,
    repository: Numbered,
    sender: &NamedSender<'_>,
) -> Result<Check, PayloadError> {
    Ok(Check {
        repository: RepositoryId(repository.id),
        id: run.id,
        app: run.app.map(|app| app.id),
        external: run.external_id.as_deref().unwrap_or_default().to_owned(),
        head: commit(&run.head_sha)?,
        sender: sender.account(),
        login: sender.login.to_string(),
        pull_requests: run.pull_requests.iter().map(|pull| pull.number).collect(),
    })
}
