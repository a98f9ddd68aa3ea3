//! Purpose: forms, taken from our own page only.
//!
//! Rules: <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>

use std::collections::BTreeMap;

use lambda_http::Request;
use lambda_http::http::{HeaderMap, Uri, header};

use crate::refusal::Refusal;

/// Bytes of a form: a reason of the full length fits, whatever its letters.
pub const MAX_BODY: usize = 16 * 1024;
/// Fields of a form.
const MAX_FIELDS: usize = 8;

/// The fields of a form that came from our own page.
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Checks where the request comes from, then reads it.
    pub fn read(request: &Request, base_url: &str) -> Result<Self, Refusal> {
        if !is_from_own_page(request.headers(), base_url) {
            return Err(Refusal::Foreign);
        }
        let kind = one(request.headers(), header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::Unreadable("it is not sent as a form"));
        }
        let body: &[u8] = request.body().as_ref();
        if body.len() > MAX_BODY {
            return Err(Refusal::TooLarge);
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body).take(MAX_FIELDS + 1) {
            if fields
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return Err(Refusal::Unreadable("a field comes twice"));
            }
        }
        if fields.len() > MAX_FIELDS {
            return Err(Refusal::Unreadable("it has too many fields"));
        }
        Ok(Self(fields))
    }

    /// A field; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Whether a browser sent this from a page of our own origin.
///
/// Our pages have the referrer policy `no-referrer`, and with it browsers send `Origin: null` for forms
/// (<https://fetch.spec.whatwg.org/#append-a-request-origin-header>). So `null` counts when `Sec-Fetch-Site`, which no page
/// can forge, says that it was the same origin; without that header only our origin itself does.
fn is_from_own_page(headers: &HeaderMap, base_url: &str) -> bool {
    let site = match headers.get_all("sec-fetch-site").iter().count() {
        0 => None,
        _ => Some(one(headers, "sec-fetch-site").unwrap_or_default()),
    };
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match one(headers, header::ORIGIN.as_str()) {
        Some("null") => site.is_some(),
        Some(origin) => origin_of(base_url).is_some_and(|own| own.eq_ignore_ascii_case(origin)),
        None => false,
    }
}

/// `https://ci.example.org:8443/x` → `https://ci.example.org:8443`.
fn origin_of(base_url: &str) -> Option<String> {
    let base: Uri = base_url.parse().ok()?;
    Some(format!("{}://{}", base.scheme_str()?, base.authority()?))
}

/// A header that is there exactly once.
pub fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() {
        return None;
    }
    first.to_str().ok()
}
