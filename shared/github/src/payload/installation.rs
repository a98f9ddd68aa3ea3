//! Purpose: where the App is installed, and what becomes of repositories.
//!
//! Shapes: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation>, `#installation_repositories`,
//! `#repository`.

use std::borrow::Cow;

use domain::ids::RepositoryId;
use serde::Deserialize;

use super::Numbered;
use super::comment::Sender;
use super::notice::{Notice, passed_over};

#[derive(Deserialize)]
pub(super) struct InstallationEvent<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    installation: Installation,
    #[serde(default)]
    repositories: Vec<Numbered>,
    sender: Sender,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
    account: Numbered,
}

#[derive(Deserialize)]
pub(super) struct RepositoriesEvent<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    installation: Numbered,
    repositories_added: Vec<Numbered>,
    repositories_removed: Vec<Numbered>,
}

#[derive(Deserialize)]
pub(super) struct RepositoryEvent<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Repository<'a> {
    id: u64,
    #[serde(borrow)]
    full_name: Cow<'a, str>,
    owner: Numbered,
}

pub(super) fn read_installation(event: &InstallationEvent<'_>) -> Notice {
    let installation = event.installation.id;
    match &*event.action {
        "created" => Notice::Installed {
            installation,
            account: event.installation.account.id,
            repositories: numbers(&event.repositories),
            sender: event.sender.into(),
        },
        "deleted" => Notice::Uninstalled {
            installation,
            repositories: numbers(&event.repositories),
        },
        other => passed_over("an installation", other),
    }
}

pub(super) fn read_repositories(event: &RepositoriesEvent<'_>) -> Notice {
    match &*event.action {
        "added" | "removed" => Notice::RepositoriesChanged {
            installation: event.installation.id,
            added: numbers(&event.repositories_added),
            removed: numbers(&event.repositories_removed),
        },
        other => passed_over("the repositories of an installation", other),
    }
}

pub(super) fn read_repository(event: &RepositoryEvent<'_>) -> Notice {
    let repository = RepositoryId(event.repository.id);
    match &*event.action {
        "renamed" => Notice::RepositoryRenamed {
            repository,
            name: event.repository.full_name.to_string(),
        },
        "transferred" => Notice::RepositoryTransferred {
            repository,
            name: event.repository.full_name.to_string(),
            owner: event.repository.owner.id,
        },
        "deleted" => Notice::RepositoryDeleted { repository },
        other => passed_over("a repository", other),
    }
}

fn numbers(repositories: &[Numbered]) -> Vec<RepositoryId> {
    let ids = repositories.iter().map(|repository| repository.id);
    ids.map(RepositoryId).collect()
}
