//! Purpose: the static files, each under a name that holds its own hash, so that it may be kept for ever.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use domain::ids::Digest;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};

use crate::respond::{plain, respond};

const STYLE: &str = include_str!("../assets/slipway.css");
const ICON: &str = include_str!("../assets/icon.svg");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| path("slipway", STYLE, "css"));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| path("icon", ICON, "svg"));

/// `/assets/slipway.<hash>.css`.
pub fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The stylesheet itself, for a page that stands alone.
pub fn style() -> &'static str {
    STYLE
}

/// `/assets/icon.<hash>.svg`.
pub fn icon_path() -> &'static str {
    &ICON_PATH
}

/// The answer to `GET /assets/…`: the file, to be kept for a year, or 404.
pub fn asset(path: &str) -> Response<Body> {
    const KEEP: &str = "public, max-age=31536000, immutable";
    let (kind, text) = if path == style_path() {
        ("text/css; charset=utf-8", STYLE)
    } else if path == icon_path() {
        ("image/svg+xml", ICON)
    } else {
        return plain(
            StatusCode::NOT_FOUND,
            "There is no such file. Reload the page that asked for it.",
        );
    };
    respond(StatusCode::OK, kind, KEEP, text.to_owned())
}

fn path(name: &str, text: &str, extension: &str) -> String {
    let hash = Digest::of(text.as_bytes());
    format!("/assets/{name}.{}.{extension}", hash.short())
}
