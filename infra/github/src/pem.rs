//! Purpose: signing as the App with its private key in a PEM file: for machines without a KMS, and for tests.

use async_trait::async_trait;
use engine::Fault;
use engine::ports::AppSigner;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

/// Signs with the key that GitHub hands out for an App, kept in memory.
pub struct PemSigner {
    key: RsaKeyPair,
    random: SystemRandom,
}

impl PemSigner {
    /// Takes `-----BEGIN RSA PRIVATE KEY-----` (as GitHub hands it out) or `-----BEGIN PRIVATE KEY-----`.
    pub fn new(pem: &str) -> Result<Self, Fault> {
        // Whatever is wrong, the text shows nothing of the key.
        let wrong = || {
            Fault::Malformed(
                "the GitHub App's key is no PEM of an RSA private key of 2048 bits or more; make a new one on the App's page"
                    .to_owned(),
            )
        };
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong())?;
        let key = match &der {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(wrong()),
        };
        Ok(Self {
            key: key.map_err(|_| wrong())?,
            random: SystemRandom::new(),
        })
    }
}

#[async_trait]
impl AppSigner for PemSigner {
    async fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
            .map_err(|_| Fault::Unavailable("the GitHub App's key could not sign".to_owned()))?;
        Ok(signature)
    }
}
