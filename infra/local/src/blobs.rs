//! Purpose: content-addressed bytes as files, `<folder>/ab/<digest>`.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::ids::Digest;
use engine::Fault;
use engine::ports::Blobs;
use tokio::task::spawn_blocking;

use crate::disk;

/// Blobs in a folder. Needs a tokio runtime.
#[derive(Clone, Debug)]
pub struct FileBlobs {
    folder: PathBuf,
}

impl FileBlobs {
    /// Keeps blobs below this folder, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Where the blob of this digest is, if it is stored.
    ///
    /// # Errors
    /// `Malformed` when the text is no digest, so that nothing outside the folder is ever named.
    pub fn path(&self, digest: &Digest) -> Result<PathBuf, Fault> {
        match digest.as_str().get(..2) {
            Some(first) if digest.is_valid() => Ok(self.folder.join(first).join(digest.as_str())),
            _ => Err(Fault::Malformed(format!("\"{digest}\" is no digest"))),
        }
    }
}

#[async_trait]
impl Blobs for FileBlobs {
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest)?;
        let bytes = bytes.to_vec();
        blocking(move || put(&path, &bytes)).await?;
        Ok(digest)
    }

    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        let (path, digest) = (self.path(digest)?, digest.clone());
        blocking(move || get(&path, &digest)).await
    }
}

/// A good file is left alone: whoever reads it meanwhile must not see it change. A damaged one is replaced.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    if disk::read(path)?.is_some_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        disk::make_folder(folder)?;
    }
    disk::write(path, bytes)
}

fn get(path: &Path, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
    let bytes = disk::read(path)?;
    match bytes {
        Some(bytes) if Digest::of(&bytes) != *digest => Err(Fault::Malformed(format!(
            "the stored file {} is damaged: its content does not match its name. Restore it from a backup, or remove it and \
             run again what made it",
            path.display()
        ))),
        other => Ok(other),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    spawn_blocking(work)
        .await
        .map_err(|error| Fault::Unavailable(format!("the blob store stopped: {error}")))?
}
