//! Purpose: the repositories that this machine watches: `repositories.json`, written by `slipway repo`.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::ids::{Digest, RepositoryId};
use engine::Fault;
use engine::ports::{Repositories, Repository};
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::git::RepositoryPaths;

/// The file's name, at the top of the data folder.
pub const FILE_NAME: &str = "repositories.json";

/// A repository of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: RepositoryId,
    pub name: String,
    /// The work tree or bare repository, absolute.
    pub path: PathBuf,
    /// Whether its refs are polled; a repository with a GitHub id is driven by webhooks instead.
    pub polled: bool,
    /// The branch whose pipeline file decides about environments; `None` = the one that git names at the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
}

/// Reads and writes the list.
#[derive(Clone, Debug)]
pub struct Registry {
    file: PathBuf,
}

impl Registry {
    /// The list of the machine with this data folder.
    pub fn new(data: &Path) -> Self {
        Self {
            file: data.join(FILE_NAME),
        }
    }

    /// All repositories, in the order in which they were added.
    pub fn entries(&self) -> Result<Vec<Entry>, Fault> {
        let Some(bytes) = disk::read(&self.file)? else {
            return Ok(Vec::new());
        };
        serde_json::from_slice(&bytes)
            .map_err(|error| Fault::Malformed(format!("{}: {error}", self.file.display())))
    }

    /// Adds a repository, or changes the name of one that is there under the same path.
    ///
    /// # Errors
    /// `Malformed` when another path has the same GitHub id or name.
    pub fn add(
        &self,
        path: &Path,
        name: &str,
        github: Option<RepositoryId>,
        default_branch: Option<&str>,
    ) -> Result<Entry, Fault> {
        let mut entries = self.entries()?;
        entries.retain(|entry| entry.path != path);
        let entry = Entry {
            id: github.unwrap_or_else(|| local_id(path)),
            name: name.to_owned(),
            path: path.to_owned(),
            polled: github.is_none(),
            default_branch: default_branch.map(str::to_owned),
        };
        if let Some(other) = entries
            .iter()
            .find(|e| e.id == entry.id || e.name == entry.name)
        {
            return Err(Fault::Malformed(format!(
                "{} is registered as {} (id {}) already; choose another --name or remove that one",
                other.path.display(),
                other.name,
                other.id
            )));
        }
        entries.push(entry.clone());
        self.write(&entries)?;
        Ok(entry)
    }

    /// Takes a repository off the list, by name, id or path; its history stays in the journal.
    pub fn remove(&self, wanted: &str) -> Result<Option<Entry>, Fault> {
        let mut entries = self.entries()?;
        let index = entries.iter().position(|entry| {
            entry.name == wanted
                || entry.id.to_string() == wanted
                || entry.path == Path::new(wanted)
        });
        let Some(index) = index else { return Ok(None) };
        let removed = entries.remove(index);
        self.write(&entries)?;
        Ok(Some(removed))
    }

    fn entry(&self, id: RepositoryId) -> Option<Entry> {
        let entries = self
            .entries()
            .inspect_err(|fault| tracing::error!(%fault, "registry"));
        entries.ok()?.into_iter().find(|entry| entry.id == id)
    }

    fn write(&self, entries: &[Entry]) -> Result<(), Fault> {
        let bytes = serde_json::to_vec_pretty(entries)
            .map_err(|error| Fault::Malformed(format!("{}: {error}", self.file.display())))?;
        disk::write(&self.file, &bytes)
    }
}

/// A number for a path that no GitHub number can be: above 2^52, and exact in JavaScript.
fn local_id(path: &Path) -> RepositoryId {
    let digest = Digest::of(path.as_os_str().as_encoded_bytes());
    let low = digest
        .as_str()
        .get(..12)
        .and_then(|hex| u64::from_str_radix(hex, 16).ok());
    RepositoryId((1 << 52) | low.unwrap_or_default())
}

#[async_trait]
impl Repositories for Registry {
    async fn repository(&self, id: RepositoryId) -> Result<Option<Repository>, Fault> {
        let mut entries = self.entries()?.into_iter();
        Ok(entries.find(|entry| entry.id == id).map(|e| Repository {
            id: e.id,
            name: e.name,
        }))
    }

    async fn repositories(&self) -> Result<Vec<Repository>, Fault> {
        let entries = self.entries()?.into_iter();
        Ok(entries
            .map(|entry| Repository {
                id: entry.id,
                name: entry.name,
            })
            .collect())
    }
}

impl RepositoryPaths for Registry {
    fn path(&self, id: RepositoryId) -> Option<PathBuf> {
        self.entry(id).map(|entry| entry.path)
    }

    fn follows_origin(&self, id: RepositoryId) -> bool {
        self.entry(id).is_some_and(|entry| !entry.polled)
    }

    fn default_branch(&self, id: RepositoryId) -> Option<String> {
        self.entry(id)?.default_branch
    }
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
