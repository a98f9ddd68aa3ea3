//! Purpose: `UPLOAD_ARTIFACTS`: the files of the output folder as objects, each by itself (packaging NONE).

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build::text;
use crate::endpoint::Endpoint;

/// Uploads what the buildspec names to where the build's artifacts go.
pub fn upload(
    endpoint: &Endpoint,
    shown: &Value,
    buildspec: &Value,
    root: &Path,
) -> Result<(), String> {
    let location = shown["artifacts"]["location"].as_str().unwrap_or_default();
    let artifacts = &buildspec["artifacts"];
    let Some(location) = location
        .strip_prefix("arn:aws:s3:::")
        .filter(|_| artifacts.is_object())
    else {
        return Ok(());
    };
    let all = artifacts["files"]
        .as_array()
        .is_some_and(|files| files.iter().any(|file| file == "**/*"));
    if !all {
        return Err("the simulator uploads `**/*` and nothing less".to_owned());
    }
    let base = root.join(text(artifacts, "base-directory"));
    let (bucket, prefix) = location.split_once('/').ok_or("the location has no key")?;
    let mut files = Vec::new();
    walk(&base, &mut files).map_err(|error| format!("{}: {error}", base.display()))?;
    if files.is_empty() {
        return Err("no matching artifact paths found".to_owned());
    }
    for file in files {
        let below = file
            .strip_prefix(&base)
            .map_err(|error| error.to_string())?;
        let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        endpoint.put(
            bucket,
            &format!("{prefix}/{}", below.to_string_lossy()),
            &bytes,
        )?;
    }
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => walk(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}
