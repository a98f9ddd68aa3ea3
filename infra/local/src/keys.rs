//! Purpose: the machine's keys in a file: a secret for codes and links, and an Ed25519 key for decisions.

use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use engine::Fault;
use engine::ports::Keys;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::disk;

/// Bytes of the secret, which come first in the file.
const SECRET: usize = 32;
/// Bytes of the Ed25519 seed, which come after it (<https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5>).
const SEED: usize = 32;

/// Keys in `<data>/keys/machine.key`: 64 bytes that only their owner can read. One file, so that there is never half of it.
#[derive(Clone)]
pub struct FileKeys {
    secret: [u8; SECRET],
    signing: SigningKey,
}

impl fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKeys(…)")
    }
}

impl FileKeys {
    /// Reads the keys below this data folder; makes them when there are none yet.
    ///
    /// # Errors
    /// `Malformed` when others can read the file, change the folder, or the file has another length: it is never replaced,
    /// because codes and decisions signed with lost keys would be void.
    pub fn open(data: &Path) -> Result<Self, Fault> {
        let folder = data.join("keys");
        let file = folder.join("machine.key");
        if !folder.is_dir() {
            disk::make_folder(data)?;
            let mut maker = DirBuilder::new();
            maker.recursive(true).mode(0o700);
            maker
                .create(&folder)
                .map_err(|error| disk::fault("made", &folder, &error))?;
        }
        refuse_open(&folder, 0o022, "changed", "700")?;
        let bytes = match disk::read(&file)? {
            Some(bytes) => bytes,
            None => make(&file)?,
        };
        refuse_open(&file, 0o077, "read", "600")?;
        Self::from_bytes(&bytes).ok_or_else(|| {
            Fault::Malformed(format!(
                "the key file {} has {} bytes and must have {}: restore it from a backup. Removing it makes new keys and voids \
                 every open approval",
                file.display(),
                bytes.len(),
                SECRET + SEED
            ))
        })
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (secret, seed) = bytes.split_at_checked(SECRET)?;
        Some(Self {
            secret: secret.try_into().ok()?,
            signing: SigningKey::from_bytes(seed.try_into().ok()?),
        })
    }
}

/// The webhook secrets in `<data>/keys/webhook.secret`, one a line, at most two at a time for a rotation; one is made when
/// there is none yet. It is what GitHub's settings of the webhook ask for.
///
/// # Errors
/// `Malformed` when others can read the file or it is not text.
pub fn webhook_secrets(data: &Path) -> Result<Vec<Vec<u8>>, Fault> {
    let file = data.join("keys").join("webhook.secret");
    if disk::read(&file)?.is_none() {
        let mut bytes = [0; SECRET];
        getrandom::fill(&mut bytes).map_err(|error| {
            Fault::Unavailable(format!("the system gave no random bytes for keys: {error}"))
        })?;
        disk::write_new(&file, format!("{}\n", hex::encode(bytes)).as_bytes())?;
    }
    refuse_open(&file, 0o077, "read", "600")?;
    let bytes = disk::read(&file)?.unwrap_or_default();
    let text = String::from_utf8(bytes)
        .map_err(|_| Fault::Malformed(format!("{} is not text", file.display())))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(|line| line.as_bytes().to_vec()).collect())
}

/// Makes the keys; when another process was faster, takes its keys.
fn make(file: &Path) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; SECRET + SEED];
    getrandom::fill(&mut bytes).map_err(|error| {
        Fault::Unavailable(format!("the system gave no random bytes for keys: {error}"))
    })?;
    if disk::write_new(file, &bytes)? {
        return Ok(bytes);
    }
    disk::read(file)?
        .ok_or_else(|| Fault::Unavailable(format!("{} was removed meanwhile", file.display())))
}

pub(crate) fn refuse_open(
    path: &Path,
    forbidden: u32,
    what: &str,
    wanted: &str,
) -> Result<(), Fault> {
    let metadata = std::fs::metadata(path).map_err(|error| disk::fault("read", path, &error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & forbidden == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(Fault::Malformed(format!(
        "{path} can be {what} by other users (mode {mode:o}): run `chmod {wanted} {path}` if nobody has used that"
    )))
}

fn hmac(key: &[u8], message: &[u8]) -> Result<[u8; 32], Fault> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|error| Fault::Malformed(format!("this is no key: {error}")))?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().into())
}

#[async_trait]
impl Keys for FileKeys {
    async fn mac(&self, purpose: &str, message: &[u8]) -> Result<[u8; 32], Fault> {
        let key = hmac(&self.secret, purpose.as_bytes())?;
        hmac(&key, message)
    }

    async fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        Ok(STANDARD.encode(self.signing.sign(message).to_bytes()))
    }

    async fn verify(&self, message: &[u8], signature: &str) -> Result<bool, Fault> {
        let Some(signature) = STANDARD
            .decode(signature)
            .ok()
            .and_then(|bytes| Signature::from_slice(&bytes).ok())
        else {
            return Ok(false);
        };
        let key = self.signing.verifying_key();
        Ok(key.verify_strict(message, &signature).is_ok())
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
