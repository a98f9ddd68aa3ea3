//! Purpose: the people in a host's settings file: what is written of them, what is refused, and how they are found.
//!
//! Every host has such a file, in another place: `machine.yaml` in the data folder, `config/machine.yaml` in the bucket.

use std::collections::BTreeMap;

use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use serde::{Deserialize, Serialize};

use crate::ports::Person;

/// A person of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// Stays the same for good: the journal knows people by it.
    pub id: PersonId,
    pub login: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
}

impl From<PersonEntry> for Person {
    fn from(entry: PersonEntry) -> Self {
        Self {
            id: entry.id,
            name: entry.name.unwrap_or_else(|| entry.login.clone()),
            login: entry.login,
            address: entry.email,
            teams: entry.teams,
        }
    }
}

/// The people of one reading of a file; no two have the same id or login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory(Vec<PersonEntry>);

impl Directory {
    /// Takes the entries of a file.
    ///
    /// # Errors
    /// A sentence that names the entries which cannot both be there.
    pub fn new(entries: Vec<PersonEntry>) -> Result<Self, String> {
        check(&entries)?;
        Ok(Self(entries))
    }

    pub fn person(self, id: PersonId) -> Option<Person> {
        self.find(|entry| entry.id == id).pop()
    }

    pub fn persons(self, ids: &[PersonId]) -> Vec<Person> {
        self.find(|entry| ids.contains(&entry.id))
    }

    pub fn by_login(self, login: &str) -> Option<Person> {
        self.find(|entry| entry.login == login).pop()
    }

    /// Addresses are compared without their case.
    pub fn by_address(self, address: &str) -> Option<Person> {
        let same = |email: &String| email.eq_ignore_ascii_case(address);
        self.find(|entry| entry.email.as_ref().is_some_and(same))
            .pop()
    }

    pub fn team(self, name: &str) -> Vec<Person> {
        self.find(|entry| entry.teams.iter().any(|team| team == name))
    }

    fn find(self, wanted: impl Fn(&PersonEntry) -> bool) -> Vec<Person> {
        let found = self.0.into_iter().filter(wanted);
        found.map(Person::from).collect()
    }
}

/// Whether these people can be told apart.
///
/// # Errors
/// A sentence that names those who cannot.
pub fn check(people: &[PersonEntry]) -> Result<(), String> {
    let mut ids: BTreeMap<PersonId, &str> = BTreeMap::new();
    let mut logins: BTreeMap<&str, PersonId> = BTreeMap::new();
    for person in people {
        if person.login.trim().is_empty() {
            return Err(format!("the person with id {} has no login", person.id));
        }
        if let Some(other) = ids.insert(person.id, &person.login) {
            return Err(format!(
                "{other} and {} have the same id {}",
                person.login, person.id
            ));
        }
        if logins.insert(&person.login, person.id).is_some() {
            return Err(format!("the login {} is there twice", person.login));
        }
    }
    Ok(())
}

/// Whether a secret with these lists is for builds of this repository and environment; no repositories listed = all.
pub fn is_granted(
    environments: &[EnvironmentName],
    repositories: &[RepositoryId],
    repository: RepositoryId,
    environment: &EnvironmentName,
) -> bool {
    let of_repository = repositories.is_empty() || repositories.contains(&repository);
    of_repository && environments.contains(environment)
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
