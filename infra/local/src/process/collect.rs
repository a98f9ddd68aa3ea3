//! Purpose: what a build leaves: artifacts and reports, found by glob below the checkout, put into the blob store.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::plan::{ArtifactSpec, ReportSpec};
use domain::release::digest_of;
use engine::ports::{Artifact, ArtifactFile, Blobs, CollectedReport};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use nix::fcntl::OFlag;
use walkdir::WalkDir;

use super::claim::patiently;
use super::files::{is_below, resolve};
use super::log::LogHandle;

/// The exit status of a build whose commands succeeded and whose artifacts could not be collected; the log says why.
/// Docker uses the same number for its own failures: <https://docs.docker.com/engine/containers/run/#exit-status>
pub const NOT_COLLECTED: i32 = 125;
/// Most files of one artifact.
const MAX_FILES: usize = 10_000;
/// Largest file of an artifact, bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;
/// Largest artifact, bytes.
const MAX_ARTIFACT_BYTES: u64 = 1 << 30;
/// Largest report file, bytes.
const MAX_REPORT_BYTES: u64 = 16 << 20;
/// Most files of one report.
const MAX_REPORT_FILES: usize = 500;
/// Most files and folders of a checkout that are looked at.
const MAX_WALKED: usize = 2_000_000;
/// How long the store may take for one file.
const BLOB_PATIENCE: Duration = Duration::from_secs(60);

/// Every artifact that the job declares.
///
/// # Errors
/// A sentence: an artifact without a file, too large, or the store does not take it.
pub async fn artifacts(
    blobs: &dyn Blobs,
    checkout: &Path,
    specs: &[ArtifactSpec],
    log: &LogHandle,
) -> Result<Vec<Artifact>, String> {
    let mut artifacts = Vec::new();
    for spec in specs {
        let collected = artifact(blobs, checkout, spec, log).await;
        artifacts.push(collected.map_err(|why| format!("The artifact `{}`: {why}", spec.name))?);
    }
    Ok(artifacts)
}

async fn artifact(
    blobs: &dyn Blobs,
    checkout: &Path,
    spec: &ArtifactSpec,
    log: &LogHandle,
) -> Result<Artifact, String> {
    let found = find(checkout, &spec.paths).await?;
    for path in &found.left_out {
        let said = format!(
            "The artifact `{}` leaves out {path:?}: it is a link that leads out of the checkout or to no file.",
            spec.name
        );
        log.system(said).await;
    }
    if found.files.is_empty() {
        return Err(format!("nothing matches {}", spec.paths.join(", ")));
    }
    if found.files.len() > MAX_FILES {
        return Err(format!(
            "it has {} files; at most {MAX_FILES} are kept",
            found.files.len()
        ));
    }
    let (mut files, mut total) = (Vec::new(), 0);
    for (path, place) in found.files {
        let (bytes, executable) = read(&place, MAX_FILE_BYTES)
            .await
            .map_err(|error| format!("{path:?}: {error}"))?;
        total += bytes.len() as u64;
        if total > MAX_ARTIFACT_BYTES {
            return Err(format!("it has more than {} MiB", MAX_ARTIFACT_BYTES >> 20));
        }
        files.push(ArtifactFile {
            digest: patiently(BLOB_PATIENCE, || blobs.put(&bytes)).await?,
            len: bytes.len() as u64,
            path,
            executable,
        });
    }
    log.system(format!(
        "Kept the artifact `{}`: {} files, {total} bytes.",
        spec.name,
        files.len()
    ))
    .await;
    Ok(Artifact {
        name: spec.name.clone(),
        digest: digest_of(&files),
        files,
    })
}

/// The reports that are there, redacted, and the indexes of those that are not or could not be kept.
pub async fn reports(
    blobs: &dyn Blobs,
    checkout: &Path,
    specs: &[ReportSpec],
    log: &LogHandle,
) -> (Vec<CollectedReport>, Vec<usize>) {
    let (mut kept, mut missing) = (Vec::new(), Vec::new());
    for (number, spec) in specs.iter().enumerate() {
        match report(blobs, checkout, number, spec, log).await {
            Ok(found) if found.is_empty() => missing.push(number),
            Ok(found) => kept.extend(found),
            Err(why) => {
                missing.push(number);
                log.system(format!("The report {:?}: {why}", spec.path))
                    .await;
            }
        }
    }
    (kept, missing)
}

