//! Purpose: what the builder keeps on disk about a build, and the names of builds.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::ids::BuildId;
use engine::ports::{BuildEnd, BuildRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::files::{blocking, remove_tree};
use super::processes::ProcessRef;

pub const REQUEST_FILE: &str = "request.json";
pub const PROCESS_FILE: &str = "process.json";
pub const END_FILE: &str = "end.json";
pub const WORK_FOLDER: &str = "work";
/// Longest part of a folder's name that tells the intent, bytes.
const MAX_NAME: usize = 100;
/// How many builds of one name there can be.
const MAX_BUILDS: u32 = 10_000;

/// What was asked for, and by which host it was taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// With an empty claim secret: code of the repository could read this file.
    pub request: BuildRequest,
    /// The host's process; `None` where there is no `/proc`.
    pub host: Option<ProcessRef>,
    /// The mark of the build's processes.
    pub mark: String,
    /// Milliseconds since the epoch.
    pub accepted_ms: i64,
}

/// An end as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredEnd {
    pub end: BuildEnd,
    /// Whether nothing of it ran any more.
    pub settled: bool,
}

/// The folder of a build; `None` when the name is not one that the builder gives.
pub fn folder(dir: &Path, build: &BuildId) -> Option<PathBuf> {
    let name = build.as_str();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let valid = !name.is_empty()
        && name.len() <= MAX_NAME + 10
        && !name.starts_with('.')
        && name.bytes().all(plain);
    valid.then(|| dir.join(name))
}

/// Makes the folder of a new build of this intent, named so that a person finds it: `<repository>-<run>-<task>-<attempt>.<n>`.
pub fn new_folder(dir: &Path, intent: &str) -> io::Result<(BuildId, PathBuf)> {
    let mut name = String::new();
    for c in intent.chars() {
        match c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
            true => name.push(c),
            false if name.ends_with('-') => {}
            false => name.push('-'),
        }
    }
    let name = name.trim_matches(['-', '.']);
    let name = if name.is_empty() { "build" } else { name };
    let name = &name[..name.len().min(MAX_NAME)];
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    for number in 1..=MAX_BUILDS {
        let build = format!("{name}.{number}");
        let folder = dir.join(&build);
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|()| (BuildId::new(build), folder)),
        }
    }
    let said = format!("there are {MAX_BUILDS} builds named {name} already");
    Err(io::Error::new(ErrorKind::AlreadyExists, said))
}

/// Writes a file so that it is whole and stays, or is not there.
pub fn write(folder: &Path, name: &str, content: &impl Serialize) -> io::Result<()> {
    let part = folder.join(format!("{name}.part"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(&serde_json::to_vec(content)?)?;
    file.sync_all()?;
    std::fs::rename(&part, folder.join(name))?;
    sync_folder(folder)
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Reads a file that [`write`] made; `None` when it is not there.
pub fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> io::Result<Option<T>> {
    let bytes = match std::fs::read(folder.join(name)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let said = format!("{} is damaged: {error}", folder.join(name).display());
        io::Error::new(ErrorKind::InvalidData, said)
    })
}

/// The names of all builds.
pub fn builds(dir: &Path) -> io::Result<Vec<BuildId>> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let build = BuildId::new(name.to_string_lossy());
        if folder(dir, &build).is_some_and(|folder| folder.is_dir()) {
            found.push(build);
        }
    }
    found.sort();
    Ok(found)
}

/// Removes checkout and folders of a build that has ended; its log stays.
pub async fn clear(folder: PathBuf) {
    let work = folder.join(WORK_FOLDER);
    if let Err(error) = blocking(move || remove_tree(&work)).await {
        tracing::warn!(folder = %folder.display(), %error, "a checkout could not be removed");
    }
}
