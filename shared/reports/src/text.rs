//! Purpose: text from a report made fit to be shown: no escape sequences, no control or direction characters, a bounded
//! length, and of a long failure the part that says what is wrong.

use crate::Known;
use crate::locate::{rust_panic, starts_with_place};

/// Characters kept of a message.
pub const MAX_MESSAGE: usize = 500;
/// Characters kept of a name: a test, a rule, a file.
pub const MAX_NAME: usize = 300;
/// Lines kept of a message.
const MAX_LINES: usize = 10;

/// The text without ANSI and OSC escape sequences, control characters (a line break stays, a tab becomes a space), and
/// the invisible characters that change how the text around them reads: direction overrides and isolates
/// (<https://trojansource.codes>), zero-width spaces, tags.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Line by line, so that an escape sequence without its end cannot swallow more than its own line.
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if line.contains(is_control_sequence) {
            // The stripper drops tabs and lone carriage returns, which separate words.
            let line = line.replace(['\t', '\r'], " ");
            out.extend(
                strip_ansi_escapes::strip_str(line)
                    .chars()
                    .filter_map(visible),
            );
        } else {
            out.extend(line.chars().filter_map(visible));
        }
    }
    out
}

/// What begins an escape sequence: ESC, or one of the C1 controls.
fn is_control_sequence(c: char) -> bool {
    c == '\u{1b}' || ('\u{80}'..='\u{9f}').contains(&c)
}

fn visible(c: char) -> Option<char> {
    match c {
        '\t' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}' => None,
        _ if c.is_control() => None,
        _ => Some(c),
    }
}

/// At most `max` characters, with `…` where something was cut off.
pub fn cap(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// One clean line of at most `max` characters.
pub fn line(text: &str, max: usize) -> String {
    let clean = clean(text);
    cap(&clean.split_whitespace().collect::<Vec<_>>().join(" "), max)
}

/// The name of a file as a person finds it in the repository: relative to the checkout where it is below it.
pub fn file(name: &str, known: &Known) -> String {
    let name = name.strip_prefix("file://").unwrap_or(name);
    let below = known
        .checkout
        .as_deref()
        .map(|root| root.trim_end_matches('/'))
        .filter(|root| !root.is_empty())
        .and_then(|root| name.strip_prefix(root))
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(name);
    line(below.trim_start_matches("./"), MAX_NAME)
}

/// What a failure's text says, its first lines, at most [`MAX_MESSAGE`] characters. Of a Rust panic it is what follows
/// `panicked at`; a place before the first word (`cart_test.go:42: `) is left out, for it is kept on its own.
pub fn message(text: &str) -> String {
    let text = clean(text);
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    if let Some(at) = lines.iter().position(|line| rust_panic(line).is_some()) {
        let quoted = rust_panic(lines[at]).and_then(|panic| panic.quoted);
        lines.drain(..=at);
        if let Some(quoted) = quoted {
            return cap(quoted.trim(), MAX_MESSAGE);
        }
    }
    let kept: Vec<&str> = lines
        .into_iter()
        .skip_while(|line| line.trim().is_empty())
        .take_while(|line| !is_after_the_message(line))
        .take(MAX_LINES)
        .collect();
    let kept = kept.join("\n");
    let kept = starts_with_place(&kept).map_or(kept.as_str(), |rest| rest);
    cap(kept.trim(), MAX_MESSAGE)
}

/// What the runtimes of Rust and Go add below the message of a panic.
fn is_after_the_message(line: &str) -> bool {
    let starts = [
        "note: run with `RUST_BACKTRACE",
        "stack backtrace:",
        "goroutine ",
    ];
    starts.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests;
