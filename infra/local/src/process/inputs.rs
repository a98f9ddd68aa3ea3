//! Purpose: artifacts of earlier builds, laid out for a build that uses them, checked against their digests.

use std::path::Path;
use std::time::Duration;

use domain::ids::Digest;
use domain::release::digest_of;
use engine::ports::{Artifact, ArtifactFile, Blobs};
use tokio::fs;

use super::claim::patiently;
use super::files::is_below;

/// How long a blob may take.
const BLOB_PATIENCE: Duration = Duration::from_secs(60);

/// Lays out each artifact in a folder of its name.
///
/// # Errors
/// A sentence: a digest does not match, a name leads out of the folder, the blob is gone, the disk is full.
pub async fn lay_out(blobs: &dyn Blobs, inputs: &[Artifact], into: &Path) -> Result<(), String> {
    for artifact in inputs {
        let name = &artifact.name;
        if !is_below(name) || name.contains('/') {
            return Err(format!("the artifact {name:?} has no name for a folder"));
        }
        if digest_of(&artifact.files) != artifact.digest {
            return Err(format!(
                "the artifact `{name}` is not the one of digest {}",
                artifact.digest.short()
            ));
        }
        for file in &artifact.files {
            let folder = into.join(name);
            lay_out_file(blobs, file, &folder)
                .await
                .map_err(|why| format!("the artifact `{name}`, file {:?}: {why}", file.path))?;
        }
    }
    Ok(())
}

async fn lay_out_file(blobs: &dyn Blobs, file: &ArtifactFile, into: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    if !is_below(&file.path) {
        return Err("the path leads out of the artifact".to_owned());
    }
    let bytes = patiently(BLOB_PATIENCE, || blobs.get(&file.digest)).await?;
    let bytes = bytes.ok_or_else(|| "its content is not in the store any more".to_owned())?;
    if Digest::of(&bytes) != file.digest || bytes.len() as u64 != file.len {
        return Err("its content is not what was stored".to_owned());
    }
    let path = into.join(&file.path);
    let mode = if file.executable { 0o755 } else { 0o644 };
    let write = async {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).await?;
        }
        fs::write(&path, &bytes).await?;
        fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).await
    };
    write.await.map_err(|error| error.to_string())
}
