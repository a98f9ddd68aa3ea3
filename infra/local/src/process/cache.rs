//! Purpose: caches: folders that a job keeps from one run to the next, by key.
//!
//! A cache belongs to one repository and one job, and builds for an environment have none: what one job writes, another
//! never reads. Caches are split by trust: a pull request finds what branches have kept, and what it keeps itself is found
//! by itself alone, so that nobody can put anything into the caches of a branch by a pull request. A cache is saved once for each key, after a success, and never changed: like GitHub's
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching>), another content needs
//! another key. Caches only make builds faster, so trouble with one is a line in the log and never fails a build.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use domain::ids::Digest;
use domain::plan::CacheSpec;
use engine::ports::{BuildRequest, Trust};
use walkdir::WalkDir;

use super::files::{copy_tree, is_below, remove_each, remove_tree, resolve};

/// Largest cache, bytes.
const MAX_CACHE_BYTES: u64 = 4 << 30;
/// Largest file that a key is made from, bytes.
const MAX_KEY_FILE: u64 = 16 << 20;
/// Characters of a file's hash in a key.
const HASH_LENGTH: usize = 16;
/// The file that names the key, and whose time tells when the cache was used last.
const KEY_FILE: &str = "key";
/// What the names of folders that are not whole begin with.
const PART: &str = ".part-";

/// The caches of one job.
#[derive(Clone)]
pub struct Caches {
    /// Where it saves, and looks first.
    folder: PathBuf,
    /// Caches of more trust, which it may read.
    trusted: Option<PathBuf>,
    checkout: PathBuf,
}

impl Caches {
    /// Of the job that asks; `None` for a build of an environment.
    pub fn of(dir: &Path, request: &BuildRequest, checkout: &Path) -> Option<Self> {
        if request.environment.is_some() {
            return None;
        }
        // `<repository>/<run>/<task>~<attempt>`: the task is the same in every run.
        let run = format!("{}/", request.run);
        let task = request.intent.split_once(&run).map_or("", |(_, rest)| rest);
        let task = task.rsplit_once('~').map_or(task, |(task, _)| task);
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = task.chars().map(plain).take(40).collect();
        let name = format!("{name}-{}", Digest::of(task.as_bytes()).short());
        let all = dir.join(request.repository.to_string());
        let trusted = all.join(&name);
        // No name of a job has a dot.
        let (folder, trusted) = match request.trust {
            Trust::Repository => (trusted, None),
            Trust::PullRequest { number } => {
                (all.join(format!("{name}.pr-{number}")), Some(trusted))
            }
        };
        Some(Self {
            folder,
            trusted,
            checkout: checkout.to_owned(),
        })
    }

    /// Lays the cached folders out in the checkout. Gives lines for the log.
    pub fn restore(&self, specs: &[CacheSpec]) -> Vec<String> {
        let restore = |spec: &CacheSpec| {
            let key = self.key(&spec.key)?;
            let Some(cache) = self.find(&key) else {
                return Ok(format!("There is no cache `{key}` yet."));
            };
            for path in &spec.paths {
                self.restore_path(&cache, path)?;
            }
            // Its age counts from its last use.
            let used = fs::File::options().write(true).open(cache.join(KEY_FILE))?;
            used.set_modified(SystemTime::now())?;
            Ok(format!("Restored the cache `{key}`."))
        };
        each(specs, "restored", restore)
    }

    fn restore_path(&self, cache: &Path, path: &str) -> io::Result<()> {
        let stored = cache.join("files").join(below(path)?);
        if !stored.exists() {
            return Ok(());
        }
        let target = self.checkout.join(path);
        let parent = target.parent().unwrap_or(&self.checkout);
        fs::create_dir_all(parent)?;
        // The checkout's own links must not lead the cache elsewhere.
        if resolve(&self.checkout, parent).as_deref() != Some(parent.canonicalize()?.as_path())
            || target.is_symlink()
        {
            return Err(outside(path));
        }
        if target.exists() {
            let said = format!("{path:?} is there already");
            return Err(io::Error::new(ErrorKind::AlreadyExists, said));
        }
        // Copied aside first: half a cache is worse than none.
        let part = parent.join(format!("{PART}{}", Digest::of(path.as_bytes()).short()));
        let copied =
            copy_tree(&stored, &part, MAX_CACHE_BYTES).and_then(|_| fs::rename(&part, &target));
        if copied.is_err() {
            remove_tree(&part)?;
        }
        copied
    }

