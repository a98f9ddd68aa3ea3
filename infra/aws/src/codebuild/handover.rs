//! Purpose: what is handed over to a build through S3: the source of its commit, and the files of earlier builds.

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use domain::ids::{CommitSha, Digest, RepositoryId};
use engine::Fault;
use engine::ports::BuildRequest;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};

use super::CodeBuild;
use crate::client::fault;

/// Copies at once.
const COPIES: usize = 16;

/// Where the files of the inputs lie.
pub(super) enum Inputs {
    None,
    /// `<bucket>/<prefix>/`
    At(String),
    /// One of them is not kept any more: why the build can never be carried out.
    Gone(String),
}

impl CodeBuild {
    /// Where the archive of a commit lies; it is fetched once.
    pub(super) async fn source(
        &self,
        repository: RepositoryId,
        commit: &CommitSha,
    ) -> Result<String, Fault> {
        let bucket = &self.place.bucket;
        let key = format!("sources/{repository}/{commit}.zip");
        let location = format!("{bucket}/{key}");
        match self.s3.head_object().bucket(bucket).key(&key).send().await {
            Ok(_) => return Ok(location),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_not_found()) => {}
            Err(error) => return Err(fault("S3 HeadObject", &error)),
        }
        let archive = self.archives.archive(repository, commit).await?;
        let put = self.s3.put_object().bucket(bucket).key(&key);
        let put = put.body(ByteStream::from(archive)).send().await;
        put.map_err(|error| fault("S3 PutObject", &error))?;
        Ok(location)
    }

    /// Copies the blobs of the inputs, each under its digest, into a folder that only this project's role may read.
    pub(super) async fn inputs(
        &self,
        project: &str,
        request: &BuildRequest,
    ) -> Result<Inputs, Fault> {
        let files = request.inputs.iter().flat_map(|artifact| &artifact.files);
        let mut digests: Vec<&Digest> = files.map(|file| &file.digest).collect();
        digests.sort();
        digests.dedup();
        if digests.is_empty() {
            return Ok(Inputs::None);
        }
        let content = format!("{}\n{}\n{digests:?}", request.intent, request.claim_secret);
        let prefix = format!("inputs/{project}/{}", Digest::of(content.as_bytes()));
        let mut copies = Vec::new();
        for digest in digests {
            copies.push(self.copy(digest, &prefix).boxed());
        }
        let copied = futures::stream::iter(copies)
            .buffer_unordered(COPIES)
            .try_collect::<Vec<bool>>()
            .await?;
        Ok(match copied.into_iter().all(|there| there) {
            true => Inputs::At(format!("{}/{prefix}/", self.place.bucket)),
            false => {
                Inputs::Gone("a file of an earlier build is not in the store any more".to_owned())
            }
        })
    }

    async fn copy(&self, digest: &Digest, prefix: &str) -> Result<bool, Fault> {
        let bucket = &self.place.bucket;
        let copy = self
            .s3
            .copy_object()
            .copy_source(format!("{bucket}/blobs/{digest}"))
            .bucket(bucket)
            .key(format!("{prefix}/{digest}"));
        match copy.send().await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "NotFound")) => Ok(false),
            Err(error) => Err(fault("S3 CopyObject", &error)),
        }
    }
}
