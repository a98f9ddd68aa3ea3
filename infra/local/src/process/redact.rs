//! Purpose: keeping secrets out of text, however they were written. Pure.
//!
//! A secret is found as itself and in the forms that tools give it: base64 at each of its three alignments (both
//! alphabets, and wrapped at 64 and 76 columns), percent-encoded, hexadecimal, escaped for JSON, HTML and the shell; and
//! the same for each line of a value of several lines. What a program deliberately disguises, nobody can find.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::text::clean;

/// What stands in the place of a secret.
pub const MASK: &str = "***";
/// Shortest text that is masked, bytes: below it, ordinary words would vanish.
pub const MIN_SECRET: usize = 4;
/// Longest secret, bytes: what a variable may hold on Linux, divided by the forms' growth.
pub const MAX_SECRET: usize = 32 << 10;
/// Shortest piece of a wrapped base64 text that is masked, bytes.
const MIN_WRAPPED: usize = 8;
/// Columns at which tools wrap base64: PEM's and MIME's.
const WRAPS: [usize; 2] = [64, 76];

/// Finds secrets in text.
#[derive(Clone, Default)]
pub struct Redactor {
    matcher: Option<AhoCorasick>,
    longest: usize,
}

impl Redactor {
    /// Knows these secrets; pieces shorter than [`MIN_SECRET`] are left alone.
    ///
    /// # Errors
    /// A sentence, when the secrets together are too large to be searched for.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            if secret.len() > MAX_SECRET {
                return Err(format!(
                    "a secret has {} bytes; at most {MAX_SECRET} can be kept out of a log",
                    secret.len()
                ));
            }
            let lines = secret.lines().map(str::trim);
            for piece in [secret, secret.trim()].into_iter().chain(lines) {
                if piece.len() >= MIN_SECRET {
                    forms.extend(forms_of(piece));
                }
            }
        }
        // A log line has lost its control characters before it is searched.
        let forms: BTreeSet<String> = forms
            .iter()
            .map(|form| clean(form.as_bytes()))
            .filter(|form| form.len() >= MIN_SECRET)
            .collect();
        if forms.is_empty() {
            return Ok(Self::default());
        }
        let matcher = AhoCorasick::new(&forms)
            .map_err(|error| format!("the secrets are too large to be searched for: {error}"))?;
        Ok(Self {
            matcher: Some(matcher),
            longest: forms.iter().map(String::len).max().unwrap_or(0),
        })
    }

    /// How much text has to be seen to be sure about its beginning, bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Where secrets stand: in order, not touching each other.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Some(matcher) = &self.matcher else {
            return Vec::new();
        };
        let mut found: Vec<Range<usize>> = matcher
            .find_overlapping_iter(text)
            .map(|hit| hit.range())
            .collect();
        found.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// The text without its secrets.
    pub fn redact(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut from = 0;
        for range in self.find(text) {
            clean.push_str(&text[from..range.start]);
            clean.push_str(MASK);
            from = range.end;
        }
        clean.push_str(&text[from..]);
        clean
    }

    /// The bytes without their secrets; bytes that hold none stay as they are.
    pub fn redact_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        let text = String::from_utf8_lossy(&bytes);
        if self.find(&text).is_empty() {
            return bytes;
        }
        self.redact(&text).into_bytes()
    }
}

fn forms_of(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    base64_forms(secret.as_bytes(), &mut forms);
    percent_forms(secret.as_bytes(), &mut forms);
    let hex = hex::encode(secret);
    forms.push(hex.to_ascii_uppercase());
    forms.push(hex);
    json_forms(secret, &mut forms);
    quoted_forms(secret, &mut forms);
    forms
}

fn base64_forms(secret: &[u8], forms: &mut Vec<String>) {
    for engine in [&STANDARD, &URL_SAFE] {
        let plain = engine.encode(secret);
        for wrap in WRAPS.into_iter().filter(|wrap| plain.len() > *wrap) {
            let lines = plain.as_bytes().chunks(wrap);
            let lines = lines.filter(|line| line.len() >= MIN_WRAPPED);
            forms.extend(lines.map(|line| String::from_utf8_lossy(line).into_owned()));
        }
        forms.push(plain.trim_end_matches('=').to_owned());
        forms.push(plain);
        // Inside a longer text the secret begins at one of three places of a group of four characters. What is certain
        // are the characters that it fills alone: those that it shares with its neighbours are left off.
        for before in 0..3 {
            let mut padded = vec![0; before];
            padded.extend_from_slice(secret);
            let text = engine.encode(&padded);
            let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
            if let Some(certain) = text.get(first..last) {
                forms.push(certain.to_owned());
            }
        }
    }
}

fn percent_forms(secret: &[u8], forms: &mut Vec<String>) {
    // RFC 3986's unreserved, encodeURIComponent's, a path's, encodeURI's, a form's, and nothing at all.
    let kept: [&[u8]; 6] = [
        b"-._~",
        b"-._~!*'()",
        b"-._~/",
        b"-._~!*'();/?:@&=+$,#",
        b"*-._",
        b"",
    ];
    for (number, kept) in kept.iter().enumerate() {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            let mut encoded = String::new();
            for &byte in secret {
                // The last set is of tools that encode every byte.
                if (byte.is_ascii_alphanumeric() && !kept.is_empty()) || kept.contains(&byte) {
                    encoded.push(char::from(byte));
                } else if byte == b' ' && number == 4 {
                    encoded.push('+');
                } else {
                    encoded.push('%');
                    encoded.push(char::from(digits[usize::from(byte >> 4)]));
                    encoded.push(char::from(digits[usize::from(byte & 15)]));
                }
            }
            forms.push(encoded);
        }
    }
}

fn json_forms(secret: &str, forms: &mut Vec<String>) {
    let plain = json_escaped(secret);
    let ascii = |upper: bool| -> String {
        let units = |c: char| {
            let mut buffer = [0; 2];
            let units = c.encode_utf16(&mut buffer);
            let hex = units.iter().map(|unit| match upper {
                true => format!("\\u{unit:04X}"),
                false => format!("\\u{unit:04x}"),
            });
            hex.collect::<String>()
        };
        let escape = |c: char| match c.is_ascii() {
            true => c.to_string(),
            false => units(c),
        };
        plain.chars().map(escape).collect()
    };
    // encoding/json of Go, and PHP and others with their escaped slash.
    let go = plain
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    forms.extend([ascii(true), ascii(false), go, plain.replace('/', "\\/")]);
    // JSON within a string of JSON, as structured logs have it.
    forms.push(json_escaped(&plain));
    forms.push(plain);
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn quoted_forms(secret: &str, forms: &mut Vec<String>) {
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    for (double, single) in [
        ("\"", "'"),
        ("&quot;", "&#39;"),
        ("&quot;", "&#x27;"),
        ("&#34;", "&#39;"),
    ] {
        forms.push(html.replace('"', double).replace('\'', single));
    }
    // `sh -x` and its relatives.
    forms.push(secret.replace('\'', "'\\''"));
    forms.push(secret.replace('\'', "'\"'\"'"));
    forms.push(secret.replace('\'', "\\'"));
    let plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-".contains(c);
    let escape = |c: char| match plain(c) {
        true => c.to_string(),
        false => format!("\\{c}"),
    };
    forms.push(secret.chars().map(escape).collect());
}

#[cfg(test)]
mod tests;
