//! Purpose: one machine for one data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::failure::Failure;

/// The file's name, at the top of the data directory.
pub const FILE_NAME: &str = "lock";

/// Holds the data directory until it is dropped; the system frees it when the process dies.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, and notes where the pages are.
    pub fn take(dir: &Path, url: &str) -> Result<Self, Failure> {
        let path = dir.join(FILE_NAME);
        let broken = |error: std::io::Error| {
            Failure::unavailable(format!("{} cannot be locked: {error}", path.display()))
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(dir, &mut file)),
            Err(TryLockError::Error(error)) => return Err(broken(error)),
        }
        let note = format!("{} {url}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(note.as_bytes()))
            .and_then(|()| file.sync_all())
            .map_err(broken)?;
        Ok(Self { _file: file })
    }
}

fn taken(dir: &Path, file: &mut File) -> Failure {
    let mut note = String::new();
    let known = file
        .read_to_string(&mut note)
        .ok()
        .and_then(|_| note.trim().split_once(' '));
    let who = known.map_or_else(String::new, |(pid, url)| format!(" (process {pid}, {url})"));
    Failure::unavailable(format!("a machine runs on {} already{who}", dir.display()))
        .help("use that one, stop it first, or give this one a directory of its own: `--data DIR`")
}

/// The process and the address of the machine that runs on this directory, if one does.
pub fn running(dir: &Path) -> Option<(u32, String)> {
    let mut file = OpenOptions::new()
        .read(true)
        .open(dir.join(FILE_NAME))
        .ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        _ => return None,
    }
    let mut note = String::new();
    file.read_to_string(&mut note).ok()?;
    let (pid, url) = note.trim().split_once(' ')?;
    Some((pid.parse().ok()?, url.to_owned()))
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod tests;