    /// Keeps the folders under their keys, where there is nothing under them yet. Gives lines for the log.
    pub fn save(&self, specs: &[CacheSpec], keys: &[Option<String>]) -> Vec<String> {
        let mut keys = keys.iter();
        let save = |spec: &CacheSpec| {
            let Some(Some(key)) = keys.next() else {
                return Ok(String::new());
            };
            if self.find(key).is_some() {
                return Ok(String::new());
            }
            let cache = place(&self.folder, key);
            fs::create_dir_all(&self.folder)?;
            let part = tempfile::Builder::new()
                .prefix(PART)
                .tempdir_in(&self.folder)?;
            let mut left = MAX_CACHE_BYTES;
            for path in &spec.paths {
                let name = below(path)?;
                let source = self.checkout.join(name);
                if fs::symlink_metadata(&source).is_err() {
                    continue;
                }
                let source = resolve(&self.checkout, &source).ok_or_else(|| outside(path))?;
                let target = part.path().join("files").join(name);
                fs::create_dir_all(target.parent().unwrap_or(part.path()))?;
                left -= copy_tree(&source, &target, left)?;
            }
            fs::write(part.path().join(KEY_FILE), key)?;
            let part = part.keep();
            match fs::rename(&part, &cache) {
                // Another build has saved the same key meanwhile.
                Err(_) if cache.exists() => remove_tree(&part)?,
                renamed => renamed?,
            }
            Ok(format!("Saved the cache `{key}`."))
        };
        each(specs, "saved", save)
    }

    /// The keys as they are before the commands run, since these may change the files that make them.
    pub fn keys(&self, specs: &[CacheSpec]) -> Vec<Option<String>> {
        specs.iter().map(|spec| self.key(&spec.key).ok()).collect()
    }

    /// The cache of this key that this job may read.
    fn find(&self, key: &str) -> Option<PathBuf> {
        let folders = [Some(&self.folder), self.trusted.as_ref()];
        let caches = folders.into_iter().flatten();
        caches
            .map(|folder| place(folder, key))
            .find(|cache| cache.is_dir())
    }

    /// The key with each `${hash:FILE}` filled in; a file that is not there has the hash `none`.
    fn key(&self, written: &str) -> io::Result<String> {
        let mut key = String::new();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once("${hash:") {
            let (file, tail) = after.split_once('}').ok_or_else(|| {
                io::Error::new(
                    ErrorKind::InvalidInput,
                    format!("the key {written:?} has a `${{` without its `}}`"),
                )
            })?;
            key.push_str(before);
            key.push_str(&self.hash(file)?);
            rest = tail;
        }
        key.push_str(rest);
        Ok(key)
    }

    fn hash(&self, file: &str) -> io::Result<String> {
        let path = self.checkout.join(below(file)?);
        if !path.exists() {
            return Ok("none".to_owned());
        }
        let path = resolve(&self.checkout, &path).ok_or_else(|| outside(file))?;
        if fs::metadata(&path)?.len() > MAX_KEY_FILE {
            let said = format!("{file:?} has more than {} MiB", MAX_KEY_FILE >> 20);
            return Err(io::Error::new(ErrorKind::FileTooLarge, said));
        }
        let digest = Digest::of(&fs::read(path)?);
        Ok(digest.as_str().chars().take(HASH_LENGTH).collect())
    }
}

fn place(folder: &Path, key: &str) -> PathBuf {
    folder.join(Digest::of(key.as_bytes()).as_str())
}

fn each(
    specs: &[CacheSpec],
    done: &str,
    mut work: impl FnMut(&CacheSpec) -> io::Result<String>,
) -> Vec<String> {
    specs
        .iter()
        .map(|spec| match work(spec) {
            Ok(line) => line,
            Err(error) => format!("The cache `{}` could not be {done}: {error}", spec.key),
        })
        .filter(|line| !line.is_empty())
        .collect()
}

fn below(path: &str) -> io::Result<&str> {
    let plain = path
        .strip_prefix("./")
        .unwrap_or(path)
        .trim_end_matches('/');
    is_below(plain)
        .then_some(plain)
        .ok_or_else(|| outside(path))
}

fn outside(path: &str) -> io::Error {
    let said = format!("{path:?} does not lie below the checkout");
    io::Error::new(ErrorKind::InvalidInput, said)
}

/// Removes the caches that were not used for longest, until the rest has at most `max_bytes`. Gives how many went.
pub fn prune(dir: &Path, max_bytes: u64) -> io::Result<usize> {
    let mut caches = Vec::new();
    for entry in WalkDir::new(dir).min_depth(3).max_depth(3) {
        let cache = match entry {
            Ok(entry) => entry.into_path(),
            Err(error)
                if error
                    .io_error()
                    .is_some_and(|e| e.kind() == ErrorKind::NotFound) =>
            {
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let used = fs::metadata(cache.join(KEY_FILE)).and_then(|data| data.modified());
        // A file that goes meanwhile, or that may not be looked at, counts for nothing.
        let files = WalkDir::new(&cache).into_iter().flatten();
        let sizes = files.filter_map(|file| file.metadata().ok());
        let bytes: u64 = sizes
            .filter(|data| data.is_file())
            .map(|data| data.len())
            .sum();
        // A folder without its key was never finished.
        caches.push((used.unwrap_or(SystemTime::UNIX_EPOCH), bytes, cache));
    }
    caches.sort();
    let mut left: u64 = caches.iter().map(|(_, bytes, _)| bytes).sum();
    let old = caches.into_iter().map_while(|(_, bytes, cache)| {
        let over = left > max_bytes;
        left -= bytes;
        over.then_some(cache)
    });
    Ok(remove_each(old, remove_tree))
}
