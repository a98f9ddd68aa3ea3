//! Purpose: `slipway journal verify`: every hash chain, every head and the file itself; names the first bad row.

use engine::audit::{self, Audit, Counts};
use local::journal::SqliteJournal;
use serde_json::{Value, json};

use crate::args::Global;
use crate::failure::{Failure, NEGATIVE};
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, style};

/// Checks it; 1 when anything is wrong.
pub async fn run(global: &Global, journal: &SqliteJournal, prefix: &str) -> Result<u8, Failure> {
    let in_file = journal.check_file().await?;
    let audit = audit::verify_all(journal, prefix).await?;
    let sound = in_file.is_empty() && audit.findings.is_empty();
    if global.json {
        output::document(&as_json(journal, &in_file, &audit))?;
    } else {
        print(journal, &in_file, &audit)?;
    }
    Ok(if sound { 0 } else { NEGATIVE })
}

fn print(journal: &SqliteJournal, in_file: &[String], audit: &Audit) -> Result<(), Failure> {
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
    let path = journal.path().display();
    let bad = style::paint(style::BAD, "✗");
    for why in in_file {
        output::line(format!("{bad} the file: {}", output::clean(why)))?;
    }
    for finding in &audit.findings {
        output::line(format!("{bad} {}", output::clean(&finding.to_string())))?;
    }
    if in_file.is_empty() && audit.findings.is_empty() {
        let said = style::paint(style::GOOD, "every hash chain holds");
        return output::line(format!("{path}: {said}"));
    }
    let said = style::paint(style::BAD, "the journal is corrupt");
    output::line(format!("{path}: {said}"))?;
    output::note(
        "Stop the machine, keep a copy of this file as evidence, and restore the last backup that verifies.",
    );
    Ok(())
}

fn as_json(journal: &SqliteJournal, in_file: &[String], audit: &Audit) -> Value {
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
        "journal": journal.path(),
        "sound": in_file.is_empty() && findings.is_empty(),
        "total": counts(&audit.total()),
        "kinds": kinds,
        "file": in_file,
        "findings": findings,
    })
}
