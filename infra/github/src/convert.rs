//! Purpose: an App of a manifest's code, with its secrets, which nothing here shows.

use std::fmt;

use engine::Fault;
use github::app::{Grant, is_account, is_slug};
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use serde::Deserialize;

use crate::answer::{Judged, judge};
use crate::client::{Base, Client};
use crate::github::{JSON, Limits};
use crate::route::Route;
use crate::shapes::{OwnerBody, parse};

/// Largest answer with an App in it, bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever keeps it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// An App that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApp {
    pub id: u64,
    /// What it is called in URLs.
    pub slug: String,
    /// The user or organisation that it belongs to.
    pub owner: String,
    pub grant: Grant,
    /// The private key, PEM.
    pub key: Hidden,
    pub webhook_secret: Hidden,
}

#[derive(Deserialize)]
struct ConversionBody {
    id: u64,
    slug: String,
    owner: OwnerBody,
    #[serde(flatten)]
    grant: Grant,
    pem: Hidden,
    webhook_secret: Option<Hidden>,
}

/// Whether this is an API that is spoken to at all: `https`, or `http` on this machine.
///
/// # Errors
/// `Malformed`, with what is wrong.
pub fn check_api(api: &str) -> Result<(), Fault> {
    Base::new(api).map(drop)
}

/// Exchanges the code of a manifest for the App. A code works once, for an hour.
/// <https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>
///
/// # Errors
/// `Rejected` when GitHub knows no such code (any more).
pub async fn convert(api: &str, code: &str, now: Timestamp) -> Result<NewApp, Fault> {
    let client = Client::new(Base::new(api)?)?;
    let route = Route::conversion(code)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
    let time = Limits::default().call;
    let answer = client
        .post(&route, headers, None::<&()>, MAX_ANSWER_BYTES, time)
        .await?;
    match judge(&route, &answer, now) {
        Judged::Good => {}
        Judged::Absent => {
            return Err(Fault::Rejected(
                "GitHub knows no such code: it was used before, or is older than an hour"
                    .to_owned(),
            ));
        }
        Judged::Limited { fault, .. } | Judged::Denied(fault) | Judged::Fault(fault) => {
            return Err(fault);
        }
    }
    let made: ConversionBody = parse(&route, &answer.body)?;
    if !is_slug(&made.slug) || !is_account(&made.owner.login) {
        return Err(Fault::Malformed(format!(
            "GitHub's answer to {route} names an App or its owner as no App or owner is called"
        )));
    }
    let webhook_secret = made.webhook_secret.ok_or_else(|| {
        Fault::Malformed(
            "GitHub made an App without a webhook secret; delete it and try again".to_owned(),
        )
    })?;
    Ok(NewApp {
        id: made.id,
        slug: made.slug,
        owner: made.owner.login,
        grant: made.grant,
        key: made.pem,
        webhook_secret,
    })
}
