//! Purpose: folders of a build: paths that stay inside, trees that are copied and removed.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

/// Whether the path is relative and goes nowhere but down, past `.git`.
pub fn is_below(path: &str) -> bool {
    let path = Path::new(path);
    !path.as_os_str().is_empty()
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(name) if name != ".git"))
}

/// The file or folder that `path` is, links followed, when it lies below `root` and outside its `.git`.
pub fn resolve(root: &Path, path: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let found = path.canonicalize().ok()?;
    let below = found.strip_prefix(&root).ok()?;
    (!below.starts_with(".git")).then_some(found)
}

/// Copies files, folders and links (as links), with modes and times. Gives the bytes copied.
///
/// # Errors
/// Also when there are more than `limit` bytes.
pub fn copy_tree(from: &Path, to: &Path, limit: u64) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in WalkDir::new(from).follow_root_links(false) {
        let entry = entry?;
        let below = entry.path().strip_prefix(from).map_err(io::Error::other)?;
        let target = match below.as_os_str().is_empty() {
            true => to.to_owned(),
            false => to.join(below),
        };
        let kind = entry.file_type();
        if kind.is_dir() {
            fs::create_dir_all(&target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &target)?;
        } else if kind.is_file() {
            bytes += entry.metadata()?.len();
            if bytes > limit {
                let said = format!("there are more than {} MiB", limit >> 20);
                return Err(io::Error::new(ErrorKind::FileTooLarge, said));
            }
            fs::copy(entry.path(), &target)?;
            // Build tools tell by the time what is new.
            let times = fs::FileTimes::new().set_modified(entry.metadata()?.modified()?);
            if let Ok(file) = fs::File::options().write(true).open(&target) {
                file.set_times(times)?;
            }
        }
    }
    Ok(bytes)
}

/// Removes a folder with everything in it, also what was made read-only; it may be gone already.
pub fn remove_tree(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
        removed => return removed,
    }
    // Go's module cache, for one, makes its folders read-only.
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            }
        }
    }
    fs::remove_dir_all(folder)
}

/// Removes what can be removed; what cannot is told and left for a person. Gives how many went.
pub fn remove_each(
    folders: impl IntoIterator<Item = PathBuf>,
    remove: impl Fn(&Path) -> io::Result<()>,
) -> usize {
    let mut removed = 0;
    for folder in folders {
        match remove(&folder) {
            Ok(()) => removed += 1,
            Err(error) => {
                let folder = folder.display();
                tracing::error!(%folder, %error, "a folder that is no longer needed could not be removed; remove it by hand");
            }
        }
    }
    removed
}

/// Work with files, off the threads that serve everything else.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
