//! Purpose: who has signed in, as a signed cookie; nothing is kept on our side.
//!
//! Cookie prefixes: <https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-cookie-name-prefixes>

use engine::Fault;
use engine::approvals::same;
use engine::ports::Keys;
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::{HeaderMap, header};

use crate::located::Located;

/// Seconds that a sign-in holds.
pub const SESSION_SECONDS: i64 = 15 * 60;
/// The cookie's name; the prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const COOKIE: &str = "__Host-slipway-approval";

/// A sign-in that holds.
pub struct Session {
    value: String,
    pub until: Timestamp,
}

impl Session {
    /// What the decision form has to bring along.
    pub async fn csrf(&self, keys: &dyn Keys) -> Result<String, Fault> {
        let mac = keys.mac("approval-csrf", self.value.as_bytes()).await?;
        Ok(hex::encode(mac))
    }
}

/// Signs the located person in: the value of the cookie.
pub async fn open(keys: &dyn Keys, located: &Located, now: Timestamp) -> Result<String, Fault> {
    let until = now
        .checked_add(SignedDuration::from_secs(SESSION_SECONDS))
        .unwrap_or(Timestamp::MAX);
    seal(keys, located, until.as_millisecond()).await
}

/// The session that the cookie's value stands for, if it is this person's in this approval and not over.
pub async fn check(
    keys: &dyn Keys,
    located: &Located,
    cookie: Option<&str>,
    now: Timestamp,
) -> Result<Option<Session>, Fault> {
    let until = cookie
        .and_then(|value| value.split_once('.'))
        .and_then(|(until, _)| until.parse::<i64>().ok())
        .and_then(|until| Timestamp::from_millisecond(until).ok());
    let (Some(value), Some(until)) = (cookie, until) else {
        return Ok(None);
    };
    let ours = seal(keys, located, until.as_millisecond()).await?;
    let holds = same(ours.as_bytes(), value.as_bytes()) && now < until;
    Ok(holds.then_some(Session { value: ours, until }))
}

async fn seal(keys: &dyn Keys, located: &Located, until_ms: i64) -> Result<String, Fault> {
    let recipient = located.recipient();
    let message = format!(
        "{}\n{}\n{}\n{}\n{until_ms}",
        located.stream, recipient.environment, recipient.release, recipient.person
    );
    let mac = keys.mac("approval-session", message.as_bytes()).await?;
    Ok(format!("{until_ms}.{}", hex::encode(mac)))
}

/// The header that sets the cookie.
pub fn set_cookie(value: &str) -> String {
    format!(
        "{COOKIE}={value}; Path=/; Max-Age={SESSION_SECONDS}; Secure; HttpOnly; SameSite=Strict"
    )
}

/// The cookie's value in a request; two of the name are none.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
