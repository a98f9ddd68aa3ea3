//! Purpose: whether a webhook was sent by somebody who knows the secret.
//!
//! Rule: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Two at a time, so that a secret can be rotated without losing a delivery.
pub const MAX_SECRETS: usize = 2;
/// Bytes that a secret has at least.
pub const MIN_SECRET_BYTES: usize = 16;

/// The webhook secrets of a machine; there is always one.
#[derive(Clone)]
pub struct Secrets(Vec<Vec<u8>>);

/// Why a request is not believed, or secrets are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the header X-Hub-Signature-256 is missing")]
    Missing,
    #[error("the header X-Hub-Signature-256 is not `sha256=` and 64 hexadecimal digits")]
    Malformed,
    #[error("the signature does not match the body and the webhook secret")]
    Wrong,
    #[error("a machine needs one or two webhook secrets, {0} given")]
    SecretCount(usize),
    #[error("a webhook secret has at least {MIN_SECRET_BYTES} bytes")]
    SecretTooShort,
}

impl Secrets {
    /// Takes one or two secrets.
    pub fn new(secrets: Vec<Vec<u8>>) -> Result<Self, SignatureError> {
        if secrets.is_empty() || secrets.len() > MAX_SECRETS {
            return Err(SignatureError::SecretCount(secrets.len()));
        }
        if secrets.iter().any(|secret| secret.len() < MIN_SECRET_BYTES) {
            return Err(SignatureError::SecretTooShort);
        }
        Ok(Self(secrets))
    }

    /// Checks the header's value against the raw bytes of the body, in constant time.
    pub fn verify(&self, body: &[u8], header: Option<&str>) -> Result<(), SignatureError> {
        let header = header.ok_or(SignatureError::Missing)?;
        let digits = header
            .strip_prefix("sha256=")
            .ok_or(SignatureError::Malformed)?;
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digits.len() != 64 || !digits.bytes().all(lower) {
            return Err(SignatureError::Malformed);
        }
        let claimed = hex::decode(digits).map_err(|_| SignatureError::Malformed)?;
        let good = self
            .0
            .iter()
            .fold(false, |good, secret| good | matches(secret, body, &claimed));
        if good {
            Ok(())
        } else {
            Err(SignatureError::Wrong)
        }
    }

    /// The header's value for a body, under the first secret: what the local watcher sends.
    pub fn sign(&self, body: &[u8]) -> String {
        let secret = self.0.first().map_or(&[][..], Vec::as_slice);
        let digest = keyed(secret, body).map(|mac| mac.finalize().into_bytes());
        format!("sha256={}", digest.map(hex::encode).unwrap_or_default())
    }
}

fn keyed(secret: &[u8], body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(body);
    Some(mac)
}

fn matches(secret: &[u8], body: &[u8], claimed: &[u8]) -> bool {
    keyed(secret, body).is_some_and(|mac| mac.verify_slice(claimed).is_ok())
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
