//! Purpose: the people and the secrets of `machine.yaml`, read anew for every question, so that a removed person is gone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use engine::Fault;
use engine::ports::{People, Person};

use crate::machine_file::{MachineFile, PersonEntry, read_secret};
use crate::process::Secrets;

/// Knows the people of one machine.
#[derive(Clone, Debug)]
pub struct FilePeople {
    data: PathBuf,
}

impl FilePeople {
    /// The people of the machine with this data folder.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self { data: data.into() }
    }

    fn find(&self, wanted: impl Fn(&PersonEntry) -> bool) -> Result<Vec<Person>, Fault> {
        let file = MachineFile::read(&self.data)?;
        Ok(file
            .people
            .into_iter()
            .filter(|entry| wanted(entry))
            .map(person)
            .collect())
    }
}

fn person(entry: PersonEntry) -> Person {
    Person {
        id: entry.id,
        name: entry.name.unwrap_or_else(|| entry.login.clone()),
        login: entry.login,
        address: entry.email,
        teams: entry.teams,
    }
}

#[async_trait]
impl People for FilePeople {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.find(|entry| entry.id == id)?.pop())
    }

    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.find(|entry| entry.login == login)?.pop())
    }

    async fn by_address(&self, address: &str) -> Result<Option<Person>, Fault> {
        let same = |email: &String| email.eq_ignore_ascii_case(address);
        Ok(self
            .find(|entry| entry.email.as_ref().is_some_and(same))?
            .pop())
    }

    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault> {
        self.find(|entry| entry.teams.iter().any(|team| team == name))
    }
}

/// The secrets of one machine.
#[derive(Clone, Debug)]
pub struct FileSecrets {
    data: PathBuf,
}

impl FileSecrets {
    /// The secrets of the machine with this data folder.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self { data: data.into() }
    }
}

#[async_trait]
impl Secrets for FileSecrets {
    async fn secrets(
        &self,
        repository: RepositoryId,
        environment: &EnvironmentName,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let file = MachineFile::read(&self.data)?;
        let mut secrets = BTreeMap::new();
        for entry in &file.secrets {
            let of_repository =
                entry.repositories.is_empty() || entry.repositories.contains(&repository);
            if of_repository && entry.environments.contains(environment) {
                secrets.insert(entry.name.clone(), read_secret(&entry.file)?);
            }
        }
        Ok(secrets)
    }
}