async fn report(
    blobs: &dyn Blobs,
    checkout: &Path,
    number: usize,
    spec: &ReportSpec,
    log: &LogHandle,
) -> Result<Vec<CollectedReport>, String> {
    let found = find(checkout, std::slice::from_ref(&spec.path)).await?;
    if found.files.len() > MAX_REPORT_FILES {
        return Err(format!(
            "{} files match; at most {MAX_REPORT_FILES} are read",
            found.files.len()
        ));
    }
    let mut kept = Vec::new();
    for (path, place) in found.files {
        let (bytes, _) = read(&place, MAX_REPORT_BYTES)
            .await
            .map_err(|error| format!("{path:?}: {error}"))?;
        let bytes = log.redactor().redact_bytes(bytes);
        kept.push(CollectedReport {
            spec: number,
            kind: spec.kind,
            path,
            digest: patiently(BLOB_PATIENCE, || blobs.put(&bytes)).await?,
        });
    }
    Ok(kept)
}

/// Files by their path below the checkout, and where they truly lie.
#[derive(Debug, Default)]
struct Found {
    files: BTreeMap<String, PathBuf>,
    left_out: Vec<String>,
}

async fn find(checkout: &Path, patterns: &[String]) -> Result<Found, String> {
    let globs = compile(patterns)?;
    let bases: Vec<PathBuf> = patterns.iter().map(|pattern| base(pattern)).collect();
    let checkout = checkout.to_owned();
    tokio::task::spawn_blocking(move || walk(&checkout, &globs, &bases))
        .await
        .map_err(|error| format!("the checkout could not be searched: {error}"))?
}

fn walk(checkout: &Path, globs: &GlobSet, bases: &[PathBuf]) -> Result<Found, String> {
    let mut found = Found::default();
    let may_match = |below: &Path| {
        let on_the_way = |base: &PathBuf| base.starts_with(below) || below.starts_with(base);
        !below.starts_with(".git") && bases.iter().any(on_the_way)
    };
    let below = |path: &Path| path.strip_prefix(checkout).unwrap_or(path).to_owned();
    // Links to folders are not entered: what lies behind them may be anywhere.
    let entries = WalkDir::new(checkout)
        .min_depth(1)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || may_match(&below(entry.path())));
    for (number, entry) in entries.enumerate() {
        if number >= MAX_WALKED {
            return Err(format!(
                "more than {MAX_WALKED} files would have to be looked at"
            ));
        }
        let entry = entry.map_err(|error| error.to_string())?;
        let path = below(entry.path());
        if entry.file_type().is_dir() || !globs.is_match(&path) {
            continue;
        }
        let name = path
            .to_str()
            .ok_or_else(|| format!("the file name {path:?} is not UTF-8"))?
            .to_owned();
        let place = match entry.file_type().is_symlink() {
            true => resolve(checkout, entry.path()).filter(|place| place.is_file()),
            false => entry.file_type().is_file().then(|| entry.into_path()),
        };
        match place {
            Some(place) => drop(found.files.insert(name, place)),
            None => found.left_out.push(name),
        }
    }
    Ok(found)
}

/// `*` stays within a folder, `**` does not; a folder's name stands for everything in it.
fn compile(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = plain(pattern);
        if !is_below(pattern) {
            return Err(format!("{pattern:?} is not a path below the checkout"));
        }
        for pattern in [pattern.to_owned(), format!("{pattern}/**")] {
            let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
            set.add(glob.map_err(|error| error.to_string())?);
        }
    }
    set.build().map_err(|error| error.to_string())
}

fn plain(pattern: &str) -> &str {
    pattern
        .strip_prefix("./")
        .unwrap_or(pattern)
        .trim_end_matches('/')
}

/// The folder that a pattern cannot leave: its parts before the first that has a wildcard.
fn base(pattern: &str) -> PathBuf {
    plain(pattern)
        .split('/')
        .take_while(|part| !part.contains(['*', '?', '[', '{', '\\']))
        .collect()
}

async fn read(place: &Path, limit: u64) -> io::Result<(Vec<u8>, bool)> {
    let place = place.to_owned();
    let read = move || {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(place)?;
        let executable = file.metadata()?.permissions().mode() & 0o100 != 0;
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            let said = format!("it has more than {} MiB", limit >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, said));
        }
        Ok((bytes, executable))
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(io::Error::other)?
}
