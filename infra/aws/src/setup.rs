//! Purpose: what setting up a GitHub App leaves on AWS: its private key in KMS, from where nobody reads it back, and its webhook
//! secret in Secrets Manager.

use aes_kw::zeroize::Zeroizing;
use aes_kw::{IV_LEN, KeyInit as _, KwpAes256};
use aws_config::SdkConfig;
use aws_sdk_kms::Client as Kms;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{AlgorithmSpec, ExpirationModelType, KeyState, WrappingKeySpec};
use aws_sdk_secretsmanager::Client as Secrets;
use engine::Fault;
use github::signature::MAX_SECRETS;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _};
use rsa::{PrivateKey, PublicKey};
use sha2::Sha256;

use crate::client::fault;
use crate::secrets::webhook_secrets;

/// Bytes of the key that wraps the App's key once.
const WRAPPING_BYTES: usize = 32;

/// Where a stack keeps its App.
#[derive(Clone, Debug)]
pub struct AppPlace {
    config: SdkConfig,
    key: String,
    secret: String,
}

impl AppPlace {
    /// The KMS key and the secret with these ARNs.
    pub fn new(config: &SdkConfig, key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            config: config.clone(),
            key: key.into(),
            secret: secret.into(),
        }
    }

    /// Makes sure that an App could be kept here, before there is one.
    ///
    /// # Errors
    /// `Rejected` when the key has its material already, or there is no place for one more webhook secret.
    pub async fn prepare(&self) -> Result<(), Fault> {
        let call = Kms::new(&self.config).describe_key().key_id(&self.key);
        let answer = call
            .send()
            .await
            .map_err(|error| fault("KMS DescribeKey", &error))?;
        let state = answer.key_metadata.and_then(|key| key.key_state);
        if state != Some(KeyState::PendingImport) {
            let state = state.map_or_else(|| "in no state".to_owned(), |s| s.as_str().to_owned());
            return Err(Fault::Rejected(format!(
                "the stack's key for the App waits for no import (it is {state}): KMS takes another App's key only into another key"
            )));
        }
        if self.secrets().await?.len() >= MAX_SECRETS {
            return Err(Fault::Rejected(format!(
                "the secret {} has two webhook secrets already, and there are never more",
                self.secret
            )));
        }
        Ok(())
    }

    /// Imports the App's private key, a PEM. What it was wrapped with is forgotten.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html>
    pub async fn import_key(&self, pem: &str) -> Result<(), Fault> {
        let kms = Kms::new(&self.config);
        let call = kms.get_parameters_for_import().key_id(&self.key);
        let parameters = call
            .wrapping_algorithm(AlgorithmSpec::RsaAesKeyWrapSha256)
            .wrapping_key_spec(WrappingKeySpec::Rsa4096)
            .send()
            .await
            .map_err(|error| fault("KMS GetParametersForImport", &error))?;
        let (Some(public), Some(token)) = (parameters.public_key, parameters.import_token) else {
            return Err(Fault::Unavailable(
                "KMS GetParametersForImport answered without a key or a token".to_owned(),
            ));
        };
        let material = wrapped(public.as_ref(), pem)?;
        let call = kms.import_key_material().key_id(&self.key);
        call.import_token(token)
            .encrypted_key_material(Blob::new(material))
            .expiration_model(ExpirationModelType::KeyMaterialDoesNotExpire)
            .send()
            .await
            .map_err(|error| fault("KMS ImportKeyMaterial", &error))?;
        Ok(())
    }

    /// Adds a webhook secret to the one that was good before.
    pub async fn add_webhook_secret(&self, secret: &str) -> Result<(), Fault> {
        let mut lines = self.secrets().await?;
        if !lines.iter().any(|line| line == secret) {
            lines.push(secret.to_owned());
        }
        let call = Secrets::new(&self.config)
            .put_secret_value()
            .secret_id(&self.secret);
        call.secret_string(lines.join("\n"))
            .send()
            .await
            .map_err(|error| fault("Secrets Manager PutSecretValue", &error))?;
        Ok(())
    }

    async fn secrets(&self) -> Result<Vec<String>, Fault> {
        let lines = webhook_secrets(&self.config, &self.secret).await?;
        let lines = lines.into_iter().map(String::from_utf8);
        lines
            .collect::<Result<_, _>>()
            .map_err(|_| Fault::Malformed(format!("the secret {} is not text", self.secret)))
    }
}

/// The private key as KMS takes it (`RSA_AES_KEY_WRAP_SHA_256`): a new AES key, encrypted for KMS by RSA-OAEP, and the private
/// key (PKCS#8, DER), wrapped with that AES key by <https://www.rfc-editor.org/rfc/rfc5649>. It is too long for RSA alone.
fn wrapped(public: &[u8], pem: &str) -> Result<Vec<u8>, Fault> {
    // Whatever is wrong, the text shows nothing of the key.
    let no_key =
        || Fault::Malformed("the App's private key is no PEM of an RSA private key".to_owned());
    let not_wrapped = || Fault::Unavailable("the App's key could not be wrapped".to_owned());
    let key = PrivateKey::from_pkcs1_pem(pem)
        .or_else(|_| PrivateKey::from_pkcs8_pem(pem))
        .map_err(|_| no_key())?;
    let key = key.to_pkcs8_der().map_err(|_| no_key())?;
    let public = PublicKey::from_public_key_der(public).map_err(|_| {
        Fault::Unavailable(
            "KMS GetParametersForImport answered with another key than RSA".to_owned(),
        )
    })?;
    let mut aes = Zeroizing::new([0; WRAPPING_BYTES]);
    getrandom::fill(aes.as_mut()).map_err(|error| {
        Fault::Unavailable(format!("the system gave no random bytes for keys: {error}"))
    })?;
    let mut material = public
        .oaep_encrypt::<Sha256>(aes.as_ref())
        .map_err(|_| not_wrapped())?;
    let mut buffer = vec![0; (key.as_bytes().len().div_ceil(IV_LEN) + 1) * IV_LEN];
    let wrap = KwpAes256::new_from_slice(aes.as_ref()).map_err(|_| not_wrapped())?;
    let inner = wrap.wrap_key(key.as_bytes(), &mut buffer);
    material.extend_from_slice(inner.map_err(|_| not_wrapped())?);
    Ok(material)
}
