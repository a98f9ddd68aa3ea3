//! Purpose: the machine's own secrets, read once at start: what webhooks are signed with, what codes and links are made of.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use engine::Fault;
use engine::ports::Keys;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

use crate::client::fault;

/// Bytes of the secret of codes and links.
const MAC_BYTES: usize = 32;

/// The webhook secrets, one a line, so that one can be rotated without losing a delivery; how many there may be is the
/// business of who checks signatures.
pub async fn webhook_secrets(config: &SdkConfig, arn: &str) -> Result<Vec<Vec<u8>>, Fault> {
    let text = read(config, arn).await?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(|line| line.as_bytes().to_vec()).collect())
}

async fn read(config: &SdkConfig, arn: &str) -> Result<String, Fault> {
    let answer = Client::new(config).get_secret_value().secret_id(arn).send();
    let answer = answer
        .await
        .map_err(|error| fault("Secrets Manager GetSecretValue", &error))?;
    answer
        .secret_string
        .ok_or_else(|| Fault::Malformed(format!("the secret {arn} is binary; store it as text")))
}

/// Keys of a function that signs and verifies no decision: HMAC-SHA256 in this process.
#[derive(Clone)]
pub struct MacKeys {
    secret: [u8; MAC_BYTES],
}

impl fmt::Debug for MacKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKeys(…)")
    }
}

impl MacKeys {
    /// Reads the secret: 64 hexadecimal digits.
    pub async fn read(config: &SdkConfig, arn: &str) -> Result<Self, Fault> {
        let text = read(config, arn).await?;
        Self::from_hex(&text).ok_or_else(|| {
            Fault::Malformed(format!(
                "the secret {arn} has to be {} hexadecimal digits; restore its former value: a new one voids every open approval",
                2 * MAC_BYTES
            ))
        })
    }

    /// Takes the secret as it is stored.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut secret = [0; MAC_BYTES];
        hex::decode_to_slice(text.trim(), &mut secret).ok()?;
        Some(Self { secret })
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Result<[u8; 32], Fault> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|error| Fault::Malformed(format!("this is no key: {error}")))?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().into())
}

#[async_trait]
impl Keys for MacKeys {
    /// A key for each purpose, as on one machine, so that a code of one kind is never one of another.
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault> {
        let key = hmac(&self.secret, purpose.as_bytes())?;
        hmac(&key, message)
    }

    async fn sign(&self, _: &[u8]) -> Result<String, Fault> {
        Err(no_signing_key())
    }

    async fn verify(&self, _: &[u8], _: &str) -> Result<bool, Fault> {
        Err(no_signing_key())
    }
}

fn no_signing_key() -> Fault {
    Fault::Malformed("this function was given no key for decisions".to_owned())
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
