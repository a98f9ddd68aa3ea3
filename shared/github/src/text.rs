//! Purpose: texts of others made safe to publish: no mention, reference, link, image, HTML or hidden character of theirs has
//! an effect in a comment or a check of ours.
//!
//! What GitHub makes of text: <https://github.github.com/gfm/> and
//! <https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls>.
//! GitHub finds mentions and references in the rendered text, so escapes do not stop them: a zero-width space does. Names
//! of commits and of emoji stay as they are: neither calls anybody nor leads away.

use unicode_general_category::{GeneralCategory as Category, get_general_category};

/// How long a text may be at most once it is made safe; both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    pub chars: usize,
    pub bytes: usize,
}

/// A title, a headline, a cell.
pub const LINE: Cap = Cap {
    chars: 300,
    bytes: 1_200,
};
/// A block of code: the lines of a log that say what is wrong.
pub const BLOCK: Cap = Cap {
    chars: 16_000,
    bytes: 48_000,
};
/// The body of a comment; what is longer is refused by GitHub.
pub const COMMENT: Cap = Cap {
    chars: 65_536,
    bytes: 262_144,
};

/// Ends a text that was cut.
const CUT: char = '…';
/// Parts what GitHub would take for a mention or a reference; not seen by people.
const PART: char = '\u{200b}';
/// What means something to Markdown wherever it stands in a line.
const MARKS: &str = "\\`*_[]<>|~&^";
/// A fence of code is this long at least.
const MIN_FENCE: usize = 3;

/// The text in characters of an allow-list: letters, marks, digits, punctuation, symbols, plain spaces and line breaks.
/// Escape sequences of terminals, control characters and those that hide or change the direction of others are left out.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Line by line, so that an escape sequence without its end cannot swallow more than its own line.
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = line.replace(['\t', '\r', '\u{2028}', '\u{2029}'], " ");
        let line = strip_ansi_escapes::strip_str(line);
        out.extend(line.chars().filter(|c| is_shown(*c)).map(plain_space));
    }
    out
}

/// One line for a field that GitHub shows as it is, such as the title of a check: nothing is escaped.
pub fn plain(text: &str, cap: Cap) -> String {
    cut(&one_line(text), cap)
}

/// One line of running text, with every mark escaped; safe wherever in a line it is put, also in a cell of a table.
pub fn inline(text: &str, cap: Cap) -> String {
    let line = one_line(text);
    let chars: Vec<char> = line.chars().collect();
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let escaped = chars.iter().enumerate().map(|(at, c)| {
        // A list, a heading or a rule begins with a mark, or with a number and a mark.
        let begins = c.is_ascii_punctuation() && (at == 0 || (at == digits && ".)".contains(*c)));
        let mut piece = String::new();
        match c {
            // Formulas are found before escapes are read.
            '$' => piece.push_str("&#36;"),
            _ if begins || MARKS.contains(*c) => piece.extend(['\\', *c]),
            _ => piece.push(*c),
        }
        if is_parted(&chars, at) {
            piece.push(PART);
        }
        piece
    });
    within(escaped, cap)
}

/// One cell of a table, never empty, so that the table keeps its shape.
pub fn cell(text: &str, cap: Cap) -> String {
    let cell = inline(text, cap);
    if cell.is_empty() {
        "–".to_owned()
    } else {
        cell
    }
}

/// One line as code, in which GitHub finds nothing; empty where the text is. Not for tables: a `|` would end the cell.
pub fn code(text: &str, cap: Cap) -> String {
    let line = one_line(text);
    let fence = |line: &str| "`".repeat(longest_run(line) + 1);
    // Two fences, a space beside each.
    let line = fitted(&line, cap, |line| 2 * (fence(line).len() + 1));
    if line.is_empty() {
        return line;
    }
    let fence = fence(&line);
    if line.starts_with('`') || line.ends_with('`') {
        format!("{fence} {line} {fence}")
    } else {
        format!("{fence}{line}{fence}")
    }
}

/// Lines as a block of code, between fences longer than any within. The block begins and ends at the margin.
pub fn block(text: &str, cap: Cap) -> String {
    let text = clean(text);
    let fence = |text: &str| "`".repeat(MIN_FENCE.max(longest_run(text) + 1));
    // Two fences, a line break after the first and before the last.
    let text = fitted(text.trim_end(), cap, |text| 2 * (fence(text).len() + 1));
    let fence = fence(&text);
    format!("{fence}\n{text}\n{fence}")
}

/// The text, cut where it is longer; a cut one ends in `…`.
pub fn cut(text: &str, cap: Cap) -> String {
    within(text.chars().map(String::from), cap)
}

/// Whole pieces, so that no escape is cut in two.
fn within(pieces: impl Iterator<Item = String>, cap: Cap) -> String {
    let mut out = String::new();
    let mut chars = 0;
    // Where the text ends if it has to be cut: there `…` still has room.
    let mut end = 0;
    for piece in pieces {
        if chars < cap.chars && out.len() + CUT.len_utf8() <= cap.bytes {
            end = out.len();
        }
        chars += piece.chars().count();
        out.push_str(&piece);
        if chars > cap.chars || out.len() > cap.bytes {
            out.truncate(end);
            out.extend((cap.chars > 0 && cap.bytes >= CUT.len_utf8()).then_some(CUT));
            return out;
        }
    }
    out
}

/// The text, cut so that what is put around it has room too.
fn fitted(text: &str, cap: Cap, around: impl Fn(&str) -> usize) -> String {
    let less = |size: usize| Cap {
        chars: cap.chars.saturating_sub(size),
        bytes: cap.bytes.saturating_sub(size),
    };
    let first = cut(text, cap);
    // A shorter text never has longer fences.
    cut(text, less(around(&first)))
}

/// Words with one space between them.
fn one_line(text: &str) -> String {
    let clean = clean(text);
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Backticks in a row at most.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or(0)
}

/// Whether a mention (`@team`), a reference (`#12`, `GH-12`) or an address (`https://`, `www.`) is to be parted here.
fn is_parted(chars: &[char], at: usize) -> bool {
    let before = |text: &str| {
        let from = at.checked_sub(text.len());
        let word = from.and_then(|from| chars.get(from..at));
        word.is_some_and(|word| word.iter().collect::<String>().eq_ignore_ascii_case(text))
    };
    let next = chars.get(at + 1);
    match chars[at] {
        '@' | '#' => next.is_some_and(|c| c.is_alphanumeric() || *c == '_'),
        ':' => next == Some(&'/'),
        '-' => before("gh") && next.is_some_and(char::is_ascii_digit),
        'w' | 'W' => before("ww") && next == Some(&'.'),
        _ => false,
    }
}

/// Whether a character is of the allow-list: <https://www.unicode.org/reports/tr44/#General_Category_Values>.
fn is_shown(c: char) -> bool {
    // Letters and symbols that draw nothing: <https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>.
    let blank = matches!(
        c,
        '\u{034f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
    ) || matches!(c, '\u{180b}'..='\u{180f}' | '\u{e0100}'..='\u{e01ef}');
    let hidden = matches!(
        get_general_category(c),
        Category::Control
            | Category::Format
            | Category::Surrogate
            | Category::PrivateUse
            | Category::Unassigned
            | Category::LineSeparator
            | Category::ParagraphSeparator
    );
    !blank && !hidden
}

fn plain_space(c: char) -> char {
    if c.is_whitespace() { ' ' } else { c }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
