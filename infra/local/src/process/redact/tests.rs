//! Purpose: tests of redaction: canaries in every form that tools give a secret.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::*;

const CANARY: &str = "s3cr3t/\"pÄss\" <w'rd> & more+than=that";

fn redactor(secrets: &[&str]) -> Redactor {
    Redactor::new(secrets.iter().copied()).unwrap()
}

/// Every encoding of the canary, made here without the code under test.
fn encoded(secret: &str) -> Vec<(&'static str, String)> {
    let percent = |keep: &str, lower: bool| -> String {
        let one = |b: u8| match keep.as_bytes().contains(&b) || b.is_ascii_alphanumeric() {
            true => char::from(b).to_string(),
            false if lower => format!("%{b:02x}"),
            false => format!("%{b:02X}"),
        };
        secret.bytes().map(one).collect()
    };
    let json = serde_json::to_string(secret).unwrap();
    let json = json.trim_matches('"').to_owned();
    let json = if json.ends_with('\\') {
        format!("{json}\"")
    } else {
        json
    };
    let ascii: String = secret
        .chars()
        .map(|c| match c {
            '"' => "\\\"".to_owned(),
            c if c.is_ascii() => c.to_string(),
            c => format!("\\u{:04x}", u32::from(c)),
        })
        .collect();
    vec![
        ("plain", secret.to_owned()),
        ("base64", STANDARD.encode(secret)),
        ("base64 without padding", STANDARD_NO_PAD.encode(secret)),
        ("base64url", URL_SAFE_NO_PAD.encode(secret)),
        ("percent, strict", percent("-._~", false)),
        ("percent, lower case", percent("-._~", true)),
        ("encodeURIComponent", percent("-._~!*'()", false)),
        ("form", percent("*-._", false).replace("%20", "+")),
        ("hex", hex::encode(secret)),
        ("HEX", hex::encode_upper(secret)),
        ("JSON", json.clone()),
        ("JSON, ASCII", ascii),
        (
            "JSON of Go",
            json.replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
        ),
        (
            "JSON in JSON",
            serde_json::to_string(&json)
                .unwrap()
                .trim_matches('"')
                .to_owned(),
        ),
        (
            "HTML",
            "s3cr3t/&quot;pÄss&quot; &lt;w&#39;rd&gt; &amp; more+than=that".to_owned(),
        ),
        ("sh -x", format!("'{}'", secret.replace('\'', "'\"'\"'"))),
    ]
}

#[test]
fn sec_19_no_form_of_a_secret_stays() {
    let redactor = redactor(&[CANARY]);
    for (name, form) in encoded(CANARY) {
        let text = redactor.redact(&format!("before {form} after"));
        assert!(text.starts_with("before "), "{name}: {text}");
        assert!(text.ends_with(" after"), "{name}: {text}");
        let left = text
            .replace("before ", "")
            .replace(" after", "")
            .replace(MASK, "");
        assert!(left.len() <= 2, "{name}: {left:?} of {form:?} stayed");
    }
}

#[test]
fn sec_19_base64_is_found_at_each_alignment_within_a_longer_text() {
    let secret = "correct-horse-battery-staple";
    let redactor = redactor(&[secret]);
    for before in 0..6 {
        for after in 0..6 {
            let text = format!("{}{secret}{}", "u".repeat(before), "p".repeat(after));
            for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                let shown = redactor.redact(&encoded);
                assert!(shown.contains(MASK), "{before} {after}: {shown}");
                // What stays of the secret is less than the two characters that it shares with its neighbours.
                let stayed = shown.replace(MASK, "").len();
                let neighbours = (before + after) * 4 / 3;
                assert!(stayed <= neighbours + 6, "{before} {after}: {shown}");
            }
        }
    }
}

#[test]
fn sec_19_wrapped_base64_is_found_line_by_line() {
    let secret: String = (0..40).map(|n| format!("part{n};")).collect();
    let redactor = redactor(&[&secret]);
    for wrap in [64, 76] {
        for line in STANDARD.encode(&secret).as_bytes().chunks(wrap) {
            assert_eq!(redactor.redact(std::str::from_utf8(line).unwrap()), MASK);
        }
    }
}

#[test]
fn sec_19_each_line_of_a_value_of_several_lines_is_a_secret() {
    let key = "-----BEGIN KEY-----\r\nMIIEowIBAAKC\n  indented-secret\nx\n-----END KEY-----\n";
    let redactor = redactor(&[key]);
    for line in [
        "MIIEowIBAAKC",
        "indented-secret",
        &STANDARD.encode("MIIEowIBAAKC"),
        &hex::encode("MIIEowIBAAKC"),
    ] {
        assert!(!redactor.redact(line).contains(line), "{line}");
    }
    // A line of one character would mask every text.
    assert_eq!(redactor.redact("an axe"), "an axe");
    let json = serde_json::to_string(key).unwrap();
    assert_eq!(redactor.redact(&json), format!("\"{MASK}\""));
}

#[test]
fn overlapping_and_repeated_secrets_are_masked_as_one() {
    let redactor = redactor(&["abcdef", "defghi", "cdef"]);
    assert_eq!(redactor.redact("xabcdefghix abcdefabcdef y"), "x***x *** y");
    assert_eq!(redactor.find("xabcdefghix"), vec![1..10]);
}

#[test]
fn text_without_secrets_stays_as_it_is() {
    let none = Redactor::default();
    assert_eq!(none.redact("abc"), "abc");
    assert_eq!(redactor(&["", "abc"]).redact("abc"), "abc");
    assert_eq!(
        redactor(&["long-enough"]).redact_bytes(vec![0xff, b'a']),
        vec![0xff, b'a']
    );
    assert_eq!(
        redactor(&["long-enough"]).redact_bytes(b"a long-enough b".to_vec()),
        b"a *** b"
    );
}

#[test]
fn a_secret_that_cannot_be_searched_for_is_an_error() {
    let huge = "x".repeat(MAX_SECRET + 1);
    let why = Redactor::new([huge.as_str()]).err().unwrap();
    assert_eq!(
        why,
        "a secret has 32769 bytes; at most 32768 can be kept out of a log"
    );
}
