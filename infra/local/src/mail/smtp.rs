//! Purpose: mails by SMTP (<https://www.rfc-editor.org/rfc/rfc5321>).

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use engine::Fault;
use engine::ports::{Mail, Mailer};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde::{Deserialize, Serialize};

use super::message::Sender;

/// How long one command to the server may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Replies that are about our own sign-in, not about the mail: a person mends the settings and the mail goes out
/// (<https://www.rfc-editor.org/rfc/rfc4954#section-6>).
const SIGN_IN_REPLIES: [u16; 4] = [530, 534, 535, 538];

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Not at all: only for a server on this machine or a trusted network. No password is sent to another machine.
    None,
    /// `STARTTLS` is demanded, usually on port 587.
    Starttls,
    /// TLS from the first byte, usually on port 465.
    Implicit,
}

/// A mail server and the sender.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub password: Option<String>,
    /// `bot@example.org` or `Slipway <bot@example.org>`.
    pub from: String,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Sends mails to one server. Needs a tokio runtime.
#[derive(Clone, Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    server: String,
}

impl SmtpMailer {
    /// Checks the settings; connects only when there is something to send.
    ///
    /// # Errors
    /// `Malformed` when the settings make no sense, or would send a password in the clear to another machine.
    pub fn new(settings: &SmtpSettings) -> Result<Self, Fault> {
        let server = format!("{}:{}", settings.host, settings.port);
        let credentials = credentials(settings)?;
        let parameters = || {
            TlsParameters::new(settings.host.clone())
                .map_err(|error| Fault::Malformed(format!("no TLS to {server}: {error}")))
        };
        let tls = match settings.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Starttls => Tls::Required(parameters()?),
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
                .port(settings.port)
                .tls(tls)
                .timeout(Some(TIMEOUT));
        if let Some(credentials) = credentials {
            builder = builder.credentials(credentials);
        }
        Ok(Self {
            transport: builder.build(),
            sender: Sender::parse(&settings.from)?,
            server,
        })
    }
}

fn credentials(settings: &SmtpSettings) -> Result<Option<Credentials>, Fault> {
    let host = &settings.host;
    let (user, password) = match (&settings.user, &settings.password) {
        (None, None) => return Ok(None),
        (Some(user), Some(password)) => (user.clone(), password.clone()),
        _ => {
            return Err(Fault::Malformed(format!(
                "the mail server {host} has a user or a password without the other: give both or neither"
            )));
        }
    };
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if settings.tls == SmtpTls::None && !is_here {
        return Err(Fault::Malformed(format!(
            "the password for {host} would be sent in the clear: set tls to \"starttls\" or \"implicit\""
        )));
    }
    Ok(Some(Credentials::new(user, password)))
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), Fault> {
        let message = self.sender.message(mail)?;
        let sent = self.transport.send(message).await;
        sent.map(|_| ()).map_err(|error| {
            let server = &self.server;
            let code = error.status().map(u16::from);
            let is_sign_in = code.is_some_and(|code| SIGN_IN_REPLIES.contains(&code));
            if error.is_permanent() && !is_sign_in {
                Fault::Malformed(format!(
                    "the mail server {server} refused the mail to {}: {error}",
                    mail.to_address
                ))
            } else {
                Fault::Unavailable(format!(
                    "the mail server {server} did not take the mail: {error}"
                ))
            }
        })
    }
}
