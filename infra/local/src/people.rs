//! Purpose: the people and the secrets of `machine.yaml`, read anew for every question, so that a removed person is gone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use engine::Fault;
use engine::directory::{Directory, is_granted};
use engine::ports::{People, Person};

use crate::machine_file::{MachineFile, read_secret};
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

    fn directory(&self) -> Result<Directory, Fault> {
        Directory::new(MachineFile::read(&self.data)?.people).map_err(Fault::Malformed)
    }
}

#[async_trait]
impl People for FilePeople {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.directory()?.person(id))
    }

    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.directory()?.by_login(login))
    }

    async fn by_address(&self, address: &str) -> Result<Option<Person>, Fault> {
        Ok(self.directory()?.by_address(address))
    }

    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault> {
        Ok(self.directory()?.team(name))
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
            let (environments, repositories) = (&entry.environments, &entry.repositories);
            if is_granted(environments, repositories, repository, environment) {
                secrets.insert(entry.name.clone(), read_secret(&entry.file)?);
            }
        }
        Ok(secrets)
    }
}
