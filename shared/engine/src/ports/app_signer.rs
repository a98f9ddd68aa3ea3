//! Purpose: the signature by which a GitHub App says who it is.

use async_trait::async_trait;

use crate::fault::Fault;

/// Signs with the private key of the GitHub App, which stays with its keeper (KMS on AWS, a PEM file elsewhere).
#[async_trait]
pub trait AppSigner: Send + Sync {
    /// The RSASSA-PKCS1-v1_5 signature with SHA-256 over the message, raw bytes.
    ///
    /// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
    async fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, Fault>;
}
