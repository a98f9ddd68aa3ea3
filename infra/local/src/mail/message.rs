//! Purpose: one mail as a message of RFC 5322 (<https://www.rfc-editor.org/rfc/rfc5322>).

use domain::ids::Digest;
use engine::Fault;
use engine::ports::Mail;
use lettre::Address;
use lettre::message::{Mailbox, Message, MultiPart};

/// Characters of the readable part of a mail's name.
const MAX_SLUG: usize = 60;

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
        let name = one_line(&mail.to_name);
        let id = format!("<{}@{}>", file_stem(&mail.id), self.0.email.domain());
        Message::builder()
            .from(self.0.clone())
            .to(Mailbox::new((!name.is_empty()).then_some(name), address))
            .subject(one_line(&mail.subject))
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

/// What a mail is called in files and in its `Message-ID`: the same for the same id, different for different ones, and made
/// of letters, digits and hyphens only.
pub(super) fn file_stem(id: &str) -> String {
    let mut slug = String::new();
    for c in id.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
        if slug.len() >= MAX_SLUG {
            break;
        }
    }
    let digest = Digest::of(id.as_bytes());
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        return digest.short().to_owned();
    }
    format!("{slug}-{}", digest.short())
}

/// Words with one space between them.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}
