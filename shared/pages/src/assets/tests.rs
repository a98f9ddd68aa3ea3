//! Purpose: assets are found by their own hash only.

use std::collections::BTreeMap;

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

/// The colours of one scheme by name, as red, green and blue.
fn colours(block: &str) -> BTreeMap<String, [f64; 3]> {
    let mut found = BTreeMap::new();
    for part in block.split("--").skip(1) {
        let Some((name, value)) = part.split_once(": #") else {
            continue;
        };
        let channel = |at: usize| f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap());
        found.insert(name.to_owned(), [channel(0), channel(2), channel(4)]);
    }
    found
}

/// <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |colour: [f64; 3]| {
        let [red, green, blue] = colour.map(|channel| {
            let channel = channel / 255.0;
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn every_text_colour_can_be_read_on_every_ground_in_both_schemes() {
    let (_, blocks) = STYLE.split_once(":root {").unwrap();
    let (light, rest) = blocks.split_once('}').unwrap();
    let (dark, _) = rest
        .split_once(":root {")
        .unwrap()
        .1
        .split_once('}')
        .unwrap();
    let mut checked = 0;
    for colours in [colours(light), colours(dark)] {
        let mut pairs = vec![("accent-ink", "accent")];
        for ground in ["ground", "surface", "sunken"] {
            let text = ["text", "muted", "accent", "good", "bad", "asks", "stopped"];
            pairs.extend(text.map(|text| (text, ground)));
        }
        for tone in ["accent", "good", "bad", "asks"] {
            pairs.push((tone, &*format!("{tone}-soft").leak()));
            pairs.push(("text", &*format!("{tone}-soft").leak()));
        }
        for (text, ground) in pairs {
            let ratio = contrast(colours[text], colours[ground]);
            assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
            checked += 1;
        }
    }
    assert_eq!(checked, 60);
}
