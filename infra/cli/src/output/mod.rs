//! Purpose: everything that is written: colours where they are wanted, tables, JSON, and what went wrong.

pub mod events;
pub mod style;
pub mod table;

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use anstream::ColorChoice;
use domain::words;
use jiff::Timestamp;
use serde::Serialize;

use crate::args::Color;
use crate::failure::Failure;

/// The exit status of a program whose reader went away: 128 + SIGPIPE.
const CLOSED: u8 = 141;
/// Narrower than this, lines are broken by the terminal.
const MIN_WIDTH: usize = 40;

/// Decides about colours, once, for both outputs. `auto` honours `NO_COLOR` (<https://no-color.org>), `CLICOLOR_FORCE` and
/// whether a terminal is there.
pub fn set_color(color: Color) {
    let choice = match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether standard output takes colours.
pub fn is_colored() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Whether a person looks at standard error, where progress is shown.
pub fn is_live() -> bool {
    io::stderr().is_terminal()
}

/// Columns of standard output: `COLUMNS`, or what the terminal says. Without a terminal nothing is cut or broken, because
/// another program reads it.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse::<usize>().ok());
    let terminal = || terminal_size::terminal_size_of(io::stdout());
    columns
        .or_else(|| terminal().map(|(width, _)| usize::from(width.0)))
        .map_or(usize::MAX, |width| width.max(MIN_WIDTH))
}

/// A sentence as lines of the terminal, each after so many blanks.
pub fn wrapped(text: &str, indent: usize) -> String {
    let width = Some(width()).filter(|width| *width < usize::MAX);
    format!("{}\n", fill(text, width, indent))
}

fn fill(text: &str, width: Option<usize>, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    let Some(width) = width else {
        return format!("{blanks}{text}");
    };
    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .initial_indent(&blanks)
        .subsequent_indent(&blanks);
    textwrap::fill(text, options)
}

/// Writes text to standard output; colours are taken out where they are not wanted.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| failed(&error))
}

/// Writes one line.
pub fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    write(&format!("{}\n", text.as_ref()))
}

/// Writes one JSON document, as people can read it too.
pub fn document(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| not_json(&error))?;
    line(text)
}

/// Writes one JSON line.
pub fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| not_json(&error))?;
    line(text)
}

/// Says on standard error what went wrong and what to do next.
pub fn fail(failure: &Failure, json: bool) {
    if failure.what.is_empty() {
        return;
    }
    if json {
        let said = serde_json::json!({
            "error": failure.what,
            "help": failure.help,
            "code": failure.code,
        });
        anstream::eprintln!("{said}");
        return;
    }
    let error = style::paint(style::BAD, "error:");
    anstream::eprint!("{}", complaint(&error, 7, &failure.what));
    if let Some(text) = &failure.help {
        let help = style::paint(style::STRONG, "help:");
        anstream::eprint!(" {}", complaint(&help, 7, text));
    }
}

/// A word and what it says, broken for the terminal that standard error is.
fn complaint(word: &str, indent: usize, text: &str) -> String {
    let terminal = terminal_size::terminal_size_of(io::stderr());
    let width = terminal.map(|(width, _)| usize::from(width.0).max(MIN_WIDTH));
    let lines: Vec<String> = text.lines().map(|line| fill(line, width, indent)).collect();
    format!("{word} {}\n", lines.join("\n").trim_start())
}

/// Says something on standard error that is not an error.
pub fn note(text: &str) {
    anstream::eprintln!("{text}");
}

/// `3 minutes ago`, from milliseconds since the epoch.
pub fn ago(at_ms: i64, now: Timestamp) -> String {
    match Timestamp::from_millisecond(at_ms) {
        Ok(at) => words::relative(at, now),
        Err(_) => "at an unknown time".to_owned(),
    }
}

/// `2026-03-01 12:34:56 UTC`, from milliseconds since the epoch.
pub fn exact(at_ms: i64) -> String {
    match Timestamp::from_millisecond(at_ms) {
        Ok(at) => words::exact(at),
        Err(_) => "at an unknown time".to_owned(),
    }
}

/// Text of strangers on one line, without characters that move the cursor or hide what is there.
pub fn clean(text: &str) -> String {
    engine::approvals::line(text, usize::MAX)
}

fn failed(error: &io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        // Nobody listens any more: say nothing.
        return Failure {
            what: String::new(),
            help: None,
            code: CLOSED,
        };
    }
    Failure::unavailable(format!("standard output cannot be written: {error}"))
}

fn not_json(error: &serde_json::Error) -> Failure {
    Failure::negative(format!("the answer cannot be said in JSON: {error}"))
}
