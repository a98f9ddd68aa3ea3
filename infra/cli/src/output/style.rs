//! Purpose: which colour a word has. A word always says what its colour says, so that nothing is lost without colours.

use anstyle::{AnsiColor, Effects, Style};

pub const PLAIN: Style = Style::new();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub const WAITING: Style = AnsiColor::Yellow.on_default();
pub const BUSY: Style = AnsiColor::Cyan.on_default();
pub const FAINT: Style = Style::new().effects(Effects::DIMMED);
pub const STRONG: Style = Style::new().effects(Effects::BOLD);

/// The text in this style.
pub fn paint(style: Style, text: &str) -> String {
    if style == PLAIN || text.is_empty() {
        return text.to_owned();
    }
    format!("{style}{text}{style:#}")
}

/// The style of a status word of a run, a task or an environment.
pub fn of_status(word: &str) -> Style {
    match word {
        "succeeded" | "deployed" | "approved" | "ok" => GOOD,
        "failed" | "timed out" | "lost" | "not started" | "rejected" | "expired"
        | "rolled back" | "missing" => BAD,
        "awaiting trust"
        | "awaiting approval"
        | "queued"
        | "waiting"
        | "waiting for its turn"
        | "frozen"
        | "stopping"
        | "warn" => WAITING,
        "running" | "deploying" | "about to deploy" | "settling" | "starting" | "claimed" => BUSY,
        "skipped" | "superseded" | "cancelled" | "not deployed" => FAINT,
        _ => PLAIN,
    }
}

/// A status word in its colour.
pub fn status(word: &str) -> String {
    paint(of_status(word), word)
}

/// One character that goes before a status word.
pub fn mark(word: &str) -> &'static str {
    let style = of_status(word);
    if style == GOOD {
        "✓"
    } else if style == BAD {
        "✗"
    } else if style == BUSY {
        "●"
    } else if style == WAITING {
        "◌"
    } else {
        "–"
    }
}
