//! Purpose: mails as files, for a machine without a mail server.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use engine::Fault;
use engine::ports::{Mail, Mailer};
use tokio::task::spawn_blocking;

use super::message::Sender;
use crate::disk;

/// Writes each mail as an `.eml` file, which every mail program opens, and its text as a `.txt` file for everybody else. Needs a
/// tokio runtime.
#[derive(Clone, Debug)]
pub struct OutboxMailer {
    folder: PathBuf,
    sender: Sender,
}

impl OutboxMailer {
    /// Keeps mails in this folder, which is made when it is needed; `from` as in [`super::SmtpSettings`].
    ///
    /// # Errors
    /// `Malformed` when `from` is no address.
    pub fn new(folder: impl Into<PathBuf>, from: &str) -> Result<Self, Fault> {
        Ok(Self {
            folder: folder.into(),
            sender: Sender::parse(from)?,
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the mail of this id is, once it is sent.
    pub fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{}.eml", Mail::stem(id)))
    }
}

#[async_trait]
impl Mailer for OutboxMailer {
    /// The same mail sent twice is there once: the first stays.
    async fn send(&self, mail: &Mail) -> Result<(), Fault> {
        let message = self.sender.message(mail)?.formatted();
        let text = format!(
            "To: {} <{}>\nSubject: {}\n\n{}",
            Mail::one_line(&mail.to_name),
            Mail::one_line(&mail.to_address),
            Mail::one_line(&mail.subject),
            mail.text
        );
        let (folder, path) = (self.folder.clone(), self.path(&mail.id));
        let write = move || {
            disk::make_folder(&folder)?;
            // The mail counts as sent by its `.eml`, so that comes last.
            disk::write_new(&path.with_extension("txt"), text.as_bytes())?;
            if !disk::write_new(&path, &message)? {
                tracing::debug!(path = %path.display(), "this mail was sent before");
            }
            Ok(())
        };
        spawn_blocking(write)
            .await
            .map_err(|error| Fault::Unavailable(format!("the outbox stopped: {error}")))?
    }
}
