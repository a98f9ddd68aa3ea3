//! Purpose: mail to one person at a time, by SMTP or into a folder.

mod message;
mod outbox;
mod smtp;

pub use outbox::OutboxMailer;
pub use smtp::{SmtpMailer, SmtpSettings, SmtpTls};
