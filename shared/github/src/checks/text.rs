//! Purpose: texts of check runs held to GitHub's limits; what strangers wrote is made safe by [`crate::text`].

use crate::text::{self, Cap};

/// Longest text of a check run, bytes; GitHub counts characters. <https://docs.github.com/en/rest/checks/runs>
pub(super) const MAX_TEXT: usize = 65_535;
/// What a text that was too long ends with.
const REST: &str = "\n\nThere is more on the page of the run.";

/// Plain text in one line of at most `max` characters, for fields that GitHub shows as they are.
pub(super) fn line(text: &str, max: usize) -> String {
    text::plain(text, cap(max))
}

/// One line for Markdown that says what the text says and nothing else, also in a cell of a table.
pub(super) fn markdown(text: &str, max: usize) -> String {
    text::inline(text, cap(max))
}

/// A link, also in a cell of a table. Whatever means something to Markdown is encoded in the address.
/// <https://github.github.com/gfm/#link-destination>
pub(super) fn link(label: &str, max: usize, url: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:?=,;@%#+".contains(&byte);
    let encode = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false if byte == b'&' => "&amp;".to_owned(),
        false => format!("%{byte:02X}"),
    };
    let url: String = url.bytes().map(encode).collect();
    format!("[{}]({url})", markdown(label, max))
}

fn cap(chars: usize) -> Cap {
    let bytes = chars.saturating_mul(char::MAX.len_utf8());
    Cap { chars, bytes }
}

/// The text, cut after a line if it is too long for GitHub.
pub(super) fn bounded(mut text: String) -> String {
    if text.len() <= MAX_TEXT {
        return text;
    }
    let room = MAX_TEXT - REST.len();
    let end = text
        .char_indices()
        .rfind(|(at, character)| *at <= room && *character == '\n');
    text.truncate(end.map_or(0, |(at, _)| at));
    text.push_str(REST);
    text
}
