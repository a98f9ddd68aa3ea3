//! Purpose: the people, repositories and secrets of `config/machine.yaml` in the state bucket, read anew for every question,
//! so that a removed person is gone.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use domain::ids::{EnvironmentName, PersonId, RepositoryId};
use engine::Fault;
use engine::directory::{Directory, PersonEntry, is_granted};
use engine::ports::{People, Person, Repositories, Repository};
use serde::Deserialize;

use crate::client::{fault, s3};

/// Where the file is in the bucket.
pub const FILE_KEY: &str = "config/machine.yaml";
/// Bytes of the file at most.
const MAX_BYTES: i64 = 1024 * 1024;

/// The settings of one machine on AWS. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineFile {
    /// Who may be named as an approver, and whose commits are whose.
    #[serde(default)]
    pub people: Vec<PersonEntry>,
    /// What the machine works for.
    #[serde(default)]
    pub repositories: Vec<RepositoryEntry>,
    /// Environment variables that only builds of the named environments see.
    #[serde(default)]
    pub secrets: Vec<SecretEntry>,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryEntry {
    pub id: RepositoryId,
    /// `owner/repository`.
    pub name: String,
}

/// A secret and who may see it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretEntry {
    /// The environment variable.
    pub name: String,
    /// The secret in Secrets Manager; CodeBuild reads it, we never do.
    pub arn: String,
    pub environments: Vec<EnvironmentName>,
    /// Only for these repositories; none named = for all.
    #[serde(default)]
    pub repositories: Vec<RepositoryId>,
}

impl MachineFile {
    /// Reads the file's text.
    ///
    /// # Errors
    /// `Malformed` with the place of the first mistake.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = |why: String| Fault::Malformed(format!("{FILE_KEY}: {why}"));
        // A snippet would print its neighbours, too.
        let options = serde_saphyr::options! { with_snippet: false };
        let file: Self = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| wrong(error.to_string()))?;
        engine::directory::check(&file.people).map_err(wrong)?;
        for (index, entry) in file.repositories.iter().enumerate() {
            let before = &file.repositories[..index];
            if let Some(other) = before
                .iter()
                .find(|other| other.id == entry.id || other.name == entry.name)
            {
                return Err(wrong(format!(
                    "{} (id {}) and {} (id {}) are the same repository",
                    other.name, other.id, entry.name, entry.id
                )));
            }
        }
        Ok(file)
    }

    /// The secrets that builds of this repository and environment see: variable and ARN.
    pub fn secrets_of(
        &self,
        repository: RepositoryId,
        environment: &EnvironmentName,
    ) -> Vec<(&str, &str)> {
        let granted = self.secrets.iter().filter(|entry| {
            let (environments, repositories) = (&entry.environments, &entry.repositories);
            is_granted(environments, repositories, repository, environment)
        });
        granted
            .map(|entry| (entry.name.as_str(), entry.arn.as_str()))
            .collect()
    }
}

/// The machine's file in the bucket.
#[derive(Clone, Debug)]
pub struct S3Machine {
    client: Client,
    bucket: String,
}

impl S3Machine {
    /// The file in this bucket.
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        Self {
            client: s3(config),
            bucket: bucket.into(),
        }
    }

    /// Reads the file; no file = nobody and nothing.
    pub async fn read(&self) -> Result<MachineFile, Fault> {
        let call = self.client.get_object().bucket(&self.bucket).key(FILE_KEY);
        let object = match call.send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => {
                return Ok(MachineFile::default());
            }
            Err(error) => return Err(fault("S3 GetObject", &error)),
        };
        if object
            .content_length()
            .is_some_and(|bytes| bytes > MAX_BYTES)
        {
            return Err(Fault::Malformed(format!(
                "{FILE_KEY} is larger than {MAX_BYTES} bytes"
            )));
        }
        let bytes = object.body.collect().await.map_err(|error| {
            Fault::Unavailable(format!("S3 GetObject broke off {FILE_KEY}: {error}"))
        })?;
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| Fault::Malformed(format!("{FILE_KEY} is not UTF-8")))?;
        MachineFile::parse(&text)
    }

    async fn directory(&self) -> Result<Directory, Fault> {
        Directory::new(self.read().await?.people).map_err(Fault::Malformed)
    }
}

#[async_trait]
impl People for S3Machine {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault> {
        Ok(self.directory().await?.person(id))
    }

    /// One read for all of them.
    async fn persons(&self, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
        Ok(self.directory().await?.persons(ids))
    }

    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault> {
        Ok(self.directory().await?.by_login(login))
    }

    async fn by_address(&self, address: &str) -> Result<Option<Person>, Fault> {
        Ok(self.directory().await?.by_address(address))
    }

    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault> {
        Ok(self.directory().await?.team(name))
    }
}

#[async_trait]
impl Repositories for S3Machine {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault> {
        let all = self.repositories().await?;
        Ok(all.into_iter().find(|repository| repository.id == id))
    }

    async fn repositories(&self) -> Result<Vec<Repository>, Fault> {
        let entries = self.read().await?.repositories.into_iter();
        let repository = |entry: RepositoryEntry| Repository {
            id: entry.id,
            name: entry.name,
        };
        Ok(entries.map(repository).collect())
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
