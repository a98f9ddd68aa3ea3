//! Purpose: one mistake in a pipeline file, with its place; and the list in which a reading collects them all.

use serde::Serialize;

/// More mistakes than this are counted, not listed.
pub const MAX_DIAGNOSTICS: usize = 100;
/// A word longer than this, or one among more candidates than this, gets no "did you mean".
const MAX_SUGGESTION: (usize, usize) = (64, 256);
/// User text in a message is cut after this many characters.
const MAX_SHOWN: usize = 48;

/// One mistake. Lines and columns count from 1, columns and lengths in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of mistake: `unknown-key`. Stable; programs may rely on it.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Line, from 1.
    pub line: u32,
    /// Column of the first character, from 1.
    pub column: u32,
    /// Characters to underline, at least 1, never beyond the line.
    pub length: u32,
}

/// Where something stands in the text. Columns and lengths are in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
    pub length: u32,
}

impl Place {
    /// The first character of the text.
    pub const START: Self = Self {
        line: 1,
        column: 1,
        length: 1,
    };
}

/// A mistake that does not know its place yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
}

impl Complaint {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Collects the mistakes of one reading.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    unlisted: usize,
}

impl Diagnostics {
    /// Notes a mistake. The same mistake at the same place (seen through an alias) counts once.
    pub fn add(&mut self, place: Place, complaint: Complaint) {
        let Complaint {
            code,
            message,
            help,
        } = complaint;
        let Place {
            line,
            column,
            length,
        } = place;
        let new = Diagnostic {
            code,
            message,
            help,
            line,
            column,
            length: length.max(1),
        };
        if self.list.contains(&new) {
            return;
        }
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(new);
        } else {
            self.unlisted += 1;
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Everything, in the order of the text.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            (a.line, a.column, a.code, &a.message).cmp(&(b.line, b.column, b.code, &b.message))
        });
        if let (true, Some(last)) = (self.unlisted > 0, self.list.last()) {
            let message = format!("{} more mistakes are not listed", self.unlisted);
            self.list.push(Diagnostic {
                code: "more",
                message,
                help: Some("correct these first".to_owned()),
                ..*last
            });
        }
        self.list
    }
}

/// The candidate that somebody who wrote `word` most likely meant.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (max_length, max_candidates) = MAX_SUGGESTION;
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let word = plain(word);
    let length = word.chars().count();
    if length > max_length {
        return None;
    }
    candidates
        .into_iter()
        .take(max_candidates)
        .filter(|candidate| candidate.len() <= max_length)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &plain(candidate)),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= 1 + length.min(candidate.len()) / 4)
        .filter(|(distance, candidate)| *distance < length.max(candidate.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean `x`?` in front of what is allowed.
pub fn did_you_mean(suggestion: Option<&str>, allowed: String) -> String {
    match suggestion {
        Some(suggestion) => format!("did you mean `{suggestion}`? {allowed}"),
        None => allowed,
    }
}

/// User text for a message: in backticks, cut, and without characters that move a terminal's cursor.
pub fn shown(text: &str) -> String {
    let mut kept: String = text.chars().take(MAX_SHOWN).map(visible).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        kept.push('…');
    }
    format!("`{kept}`")
}

/// The character, or `�` where it would be invisible or would change how the text around it looks
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
pub fn visible(c: char) -> char {
    let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    if c.is_control() || hidden {
        '\u{fffd}'
    } else {
        c
    }
}

/// `a, b, c`, each in backticks.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words
        .into_iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
