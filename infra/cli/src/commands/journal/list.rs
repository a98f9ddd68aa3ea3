//! Purpose: `slipway journal list`: streams with where they stand.

use engine::Pages;
use engine::ports::{Head, Journal};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::args::Global;
use crate::commands::standing;
use crate::failure::Failure;
use crate::output::table::{Cell, Fit, Table};
use crate::output::{self, style};

/// Lists them, newest first.
pub async fn run(
    global: &Global,
    journal: &dyn Journal,
    prefix: &str,
    limit: u32,
) -> Result<u8, Failure> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (heads, more) = heads(journal, prefix, limit).await?;
    if global.json {
        for head in &heads {
            output::json_line(&as_json(head))?;
        }
        return Ok(0);
    }
    if heads.is_empty() {
        output::note(&match prefix {
            "" => "The journal is empty.".to_owned(),
            prefix => format!("No stream's name begins with {prefix}."),
        });
        return Ok(0);
    }
    let now = Timestamp::now();
    let mut table = Table::new(&[
        ("STREAM", Fit::Whole),
        ("COMMITS", Fit::Whole),
        ("STATUS", Fit::Cut),
        ("CHANGED", Fit::Spare),
        ("DUE", Fit::Spare),
    ]);
    for head in &heads {
        let due = head
            .due
            .map_or(String::new(), |due| domain::words::relative(due, now));
        let (standing, look) = standing::of(head);
        table.row([
            Cell::new(head.stream.as_str()),
            Cell::new(head.number.to_string()),
            Cell::styled(standing, look),
            Cell::styled(output::ago(head.updated_ms, now), style::FAINT),
            Cell::styled(due, style::FAINT),
        ]);
    }
    output::write(&table.render(output::width()))?;
    if more {
        output::note(&format!(
            "… and more: `--limit N` shows them, here {limit}."
        ));
    }
    Ok(0)
}

/// The first so many, and whether there are more.
async fn heads(
    journal: &dyn Journal,
    prefix: &str,
    limit: usize,
) -> Result<(Vec<Head>, bool), Failure> {
    let mut heads: Vec<Head> = Vec::new();
    let mut pages = Pages::new(journal, prefix);
    while heads.len() <= limit {
        let Some(page) = pages.next_page().await? else {
            break;
        };
        heads.extend(page);
    }
    let more = heads.len() > limit;
    heads.truncate(limit);
    Ok((heads, more))
}

fn as_json(head: &Head) -> Value {
    json!({
        "stream": head.stream,
        "commits": head.number,
        "hash": head.hash,
        "ended": head.ended,
        "due": head.due,
        "failures": head.failures,
        "quarantine": head.quarantine,
        "created_ms": head.created_ms,
        "updated_ms": head.updated_ms,
        "summary": head.summary,
    })
}
