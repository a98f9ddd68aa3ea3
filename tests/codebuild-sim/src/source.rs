//! Purpose: `DOWNLOAD_SOURCE`: archives and folders of S3, and the cache.

use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use zip::ZipArchive;

use crate::build::text;
use crate::endpoint::Endpoint;

/// Lays a source out in a folder: an archive, or (with a `/` at its end) the objects below a prefix.
pub fn lay_out(endpoint: &Endpoint, source: &Value, into: &Path) -> Result<(), String> {
    fs::create_dir_all(into).map_err(|error| error.to_string())?;
    match text(source, "type") {
        "NO_SOURCE" | "" => return Ok(()),
        "S3" => {}
        other => return Err(format!("the simulator has no sources of type {other}")),
    }
    let location = text(source, "location").trim_start_matches("arn:aws:s3:::");
    let (bucket, key) = location
        .split_once('/')
        .ok_or("the location is bucket/key")?;
    if key.ends_with('/') {
        return folder(endpoint, bucket, key, into);
    }
    let bytes = endpoint.get(bucket, key)?;
    let bytes = bytes.ok_or_else(|| format!("NoSuchKey: {location}"))?;
    unpack(bytes, into).map_err(|error| format!("{location}: {error}"))
}

fn folder(endpoint: &Endpoint, bucket: &str, prefix: &str, into: &Path) -> Result<(), String> {
    let keys = endpoint.list(bucket, prefix)?;
    if keys.is_empty() {
        return Err(format!("NoSuchKey: {bucket}/{prefix}"));
    }
    for key in keys {
        let bytes = endpoint.get(bucket, &key)?.unwrap_or_default();
        let name = Path::new(key.strip_prefix(prefix).unwrap_or(&key));
        if !name
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(format!("{key} leads out of the folder"));
        }
        let file = into.join(name);
        let parent = file.parent().unwrap_or(into);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&file, bytes));
        written.map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

fn unpack(bytes: Vec<u8>, into: &Path) -> io::Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.enclosed_name();
        let path: PathBuf = into.join(name.ok_or_else(|| io::Error::other("a path leads out"))?);
        if entry.is_dir() {
            fs::create_dir_all(&path)?;
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(into))?;
        io::copy(&mut entry, &mut File::create(&path)?)?;
        let mode = entry.unix_mode().unwrap_or(0o644) & 0o777;
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Where the cache of a build lies: bucket and key. Each key of a buildspec is a cache of its own.
fn cache_place(shown: &Value, buildspec: &Value) -> Option<(String, String)> {
    let cache = &shown["cache"];
    let location = (text(cache, "type") == "S3").then(|| text(cache, "location"))?;
    let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
    let name = format!("{prefix}/{}.tar", text(&buildspec["cache"], "key"));
    Some((bucket.to_owned(), name.trim_start_matches('/').to_owned()))
}

/// Restores the cache, where there is one.
pub fn restore_cache(
    endpoint: &Endpoint,
    shown: &Value,
    buildspec: &Value,
    root: &Path,
) -> Result<(), String> {
    let Some((bucket, key)) = cache_place(shown, buildspec) else {
        return Ok(());
    };
    let Some(bytes) = endpoint.get(&bucket, &key)? else {
        return Ok(());
    };
    let archive = root.with_extension("cache");
    fs::write(&archive, bytes).map_err(|error| error.to_string())?;
    tar(&["-xf"], &archive, root, &[])
}

/// Keeps the folder `name` below the source as the cache.
pub fn save_cache(
    endpoint: &Endpoint,
    shown: &Value,
    buildspec: &Value,
    root: &Path,
    name: &str,
) -> Result<(), String> {
    let place = cache_place(shown, buildspec);
    let Some((bucket, key)) = place.filter(|_| root.join(name).is_dir()) else {
        return Ok(());
    };
    let archive = root.with_extension("cache");
    tar(&["-cf"], &archive, root, &[name])?;
    let bytes = fs::read(&archive).map_err(|error| error.to_string())?;
    endpoint.put(&bucket, &key, &bytes)
}

fn tar(flags: &[&str], archive: &Path, folder: &Path, names: &[&str]) -> Result<(), String> {
    let status = Command::new("tar")
        .args(flags)
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .args(names)
        .status()
        .map_err(|error| format!("tar: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("tar: {status}")),
    }
}
