//! Purpose: assets are found by their own hash only.

use super::*;

#[test]
fn an_asset_is_served_under_its_hash_and_may_be_kept() {
    let answer = asset(style_path());
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(
        answer.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(asset(icon_path()).status(), StatusCode::OK);
}

#[test]
fn another_hash_is_not_found() {
    for path in [
        "/assets/slipway.000000000000.css",
        "/assets/",
        "/assets/../Cargo.toml",
    ] {
        assert_eq!(asset(path).status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn the_style_needs_nothing_from_outside() {
    assert!(!STYLE.contains("url("));
    assert!(!STYLE.contains("@import"));
    assert!(!STYLE.contains("http"));
}
