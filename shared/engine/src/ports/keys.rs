//! Purpose: keys that never leave their keeper.

use async_trait::async_trait;

use crate::fault::Fault;

/// Keeps the machine's secret key and its signing key.
#[async_trait]
pub trait Keys: Send + Sync {
    /// HMAC-SHA256 of the message under a key derived for this purpose.
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault>;
    /// A signature over the message (Ed25519 locally, KMS on AWS), in base64.
    async fn sign(&self, message: &[u8]) -> Result<String, Fault>;
    /// Whether the signature is ours; a text that is no signature is not.
    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault>;
}
