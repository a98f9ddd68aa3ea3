//! Purpose: text of strangers as one short line: no line ends, nothing invisible, nothing that turns the writing around.
//!
//! It is still text: whoever puts it into HTML escapes it there.

/// Characters of a person's, file's or branch's name.
pub const MAX_NAME: usize = 80;
/// Characters of a commit's title.
pub const MAX_TITLE: usize = 120;
/// Characters of a sentence, of a test's message for instance.
pub const MAX_SENTENCE: usize = 300;
/// Characters of a decision's reason.
pub const MAX_REASON: usize = 1_000;

/// The text on one line, at most `max` characters of it. Characters that are invisible or change the direction of writing
/// are spelled out, as `\u{202e}` (<https://trojansource.codes/>).
pub fn line(text: &str, max: usize) -> String {
    let mut shown = String::new();
    let mut chars = text.trim().chars();
    for c in chars.by_ref().take(max) {
        match c {
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                if !shown.ends_with(' ') {
                    shown.push(' ');
                }
            }
            c if is_invisible(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    if chars.next().is_some() {
        shown.push('…');
    }
    shown.trim_end().to_owned()
}

/// Format characters of Unicode that a reader cannot see: direction, joining, tags
/// (<https://www.unicode.org/reports/tr9/>, <https://www.unicode.org/reports/tr36/>).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}
