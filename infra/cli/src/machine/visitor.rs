//! Purpose: who may read the pages: whoever has the token that `slipway up` and `slipway dashboard` print, because 127.0.0.1 alone lets in every
//! user and every program of this computer.
//!
//! The address with the token is exchanged for a cookie, so that the token stays out of the browser's history.

use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use engine::Fault;
use engine::ports::Keys;

/// Hex characters of the token: 128 bits.
const TOKEN_LENGTH: usize = 32;
/// What these serve is either public, or asks for a proof of its own: a signature, a claim's secret, a code.
const OPEN: [&str; 5] = ["/webhook", "/claims", "/healthz", "/assets/", "/approvals/"];

/// The token of one machine's pages. It is made of the machine's key, so it outlives the process.
#[derive(Clone)]
pub struct PageToken(String);

impl PageToken {
    /// The token of the machine with these keys.
    pub async fn of(keys: &dyn Keys) -> Result<Self, Fault> {
        let mac = keys.mac("local-pages", b"").await?;
        let mut token: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        token.truncate(TOKEN_LENGTH);
        Ok(Self(token))
    }

    /// The address to open in a browser.
    pub fn address(&self, url: &str) -> String {
        format!("{url}/?token={}", self.0)
    }
}

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Visit {
    /// It may be answered.
    Welcome,
    /// It brought the token in its address: keep it in a cookie and look at the address without it.
    Exchange {
        cookie: String,
        place: String,
    },
    Stranger,
}

/// Decides. Cookies do not know ports, so each machine has a cookie of its own.
pub fn visit(
    token: &PageToken,
    port: u16,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Visit {
    let path = uri.path();
    let is_open = OPEN.iter().any(|place| match place.ends_with('/') {
        true => path.starts_with(place),
        false => path == *place,
    });
    if is_open {
        return Visit::Welcome;
    }
    let name = format!("slipway-{port}");
    let query = uri.query().unwrap_or_default();
    let (mine, rest): (Vec<_>, Vec<_>) = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .partition(|(key, _)| key == "token");
    if mine.iter().any(|(_, value)| same(value, &token.0)) && method == Method::GET {
        let rest = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(rest)
            .finish();
        let query = if rest.is_empty() { "" } else { "?" };
        return Visit::Exchange {
            cookie: format!("{name}={}; Path=/; HttpOnly; SameSite=Lax", token.0),
            // One slash at the beginning: two would lead to another host.
            place: format!("/{}{query}{rest}", path.trim_start_matches('/')),
        };
    }
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match cookies.chain(bearer).any(|shown| same(shown, &token.0)) {
        true => Visit::Welcome,
        false => Visit::Stranger,
    }
}

/// Takes the same time wherever the first difference is.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left
            .bytes()
            .zip(right.bytes())
            .fold(0, |different, (a, b)| different | (a ^ b))
            == 0
}

/// The answer to a visitor who is not let in or sent on.
pub fn turn(visit: Visit) -> Response<axum::body::Body> {
    let (status, text) = match &visit {
        Visit::Exchange { .. } => (StatusCode::SEE_OTHER, ""),
        _ => (
            StatusCode::UNAUTHORIZED,
            "These pages are for whoever runs this machine.\nOpen the address that `slipway up` printed; `slipway dashboard` prints it again.\n",
        ),
    };
    let mut response = Response::new(axum::body::Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if let Visit::Exchange { cookie, place } = visit {
        let values = [(header::SET_COOKIE, cookie), (header::LOCATION, place)];
        for (name, value) in values {
            // A place that no header can hold is not gone to; the cookie is made by us and always fits.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
    response
}

#[cfg(test)]
#[path = "visitor_tests.rs"]
mod tests;
