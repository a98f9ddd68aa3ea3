//! Purpose: who people are, which teams they are in, and which repositories the machine knows.

use async_trait::async_trait;
use domain::ids::{PersonId, RepositoryId};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// A person, as the machine's configuration or GitHub tells now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub address: Option<String>,
    pub teams: Vec<String>,
}

/// Knows people. Every answer is read anew: a person who was removed is gone.
#[async_trait]
pub trait People: Send + Sync {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Fault>;
    /// Those of them that are known.
    async fn persons(&self, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
        let mut known = Vec::new();
        for id in ids {
            known.extend(self.person(*id).await?);
        }
        Ok(known)
    }
    async fn by_login(&self, login: &str) -> Result<Option<Person>, Fault>;
    /// By the address of a git author or committer.
    async fn by_address(&self, address: &str) -> Result<Option<Person>, Fault>;
    async fn team(&self, name: &str) -> Result<Vec<Person>, Fault>;
}

/// A repository that the machine knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    pub id: RepositoryId,
    /// `acme/shop`, or the folder's name.
    pub name: String,
}

/// Knows repositories.
#[async_trait]
pub trait Repositories: Send + Sync {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault>;
    async fn repositories(&self) -> Result<Vec<Repository>, Fault>;
}
