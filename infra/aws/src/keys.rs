//! Purpose: keys that never leave KMS: the one of decisions, and the private key of the GitHub App.

#[cfg(feature = "secrets")]
mod decisions;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use engine::Fault;
use engine::ports::AppSigner;
use sha2::{Digest as _, Sha256};

use crate::client::fault;

#[cfg(feature = "secrets")]
pub use decisions::KmsKeys;

/// KMS takes 4,096 bytes at most, and a digest of any length of message.
fn digest(message: &[u8]) -> Blob {
    Blob::new(Sha256::digest(message).to_vec())
}

async fn sign(
    client: &Client,
    key: &str,
    algorithm: SigningAlgorithmSpec,
    message: &[u8],
) -> Result<Vec<u8>, Fault> {
    let answer = client
        .sign()
        .key_id(key)
        .message(digest(message))
        .message_type(MessageType::Digest)
        .signing_algorithm(algorithm)
        .send()
        .await
        .map_err(|error| fault("KMS Sign", &error))?;
    let signature = answer
        .signature
        .ok_or_else(|| Fault::Unavailable("KMS Sign answered without a signature".to_owned()))?;
    Ok(signature.into_inner())
}

/// The GitHub App's private key, imported into KMS: `RSA_2048`, `SIGN_VERIFY`.
#[derive(Clone, Debug)]
pub struct KmsAppSigner {
    client: Client,
    key: String,
}

impl KmsAppSigner {
    /// The KMS key with this ARN, id or alias.
    pub fn new(config: &SdkConfig, key: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            key: key.into(),
        }
    }
}

#[async_trait]
impl AppSigner for KmsAppSigner {
    async fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let algorithm = SigningAlgorithmSpec::RsassaPkcs1V15Sha256;
        sign(&self.client, &self.key, algorithm, message).await
    }
}
