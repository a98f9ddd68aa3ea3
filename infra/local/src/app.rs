//! Purpose: the GitHub App of this machine: who it is in `github.json`, its private key and webhook secret below `keys/`, each
//! readable by their owner only.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use engine::Fault;
use github::signature::MAX_SECRETS;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::keys::{refuse_open, webhook_secrets};

/// The file that says who the App is, at the top of the data folder. It is written last: where it is, everything is.
pub const FILE_NAME: &str = "github.json";

/// A GitHub App.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub id: u64,
    /// What it is called in URLs.
    pub slug: String,
    /// The user or organisation that it belongs to.
    pub owner: String,
    /// Where the API is, without a slash at the end.
    pub api: String,
    /// Where GitHub delivers to.
    pub webhook: String,
}

impl App {
    /// The App of the machine with this data folder; `None` = there is none.
    pub fn read(data: &Path) -> Result<Option<Self>, Fault> {
        let path = data.join(FILE_NAME);
        let Some(bytes) = disk::read(&path)? else {
            return Ok(None);
        };
        let app = serde_json::from_slice(&bytes);
        app.map(Some)
            .map_err(|error| Fault::Malformed(format!("{}: {error}", path.display())))
    }

    /// Its private key, PEM.
    ///
    /// # Errors
    /// `Malformed` when it is not there, or others can read it.
    pub fn key(data: &Path) -> Result<String, Fault> {
        let path = key_file(data);
        let bytes = disk::read(&path)?.ok_or_else(|| {
            Fault::Malformed(format!(
                "the GitHub App's key {} is missing: restore it from a backup, or make a new one on the App's page",
                path.display()
            ))
        })?;
        refuse_open(&path, 0o077, "read", "600")?;
        String::from_utf8(bytes)
            .map_err(|_| Fault::Malformed(format!("{} is not text", path.display())))
    }

    /// Makes sure that an App could be kept here, before there is one.
    ///
    /// # Errors
    /// `Rejected` when there is no place for one more webhook secret; `Unavailable` when the folder cannot be made.
    pub fn prepare(data: &Path) -> Result<(), Fault> {
        let folder = data.join("keys");
        disk::make_folder(data)?;
        if !folder.is_dir() {
            let mut maker = DirBuilder::new();
            maker.mode(0o700);
            maker
                .create(&folder)
                .map_err(|error| disk::fault("made", &folder, &error))?;
        }
        refuse_open(&folder, 0o022, "changed", "700")?;
        if secrets(data)?.len() >= MAX_SECRETS {
            return Err(Fault::Rejected(format!(
                "{} has two webhook secrets already, and there are never more",
                secret_file(data).display()
            )));
        }
        Ok(())
    }

    /// Keeps the App, its key and its webhook secret, beside the secret that was good before.
    pub fn keep(&self, data: &Path, key: &str, secret: &str) -> Result<(), Fault> {
        let mut lines = secrets(data)?;
        if !lines.iter().any(|line| line == secret) {
            lines.push(secret.to_owned());
        }
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Fault::Malformed(format!("{FILE_NAME}: {error}")))?;
        disk::write(&key_file(data), key.as_bytes())?;
        let lines = format!("{}\n", lines.join("\n"));
        disk::write(&secret_file(data), lines.as_bytes())?;
        disk::write(&data.join(FILE_NAME), &text)
    }
}

fn key_file(data: &Path) -> PathBuf {
    data.join("keys").join("github-app.pem")
}

fn secret_file(data: &Path) -> PathBuf {
    data.join("keys").join("webhook.secret")
}

/// The secrets that are good now; none is made.
fn secrets(data: &Path) -> Result<Vec<String>, Fault> {
    if disk::read(&secret_file(data))?.is_none() {
        return Ok(Vec::new());
    }
    let lines = webhook_secrets(data)?.into_iter();
    let lines = lines.map(String::from_utf8).collect::<Result<_, _>>();
    lines.map_err(|_| Fault::Malformed(format!("{} is not text", secret_file(data).display())))
}

#[cfg(test)]
#[path = "app_tests.rs"]
mod tests;
