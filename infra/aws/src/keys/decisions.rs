//! Purpose: the key of decisions in KMS.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::error::SdkError;
use aws_sdk_kms::operation::verify::VerifyError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::Fault;
use engine::ports::Keys;

use super::{digest, sign};
use crate::client::fault;
use crate::secrets::MacKeys;

/// Decisions are signed with ECDSA on P-256, in DER, in base64.
const DECISION: SigningAlgorithmSpec = SigningAlgorithmSpec::EcdsaSha256;
/// Bytes of such a signature at most.
const MAX_SIGNATURE: usize = 72;

/// The key of decisions in KMS; codes and links are made in this process.
///
/// Verifying asks KMS and not a cached public key: it happens twice a deploy, so it costs nothing; no cryptography of our own
/// is needed for it; and disabling the key in KMS voids every decision that is still to be used, at once.
#[derive(Clone, Debug)]
pub struct KmsKeys {
    mac: MacKeys,
    client: Client,
    key: String,
}

impl KmsKeys {
    /// The KMS key with this ARN, id or alias: `ECC_NIST_P256`, `SIGN_VERIFY`.
    pub fn new(config: &SdkConfig, key: impl Into<String>, mac: MacKeys) -> Self {
        Self {
            mac,
            client: Client::new(config),
            key: key.into(),
        }
    }
}

#[async_trait]
impl Keys for KmsKeys {
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.mac.mac(purpose, message).await
    }

    async fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        let signature = sign(&self.client, &self.key, DECISION, message).await?;
        Ok(STANDARD.encode(signature))
    }

    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault> {
        let signature = STANDARD.decode(signature).ok();
        let Some(signature) = signature.filter(|bytes| (1..=MAX_SIGNATURE).contains(&bytes.len()))
        else {
            return Ok(false);
        };
        let answer = self
            .client
            .verify()
            .key_id(&self.key)
            .message(digest(message))
            .message_type(MessageType::Digest)
            .signature(Blob::new(signature))
            .signing_algorithm(DECISION)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.signature_valid()),
            Err(error) if is_invalid(&error) => Ok(false),
            Err(error) => Err(fault("KMS Verify", &error)),
        }
    }
}

/// KMS says so by an error: <https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html>
fn is_invalid<R>(error: &SdkError<VerifyError, R>) -> bool {
    let error = error.as_service_error();
    error.is_some_and(VerifyError::is_kms_invalid_signature_exception)
}
