//! Purpose: text of strangers made safe to show. Invisible characters are spelled out, then HTML is escaped.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

/// The escaper of every template: askama calls it for each text by itself, so that no page can forget it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Escape;

impl Escaper for Escape {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &visible(string))
    }
}

/// Shows what a reader could not see or could be misled by: control characters, ANSI escapes, bidirectional overrides
/// and invisible letters appear as `\u{202e}`. Tabs and line ends stay.
///
/// The bidirectional controls are those of <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_hidden(character: char) -> bool {
    if character.is_control() {
        return !matches!(character, '\n' | '\t');
    }
    matches!(character,
        // soft hyphen, Arabic letter mark, Hangul fillers, Mongolian separator
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}'
        // zero width, marks and directional embeddings, word joiner, isolates, byte order mark
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        // interlinear annotations, tag characters
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
