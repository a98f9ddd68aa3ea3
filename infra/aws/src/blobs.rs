//! Purpose: content-addressed bytes in S3, `blobs/<sha256>` in the state bucket.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use backon::{ExponentialBuilder, Retryable as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::Digest;
use engine::Fault;
use engine::ports::Blobs;
use sha2::Digest as _;

use crate::client::{fault, s3};

/// Times that a put is tried again which met another of the same bytes.
const MAX_RETRIES: usize = 3;

/// Blobs in a bucket.
#[derive(Clone, Debug)]
pub struct S3Blobs {
    client: Client,
    bucket: String,
}

impl S3Blobs {
    /// Keeps blobs in this bucket. Whoever reads also needs `s3:ListBucket` on it: without, S3 answers 403 for what is not
    /// there, and "not there" is not known.
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        Self {
            client: s3(config),
            bucket: bucket.into(),
        }
    }

    /// One put; whether it is there now, or another put of the same bytes was in the way.
    async fn try_put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), SdkPutError> {
        let checksum = STANDARD.encode(sha2::Sha256::digest(bytes));
        let answer = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key(digest))
            .if_none_match("*")
            .checksum_sha256(checksum)
            .body(ByteStream::from(bytes.to_vec()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            // The same bytes are there: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(()),
            Err(error) => Err(error),
        }
    }
}

type SdkPutError = SdkError<PutObjectError, HttpResponse>;

#[async_trait]
impl Blobs for S3Blobs {
    async fn put(&self, bytes: &[u8]) -> Result<Digest, Fault> {
        let digest = Digest::of(bytes);
        let pauses = ExponentialBuilder::new()
            .with_min_delay(std::time::Duration::from_millis(50))
            .with_max_times(MAX_RETRIES);
        (|| self.try_put(&digest, bytes))
            .retry(pauses)
            .when(is_race)
            .await
            .map_err(|error| match is_race(&error) {
                true => Fault::Unavailable(
                    "S3 PutObject met another put of the same bytes again and again".to_owned(),
                ),
                false => fault("S3 PutObject", &error),
            })?;
        Ok(digest)
    }

    async fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Fault> {
        if !digest.is_valid() {
            return Err(Fault::Malformed(format!("\"{digest}\" is no digest")));
        }
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key(digest))
            .send()
            .await;
        let object = match answer {
            Ok(object) => object,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_no_such_key()) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(fault("S3 GetObject", &error)),
        };
        let bytes = object.body.collect().await.map_err(|error| {
            Fault::Unavailable(format!(
                "S3 GetObject broke off in {}: {error}",
                key(digest)
            ))
        })?;
        let bytes = bytes.to_vec();
        if Digest::of(&bytes) != *digest {
            return Err(Fault::Malformed(format!(
                "the object {} of the bucket {} is damaged: its content does not match its name. Restore an older version of it",
                key(digest),
                self.bucket
            )));
        }
        Ok(Some(bytes))
    }
}

fn key(digest: &Digest) -> String {
    format!("blobs/{digest}")
}

/// Two puts of one key at the same moment: one of them is told to come again.
fn is_race(error: &SdkPutError) -> bool {
    error.code() == Some("ConditionalRequestConflict")
}
