//! Purpose: diagnostics as a person reads them in a terminal: the place, the one line, a caret, what to do.

use super::diagnostic::{Diagnostic, visible};

/// At most this many characters of a long line are shown.
const MAX_WIDTH: usize = 160;

struct Colors {
    error: &'static str,
    frame: &'static str,
    bold: &'static str,
    end: &'static str,
}

const PLAIN: Colors = Colors {
    error: "",
    frame: "",
    bold: "",
    end: "",
};
/// <https://www.ecma-international.org/publications-and-standards/standards/ecma-48/>
const ANSI: Colors = Colors {
    error: "\x1b[1;31m",
    frame: "\x1b[1;34m",
    bold: "\x1b[1m",
    end: "\x1b[0m",
};

/// The diagnostics of this text in the manner of a compiler. Only the line of the mistake is shown, never its
/// neighbours, and no character of it can move the cursor. Ends with the count; empty without diagnostics.
pub fn render(path: &str, text: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let Colors { bold, end, .. } = if color { &ANSI } else { &PLAIN };
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&one(
            path,
            &lines,
            diagnostic,
            if color { &ANSI } else { &PLAIN },
        ));
    }
    match diagnostics.len() {
        0 => {}
        1 => out.push_str(&format!("{bold}{path}: 1 mistake{end}\n")),
        n => out.push_str(&format!("{bold}{path}: {n} mistakes{end}\n")),
    }
    out
}

fn one(path: &str, lines: &[&str], diagnostic: &Diagnostic, colors: &Colors) -> String {
    let Colors {
        error,
        frame,
        bold,
        end,
    } = colors;
    let Diagnostic {
        code,
        message,
        help,
        line,
        column,
        length,
    } = diagnostic;
    let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let source = lines.get(index).copied().unwrap_or("");
    let before = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    // A long line is shown from a little before the mistake.
    let skip = if before > MAX_WIDTH / 2 {
        before - MAX_WIDTH / 4
    } else {
        0
    };
    let shown: String = source.chars().skip(skip).take(MAX_WIDTH).map(tab).collect();
    let indent = before - skip;
    let carets = usize::try_from(*length)
        .unwrap_or(MAX_WIDTH)
        .clamp(1, MAX_WIDTH.saturating_sub(indent).max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let (spaces, carets) = (" ".repeat(indent), "^".repeat(carets));
    let help = help
        .as_ref()
        .map(|help| format!("{gutter} {frame}={end} help: {help}\n"));
    [
        format!("{error}error[{code}]{end}{bold}: {message}{end}\n"),
        format!("{gutter}{frame}-->{end} {path}:{line}:{column}\n"),
        format!("{frame}{number} |{end} {shown}\n"),
        format!("{gutter} {frame}|{end} {spaces}{error}{carets}{end}\n"),
        help.unwrap_or_default(),
        "\n".to_owned(),
    ]
    .concat()
}

/// A tab takes one column, as the caret does.
fn tab(c: char) -> char {
    if c == '\t' { ' ' } else { visible(c) }
}

#[cfg(test)]
mod tests;
