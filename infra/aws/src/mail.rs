//! Purpose: mail by SES to one person at a time, and announcements to an SNS topic.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use engine::Fault;
use engine::ports::{Announcement, Announcer, Mail, Mailer};

use crate::client::fault;

/// SNS takes no longer subject: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const MAX_TOPIC_SUBJECT: usize = 99;
const TOPIC_SUBJECT: &str = "An approval waits";

/// Sends mail by SES v2.
///
/// SES gives every message a `Message-ID` of its own, so a mail that was sent twice has two. It says what it is in
/// `X-Slipway-Mail`, and `References` the same invented message, by which mail programs show both as one conversation.
#[derive(Clone, Debug)]
pub struct SesMailer {
    client: aws_sdk_sesv2::Client,
    from: String,
    domain: String,
}

impl SesMailer {
    /// Mails from this sender, a verified identity: `bot@example.org` or `Slipway <bot@example.org>`.
    ///
    /// # Errors
    /// `Malformed` when it is no address.
    pub fn new(config: &SdkConfig, from: &str) -> Result<Self, Fault> {
        let address = match from.split_once('<') {
            Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
            None => from,
        };
        let domain = domain(address).filter(|_| from.is_ascii()).ok_or_else(|| {
            Fault::Malformed(format!(
                "the sender of mails, \"{from}\", is no address; write it as `Slipway <bot@example.org>`"
            ))
        })?;
        Ok(Self {
            client: aws_sdk_sesv2::Client::new(config),
            from: from.to_owned(),
            domain: domain.to_owned(),
        })
    }

    fn content(&self, mail: &Mail) -> Result<EmailContent, BuildError> {
        let stem = Mail::stem(&mail.id);
        let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
        let body = Body::builder()
            .text(text(&mail.text)?)
            .html(text(&mail.html)?)
            .build();
        let header =
            |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
        let references = format!("<{stem}@{}>", self.domain);
        let message = Message::builder()
            .subject(text(&Mail::one_line(&mail.subject))?)
            .body(body)
            .headers(header("X-Slipway-Mail", &stem)?)
            .headers(header("References", &references)?)
            .build();
        Ok(EmailContent::builder().simple(message).build())
    }
}

/// The part of an address behind its `@`; `None` when it is not one address in ASCII.
fn domain(address: &str) -> Option<&str> {
    let plain = |b: u8| b.is_ascii_graphic() && !b"<>,;:\"()[]\\".contains(&b);
    let (name, domain) = address.split_once('@')?;
    let good = !name.is_empty() && !domain.is_empty() && !domain.contains('@');
    (good && address.bytes().all(plain)).then_some(domain)
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<(), Fault> {
        if domain(&mail.to_address).is_none() {
            return Err(Fault::Malformed(format!(
                "\"{}\" is no mail address",
                Mail::one_line(&mail.to_address)
            )));
        }
        let content = self.content(mail).map_err(|error| {
            Fault::Malformed(format!("the mail {} cannot be written: {error}", mail.id))
        })?;
        let to = Destination::builder()
            .to_addresses(&mail.to_address)
            .build();
        let call = self.client.send_email().from_email_address(&self.from);
        let sent = call.destination(to).content(content).send().await;
        sent.map(|_| ())
            .map_err(|error| fault("SES SendEmail", &error))
    }
}

/// Tells an SNS topic.
#[derive(Clone, Debug)]
pub struct SnsAnnouncer {
    client: aws_sdk_sns::Client,
    topic: String,
}

impl SnsAnnouncer {
    /// The topic with this ARN.
    pub fn new(config: &SdkConfig, topic: impl Into<String>) -> Self {
        Self {
            client: aws_sdk_sns::Client::new(config),
            topic: topic.into(),
        }
    }
}

#[async_trait]
impl Announcer for SnsAnnouncer {
    async fn announce(&self, announcement: &Announcement) -> Result<(), Fault> {
        let Announcement { sentence, link } = announcement;
        let call = self.client.publish().topic_arn(&self.topic);
        let call = call
            .subject(TOPIC_SUBJECT)
            .message(format!("{sentence}\n{link}\n"));
        let sent = call.send().await;
        sent.map(|_| ())
            .map_err(|error| fault("SNS Publish", &error))
    }
}

const _: () = assert!(TOPIC_SUBJECT.len() <= MAX_TOPIC_SUBJECT);

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
