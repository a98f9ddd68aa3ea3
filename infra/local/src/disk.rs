//! Purpose: whole files on disk, written so that a crash leaves the old file or the new one, and errors said in sentences.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use engine::Fault;
use tempfile::NamedTempFile;

/// Writes a new file with mode 0600, durable when it returns; a file of that name is replaced in one step.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let folder = folder_of(path)?;
    let temporary = temporary(folder, bytes)?;
    let kept = temporary.persist(path);
    kept.map_err(|error| fault("written", path, &error.error))?;
    sync_folder(folder)
}

/// As [`write()`], but leaves a file of that name alone and answers `false`.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool, Fault> {
    let folder = folder_of(path)?;
    match temporary(folder, bytes)?.persist_noclobber(path) {
        Ok(_) => sync_folder(folder).map(|()| true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(fault("written", path, &error.error)),
    }
}

/// The file's bytes; `None` when there is no such file.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Fault> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault("read", path, &error)),
    }
}

/// Makes the folder with all above it; durable when it returns.
pub fn make_folder(path: &Path) -> Result<(), Fault> {
    if path.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(path).map_err(|error| fault("made", path, &error))?;
    match path.parent() {
        Some(above) if above != Path::new("") => sync_folder(above),
        _ => Ok(()),
    }
}

/// What went wrong with a file, in a sentence: `did` is what could not be done to it.
pub(crate) fn fault(did: &str, path: &Path, error: &std::io::Error) -> Fault {
    let path = path.display();
    Fault::Unavailable(match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => format!(
            "{path} cannot be {did}: the disk is full. Free some space; nothing that was stored is lost"
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => format!(
            "{path} cannot be {did}: {error}. Give the user that runs Slipway the right to do so"
        ),
        _ => format!("{path} cannot be {did}: {error}"),
    })
}

fn temporary(folder: &Path, bytes: &[u8]) -> Result<NamedTempFile, Fault> {
    let fill = || {
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    fill().map_err(|error: std::io::Error| fault("written to", folder, &error))
}

/// The name in the folder is durable only when the folder is.
fn sync_folder(folder: &Path) -> Result<(), Fault> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| fault("written", folder, &error))
}

fn folder_of(path: &Path) -> Result<&Path, Fault> {
    path.parent()
        .ok_or_else(|| Fault::Malformed(format!("{} names no file", path.display())))
}
