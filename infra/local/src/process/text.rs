//! Purpose: from a program's bytes to the lines of a log: terminal sequences out, secrets out, lines of bounded length.

use std::sync::Arc;

use anstream::adapter::StripBytes;

use super::redact::Redactor;

/// Longest line of a log, bytes; a longer one becomes several.
pub const LINE_LIMIT: usize = 16 << 10;

/// The text without control characters (a tab stays) and with a mark where text would run the other way.
pub fn clean(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| *c == '\t' || !c.is_control())
        .map(|c| if is_bidi(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Characters that change the direction of text. <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Cuts one stream of a program into lines.
///
/// A carriage return goes back to the line's beginning, as on a terminal: of a progress bar, its last state is kept.
pub struct Lines {
    redactor: Arc<Redactor>,
    strip: StripBytes,
    pending: Vec<u8>,
    returned: bool,
}

impl Lines {
    /// Lines without these secrets.
    pub fn new(redactor: Arc<Redactor>) -> Self {
        Self {
            redactor,
            strip: StripBytes::new(),
            pending: Vec::new(),
            returned: false,
        }
    }

    /// Takes what the program wrote next; gives the lines that are whole now.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut segments = chunk.split(|byte| *byte == b'\n');
        if let Some(first) = segments.next() {
            self.feed(first);
        }
        for segment in segments {
            self.end_line(&mut lines);
            self.feed(segment);
        }
        if self.pending.len() > LINE_LIMIT + self.redactor.longest() {
            self.spill(&mut lines);
        }
        lines
    }

    /// The last line, where the program did not end it.
    pub fn finish(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.pending.is_empty() {
            self.end_line(&mut lines);
        }
        lines
    }

    fn feed(&mut self, segment: &[u8]) {
        for printable in self.strip.strip_next(segment) {
            for (number, part) in printable.split(|byte| *byte == b'\r').enumerate() {
                self.returned |= number > 0;
                if self.returned && !part.is_empty() {
                    self.pending.clear();
                    self.returned = false;
                }
                self.pending.extend_from_slice(part);
            }
        }
    }

    fn end_line(&mut self, lines: &mut Vec<String>) {
        let text = self.redactor.redact(&clean(&self.pending));
        split(&text, lines);
        self.pending.clear();
        self.returned = false;
        // A sequence that was never finished must not swallow the rest of the output.
        self.strip = StripBytes::new();
    }

    /// Gives away the beginning of a long line, as far as no secret can still begin in it.
    fn spill(&mut self, lines: &mut Vec<String>) {
        let rest = incomplete_tail(&self.pending);
        let whole = self.pending.len() - rest;
        let text = clean(&self.pending[..whole]);
        let sure = text.len().saturating_sub(self.redactor.longest());
        let mut cut = text.floor_char_boundary(sure);
        if let Some(across) = self
            .redactor
            .find(&text)
            .into_iter()
            .find(|found| found.start < cut && found.end > cut)
        {
            cut = match across.start {
                0 => across.end,
                start => start,
            };
        }
        split(&self.redactor.redact(&text[..cut]), lines);
        let mut kept = text.as_bytes()[cut..].to_vec();
        kept.extend_from_slice(&self.pending[whole..]);
        self.pending = kept;
    }
}

/// Bytes at the end that begin a character whose rest has not come yet.
fn incomplete_tail(bytes: &[u8]) -> usize {
    for (before, byte) in bytes.iter().rev().take(3).enumerate() {
        let length = match byte {
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => return 0,
        };
        let there = before + 1;
        return if there < length { there } else { 0 };
    }
    0
}

fn split(mut text: &str, lines: &mut Vec<String>) {
    while text.len() > LINE_LIMIT {
        let (head, tail) = text.split_at(text.floor_char_boundary(LINE_LIMIT));
        lines.push(head.to_owned());
        text = tail;
    }
    lines.push(text.to_owned());
}

#[cfg(test)]
mod tests;
