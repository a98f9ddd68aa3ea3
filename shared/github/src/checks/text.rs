//! Purpose: text of strangers made safe to show on GitHub, and texts held to GitHub's limits.

/// Longest text of a check run, bytes; GitHub counts characters. <https://docs.github.com/en/rest/checks/runs>
pub(super) const MAX_TEXT: usize = 65_535;
/// What a text that was too long ends with.
const REST: &str = "\n\nThere is more on the page of the run.";

/// Plain text in one line of at most `max` characters. What a reader could not see is spelled out.
pub(super) fn line(text: &str, max: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut shown = String::new();
    for (count, character) in words.join(" ").chars().enumerate() {
        if count == max {
            shown.push('…');
            break;
        }
        match is_hidden(character) {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

/// One line for Markdown that says what the text says and nothing else: no link, no image, no HTML, no mention.
///
/// A backslash takes the meaning from every punctuation character:
/// <https://spec.commonmark.org/0.31.2/#backslash-escapes>. What GitHub makes links of afterwards begins with `@` or `#`,
/// so a word joiner follows those.
pub(super) fn markdown(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for character in line(text, max).chars() {
        if character.is_ascii_punctuation() {
            shown.push('\\');
        }
        shown.push(character);
        if matches!(character, '@' | '#') {
            shown.push('\u{2060}');
        }
    }
    shown
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

/// Control characters, bidirectional controls, what has no width.
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
