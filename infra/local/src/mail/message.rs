//! Purpose: one mail as a message of RFC 5322 (<https://www.rfc-editor.org/rfc/rfc5322>).

use engine::Fault;
use engine::ports::Mail;
use lettre::Address;
use lettre::message::{Mailbox, Message, MultiPart};

/// The sender of all mails, checked when it is configured.
#[derive(Clone, Debug)]
pub(super) struct Sender(Mailbox);

impl Sender {
    /// Takes `bot@example.org` or `Slipway <bot@example.org>`.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        text.parse().map(Self).map_err(|error| {
            Fault::Malformed(format!(
                "the sender of mails, \"{text}\", is no address: {error}. Write it as `Slipway <bot@example.org>`"
            ))
        })
    }

    /// The whole message: text and HTML as alternatives.
    ///
    /// Names and subjects are strangers' text. Control characters in them, line ends among them, become spaces, so that no
    /// text can begin a header of its own.
    pub(super) fn message(&self, mail: &Mail) -> Result<Message, Fault> {
        let address: Address = mail.to_address.parse().map_err(|error| {
            let address = &mail.to_address;
            Fault::Malformed(format!("\"{address}\" is no mail address: {error}"))
        })?;
        let name = Mail::one_line(&mail.to_name);
        let id = format!("<{}@{}>", Mail::stem(&mail.id), self.0.email.domain());
        Message::builder()
            .from(self.0.clone())
            .to(Mailbox::new((!name.is_empty()).then_some(name), address))
            .subject(Mail::one_line(&mail.subject))
            .message_id(Some(id))
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|error| {
                Fault::Malformed(format!("the mail {} cannot be written: {error}", mail.id))
            })
    }
}
