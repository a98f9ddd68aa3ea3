//! Purpose: `slipway doctor`: what is missing on this machine or between it and GitHub, and how to mend it.

mod host;
mod machine;

use serde::Serialize;
use serde_json::json;

use crate::app;
use crate::args::{DoctorArgs, Global};
use crate::cloud;
use crate::data;
use crate::failure::{Failure, NEGATIVE};
use crate::machine::lock;
use crate::output::{self, style};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    /// It works, but somebody should know.
    Warn,
    /// Something will not work before it is mended.
    Missing,
}

impl Health {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Missing => "missing",
        }
    }
}

/// One check. Its name is a kind of thing, of which there may be several.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    name: &'static str,
    health: Health,
    /// What was found, in one sentence without a full stop.
    found: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Check {
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        let found = found.into();
        Self {
            name,
            health: Health::Ok,
            found,
            help: None,
        }
    }

    /// Whether something will not work before it is mended.
    #[cfg_attr(
        not(feature = "github"),
        expect(dead_code, reason = "only GitHub's checks ask")
    )]
    pub fn is_missing(&self) -> bool {
        self.health == Health::Missing
    }

    pub fn warn(name: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        let (found, help) = (found.into(), Some(help.into()));
        Self {
            name,
            health: Health::Warn,
            found,
            help,
        }
    }

    pub fn missing(name: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        let (found, help) = (found.into(), Some(help.into()));
        Self {
            name,
            health: Health::Missing,
            found,
            help,
        }
    }
}

/// Checks everything; 1 when something is missing.
pub async fn run(global: &Global, args: &DoctorArgs) -> Result<u8, Failure> {
    if let Some(stack) = &global.aws {
        let checks = cloud::app_checks(stack).await?;
        return tell(global, &checks, "stack", "Stack", stack);
    }
    let dir = data::dir(global)?;
    let mut checks = vec![host::git().await, host::shell().await];
    checks.extend(machine::checks(&dir).await);
    checks.push(host::port(args.port, lock::running(&dir).is_some()));
    checks.extend(app::checks(&dir).await);
    tell(
        global,
        &checks,
        "data",
        "Data directory",
        &dir.display().to_string(),
    )
}

/// Says how they came out; the exit status.
fn tell(
    global: &Global,
    checks: &[Check],
    key: &str,
    label: &str,
    place: &str,
) -> Result<u8, Failure> {
    let missing = checks
        .iter()
        .filter(|check| check.health == Health::Missing)
        .count();
    if global.json {
        output::document(&json!({ key: place, "healthy": missing == 0, "checks": checks }))?;
    } else {
        print(checks)?;
        let verdict = match missing {
            0 => style::paint(style::GOOD, "Nothing is missing."),
            1 => style::paint(style::BAD, "One thing is missing."),
            many => style::paint(style::BAD, &format!("{many} things are missing.")),
        };
        output::line(format!("\n{verdict} {label}: {place}"))?;
    }
    Ok(if missing == 0 { 0 } else { NEGATIVE })
}

fn print(checks: &[Check]) -> Result<(), Failure> {
    let widest = checks
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    // The blanks stand for mark and name, whose colours must not count as columns.
    let indent = 9 + 2 + widest + 2;
    for check in checks {
        let word = check.health.word();
        let mark = format!("{} {word:<7}", style::mark(word));
        let mark = style::paint(style::of_status(word), &mark);
        let name = style::paint(style::STRONG, &format!("{:<widest$}", check.name));
        let found = output::wrapped(&output::clean(&check.found), indent);
        output::write(&format!("{mark}  {name}  {}", found.trim_start()))?;
        if let Some(help) = &check.help {
            output::write(&output::wrapped(help, indent))?;
        }
    }
    Ok(())
}
