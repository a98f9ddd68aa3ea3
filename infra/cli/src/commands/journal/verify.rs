//! Purpose: `slipway journal verify`: every hash chain, every head and, where there is one, the file itself; names the first
//! bad row.

use engine::audit::{self, Audit, Counts};
use serde_json::{Value, json};

use super::Asked;
use crate::args::Global;
use crate::failure::{Failure, NEGATIVE};
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, style};

/// Checks it; 1 when anything is wrong.
pub async fn run(global: &Global, asked: &Asked, prefix: &str) -> Result<u8, Failure> {
    let in_file = match &asked.file {
        Some(file) => file.check_file().await?,
        None => Vec::new(),
    };
    let audit = audit::verify_all(&*asked.journal, prefix).await?;
    let sound = in_file.is_empty() && audit.findings.is_empty();
    if global.json {
        output::document(&as_json(asked, &in_file, &audit))?;
    } else {
        print(asked, &in_file, &audit)?;
    }
    Ok(if sound { 0 } else { NEGATIVE })
}

fn print(asked: &Asked, in_file: &[String], audit: &Audit) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("KIND", Fit::Whole),
        ("STREAMS", Fit::Whole),
        ("COMMITS", Fit::Whole),
        ("EVENTS", Fit::Whole),
    ]);
    let mut row = |name: &str, counts: &Counts| {
        let numbers = [counts.streams, counts.commits, counts.events];
        let cells = numbers.map(|number| Cell::new(number.to_string()));
        table.row(std::iter::once(Cell::new(name)).chain(cells));
    };
    for (kind, counts) in &audit.kinds {
        row(kind, counts);
    }
    row("all", &audit.total());
    output::write(&table.render(output::width()))?;
    let place = &asked.place;
    let bad = style::paint(style::BAD, "✗");
    for why in in_file {
        output::line(format!("{bad} the file: {}", output::clean(why)))?;
    }
    for finding in &audit.findings {
        output::line(format!("{bad} {}", output::clean(&finding.to_string())))?;
    }
    if in_file.is_empty() && audit.findings.is_empty() {
        let said = style::paint(style::GOOD, "every hash chain holds");
        return output::line(format!("{place}: {said}"));
    }
    let said = style::paint(style::BAD, "the journal is corrupt");
    output::line(format!("{place}: {said}"))?;
    output::note(match asked.file {
        Some(_) => {
            "Stop the machine, keep a copy of this file as evidence, and restore the last backup that verifies."
        }
        None => {
            "Mend no row: the table is evidence now. docs/operations.md says how to restore it (Restore)."
        }
    });
    Ok(())
}

fn as_json(asked: &Asked, in_file: &[String], audit: &Audit) -> Value {
    let counts = |counts: &Counts| json!({ "streams": counts.streams, "commits": counts.commits, "events": counts.events });
    let kinds: serde_json::Map<String, Value> = audit
        .kinds
        .iter()
        .map(|(kind, of)| (kind.clone(), counts(of)))
        .collect();
    let findings: Vec<Value> = audit
        .findings
        .iter()
        .map(|f| json!({ "stream": f.stream, "commit": f.commit, "why": f.why }))
        .collect();
    json!({
        "journal": asked.place,
        "sound": in_file.is_empty() && findings.is_empty(),
        "total": counts(&audit.total()),
        "kinds": kinds,
        "file": in_file,
        "findings": findings,
    })
}
