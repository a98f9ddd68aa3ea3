//! Purpose: names for the numbers that events hold. A name that cannot be told is replaced by its number: a page must not
//! fail because a list of people does.

use std::collections::BTreeMap;

use domain::ids::{CommitSha, PersonId, RepositoryId};
use serde::Serialize;

use super::Reads;
use crate::ports::{Commit, People};

/// A person, for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    pub id: PersonId,
    /// Empty when the person is not known any more.
    pub login: String,
    /// `Ana Silva`, or `person 7`.
    pub name: String,
}

/// A repository, for readers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RepositoryRef {
    pub id: RepositoryId,
    /// `acme/shop`, or `repository 12`.
    pub name: String,
}

/// People by number, each asked for once.
pub(super) struct Names<'a> {
    people: &'a dyn People,
    known: BTreeMap<PersonId, Who>,
}

impl<'a> Names<'a> {
    pub fn new(people: &'a dyn People) -> Self {
        Self {
            people,
            known: BTreeMap::new(),
        }
    }

    /// Asks for those that are not known yet.
    pub async fn learn(&mut self, ids: impl IntoIterator<Item = PersonId>) {
        for id in ids {
            if self.known.contains_key(&id) {
                continue;
            }
            match self.people.person(id).await {
                Ok(Some(person)) => {
                    let (login, name) = (person.login, person.name);
                    let name = if name.is_empty() { login.clone() } else { name };
                    self.known.insert(id, Who { id, login, name });
                }
                Ok(None) => {}
                Err(fault) => tracing::warn!(%fault, person = id.0, "a person's name is missing"),
            }
        }
    }

    /// The person; by number if unknown.
    pub fn who(&self, id: PersonId) -> Who {
        self.known.get(&id).cloned().unwrap_or_else(|| Who {
            id,
            login: String::new(),
            name: format!("person {id}"),
        })
    }

    /// `Ana Silva`.
    pub fn name(&self, id: PersonId) -> String {
        self.who(id).name
    }

    /// `Ana Silva, Bo Chen and Cy Diaz`, with the word before the last.
    pub fn list(&self, ids: impl IntoIterator<Item = PersonId>, word: &str) -> String {
        let names: Vec<String> = ids.into_iter().map(|id| self.name(id)).collect();
        match names.split_last() {
            None => "nobody".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} {word} {last}", before.join(", ")),
        }
    }

    /// An actor of a commit in words: `the scheduler`, `Ana Silva`.
    pub fn actor(&self, actor: &str) -> String {
        match actor.split_once(':') {
            Some(("function", name)) => format!("the {name}"),
            Some(("person", number)) => number
                .parse()
                .map_or_else(|_| actor.to_owned(), |id| self.name(PersonId(id))),
            _ => actor.to_owned(),
        }
    }

    /// The number behind an actor who is a person.
    pub fn actor_id(actor: &str) -> Option<PersonId> {
        let number = actor.strip_prefix("person:")?;
        number.parse().ok().map(PersonId)
    }
}

/// The repository's name; its number if that cannot be told.
pub(super) async fn repository_ref(reads: &Reads<'_>, id: RepositoryId) -> RepositoryRef {
    let name = match crate::repository(reads.journal, reads.repositories, id).await {
        Ok(Some(repository)) => repository.name,
        Ok(None) => format!("repository {id}"),
        Err(fault) => {
            tracing::warn!(%fault, repository = id.0, "a repository's name is missing");
            format!("repository {id}")
        }
    };
    RepositoryRef { id, name }
}

/// The commit's own words; `None` if they cannot be told.
pub(super) async fn commit_of(
    reads: &Reads<'_>,
    repository: RepositoryId,
    commit: &CommitSha,
) -> Option<Commit> {
    match reads.sources?.commit(repository, commit).await {
        Ok(found) => found,
        Err(fault) => {
            tracing::warn!(%fault, repository = repository.0, "a commit's title is missing");
            None
        }
    }
}
