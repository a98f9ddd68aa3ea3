//! Purpose: answers with the security headers that no page may go without.

#[cfg(test)]
mod tests;

use askama::Template;
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};

/// For pages and data: nobody keeps a copy.
const NO_STORE: &str = "no-store";

/// Headers of every answer, security 23, 24 and 55: no script at all, style and pictures from here only, no framing, no
/// sniffing, no referrer. See <https://www.w3.org/TR/CSP3/>.
pub fn headers() -> [(&'static str, &'static str); 7] {
    [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ]
}

/// An answer of any type with all security headers.
pub fn respond(
    status: StatusCode,
    content_type: &'static str,
    cache_control: &'static str,
    body: String,
) -> Response<Body> {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    let map = answer.headers_mut();
    map.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    map.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(cache_control),
    );
    for (name, value) in headers() {
        map.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// A page. One that cannot be rendered is logged and answered with 500.
pub fn html(status: StatusCode, page: &impl Template) -> Response<Body> {
    match page.render() {
        Ok(text) => respond(status, "text/html; charset=utf-8", NO_STORE, text),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "This page could not be made. The machine's log says why.",
            )
        }
    }
}

/// JSON text, made by the caller.
pub fn json(status: StatusCode, text: String) -> Response<Body> {
    respond(status, "application/json", NO_STORE, text)
}

/// Plain text.
pub fn plain(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    respond(status, "text/plain; charset=utf-8", NO_STORE, text.into())
}

/// Sends the browser on after a POST (303). A place outside this machine is refused with 400, security 54.
pub fn redirect(place: &str) -> Response<Body> {
    let ours = place.starts_with('/') && !place.starts_with("//") && !place.contains('\\');
    match HeaderValue::from_str(place) {
        Ok(value) if ours => {
            let mut answer = plain(StatusCode::SEE_OTHER, "See the page at the location given.");
            answer.headers_mut().insert(header::LOCATION, value);
            answer
        }
        _ => plain(StatusCode::BAD_REQUEST, "That is no page of this machine."),
    }
}
