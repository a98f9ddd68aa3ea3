//! Purpose: mail to one person at a time.

use async_trait::async_trait;

use crate::fault::Fault;

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Stable: the same mail sent twice has the same id, and becomes the `Message-ID`.
    pub id: String,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), Fault>;
}
