//! Purpose: text as one word of a POSIX shell. This is the only place where text of strangers meets shell syntax.

/// The text in single quotes, so that a shell takes it as it is: within them nothing is special but their end.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>
///
/// A NUL cannot be part of any word; the caller has refused it.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
