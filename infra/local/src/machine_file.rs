//! Purpose: `machine.yaml`, the settings of one machine: people, mail, how many jobs at once, secrets of environments.

use std::path::{Path, PathBuf};

use domain::ids::{EnvironmentName, RepositoryId};
use engine::Fault;
use engine::directory;
pub use engine::directory::PersonEntry;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::mail::{SmtpSettings, SmtpTls};

/// The file's name, at the top of the data folder.
pub const FILE_NAME: &str = "machine.yaml";
/// Jobs at once, where the file does not say.
pub const DEFAULT_JOBS: usize = 2;
/// More jobs at once than this is taken for a slip of the keyboard.
pub const MAX_JOBS: usize = 256;
const HEADER: &str = "# Settings of this Slipway machine; `slipway doctor` checks them.\n";

/// The settings of one machine. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineFile {
    /// Who may be named as an approver, and whose commits are whose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonEntry>,
    /// Jobs that run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<usize>,
    /// How mail is sent; without it, mail is written to the folder `outbox`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailEntry>,
    /// Environment variables that only builds of the named environments see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretEntry>,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailEntry {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A file that holds the password and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
}

/// A secret and who may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretEntry {
    /// The environment variable.
    pub name: String,
    /// A file that holds the value.
    pub file: PathBuf,
    pub environments: Vec<EnvironmentName>,
    /// Only for these repositories; none named = for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<RepositoryId>,
}

impl MachineFile {
    /// Reads the file of this data folder; no file = all defaults.
    ///
    /// # Errors
    /// `Malformed` with the place of the first mistake.
    pub fn read(data: &Path) -> Result<Self, Fault> {
        let path = data.join(FILE_NAME);
        let Some(bytes) = disk::read(&path)? else {
            return Ok(Self::default());
        };
        let wrong = |why: String| Fault::Malformed(format!("{}: {why}", path.display()));
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
        let options = serde_saphyr::options! { with_snippet: false };
        let file: Self = serde_saphyr::from_str_with_options(&text, options)
            .map_err(|error| wrong(error.to_string()))?;
        file.check().map_err(wrong)?;
        Ok(file)
    }

    /// Writes the file of this data folder. Comments in it are not kept.
    pub fn write(&self, data: &Path) -> Result<(), Fault> {
        self.check().map_err(Fault::Malformed)?;
        let text = serde_saphyr::to_string(self)
            .map_err(|error| Fault::Malformed(format!("{FILE_NAME}: {error}")))?;
        disk::write(&data.join(FILE_NAME), format!("{HEADER}{text}").as_bytes())
    }

    /// Jobs at once.
    pub fn capacity(&self) -> usize {
        self.jobs.unwrap_or(DEFAULT_JOBS)
    }

    fn check(&self) -> Result<(), String> {
        if let Some(jobs) = self.jobs.filter(|jobs| !(1..=MAX_JOBS).contains(jobs)) {
            return Err(format!("`jobs` is {jobs}; it has to be 1 to {MAX_JOBS}"));
        }
        directory::check(&self.people)
    }
}

impl MailEntry {
    /// The settings, with the password read from its file.
    pub fn settings(&self) -> Result<SmtpSettings, Fault> {
        let password = self.password_file.as_deref().map(read_secret).transpose()?;
        Ok(SmtpSettings {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            user: self.user.clone(),
            password,
            from: self.from.clone(),
        })
    }
}

/// A file that holds one secret; the line break at its end does not belong to it.
pub(crate) fn read_secret(path: &Path) -> Result<String, Fault> {
    let bytes = disk::read(path)?.ok_or_else(|| {
        Fault::Malformed(format!("the secret file {} is missing", path.display()))
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Fault::Malformed(format!("the secret file {} is not UTF-8", path.display()))
    })?;
    Ok(text
        .strip_suffix('\n')
        .map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t))
        .to_owned())
}

#[cfg(test)]
#[path = "machine_file_tests.rs"]
mod tests;
