//! Purpose: an independent check of a whole journal: every stream's hash chain, and every head against its last commit.

use std::collections::BTreeMap;
use std::fmt;

use domain::kernel::StreamId;

use crate::chain;
use crate::fault::Fault;
use crate::pages::Pages;
use crate::ports::{Head, Journal, Position, Record};
use crate::snapshot;

/// What a journal holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// By kind of stream: `run`, `lane`, …
    pub kinds: BTreeMap<String, Counts>,
    /// At most one for each stream: the first thing that is wrong. Newest stream first.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// Over all kinds.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.kinds.values() {
            total.add(counts);
        }
        total
    }
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub streams: u64,
    pub commits: u64,
    pub events: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.streams += other.streams;
        self.commits += other.commits;
        self.events += other.events;
    }
}

/// The first thing that is wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub stream: StreamId,
    /// The first commit that is not as it was written, or that is missing.
    pub commit: u64,
    pub why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}: {}", self.stream, self.commit, self.why)
    }
}

/// Walks every stream whose name begins with `prefix` (nothing for all). The journal may be in use meanwhile.
///
/// Only faults that stop the reading itself are errors; a bad row is a finding. A stream whose head was removed is not
/// found here, since heads are how streams are listed: that is for the store's own check.
pub async fn verify_all(journal: &dyn Journal, prefix: &str) -> Result<Audit, Fault> {
    let mut audit = Audit::default();
    let mut pages = Pages::new(journal, prefix);
    while let Some(page) = pages.next_page().await? {
        for head in &page {
            let (counts, finding) = verify_stream(journal, head).await?;
            let kind = head.stream.kind().to_owned();
            audit.kinds.entry(kind).or_default().add(&counts);
            audit.findings.extend(finding);
        }
    }
    Ok(audit)
}

/// Checks one stream against a head of it that was read before.
pub async fn verify_stream(
    journal: &dyn Journal,
    head: &Head,
) -> Result<(Counts, Option<Finding>), Fault> {
    let mut counts = Counts {
        streams: 1,
        ..Counts::default()
    };
    let records = match journal.read(&head.stream, 0).await {
        Ok(records) => records,
        Err(Fault::Corrupt {
            stream,
            commit,
            why,
        }) => {
            let finding = Finding {
                stream,
                commit,
                why,
            };
            return Ok((counts, Some(finding)));
        }
        Err(fault) => return Err(fault),
    };
    counts.commits = records.len() as u64;
    counts.events = records.iter().map(|r| r.events.len() as u64).sum();

    if let Err(fault) = chain::verify(&head.stream, &Position::after(&[]), &records) {
        return match fault {
            Fault::Corrupt {
                stream,
                commit,
                why,
            } => Ok((
                counts,
                Some(Finding {
                    stream,
                    commit,
                    why,
                }),
            )),
            other => Err(other),
        };
    }
    if let Some(finding) = against_head(head, &records) {
        return Ok((counts, Some(finding)));
    }
    if let Some(finding) = against_snapshot(journal, head, &records).await? {
        return Ok((counts, Some(finding)));
    }
    // More rows than the head knew: an append since the head was read, unless the head still says so now.
    if counts.commits > head.number {
        let now = journal.head(&head.stream).await?;
        let known = now.map_or(0, |head| head.number);
        if known < counts.commits {
            let why =
                format!("the head stands at commit {known}, but the journal goes on after it");
            return Ok((counts, Some(finding(head, known + 1, why))));
        }
    }
    Ok((counts, None))
}

/// What a head says that its rows, a chain without a gap, do not bear out. The rows were read after the head.
fn against_head(head: &Head, records: &[Record]) -> Option<Finding> {
    let rows = records.len() as u64;
    if rows < head.number {
        let why = if rows == 0 {
            format!(
                "the head stands at commit {}, but there is no commit",
                head.number
            )
        } else {
            format!(
                "the head stands at commit {}, but the journal ends at {rows}",
                head.number
            )
        };
        return Some(finding(head, rows + 1, why));
    }
    if head.number == 0 {
        // Only a delivery has a head before its first commit.
        let empty = rows == 0 && head.stream.kind() != "delivery";
        return empty.then(|| finding(head, 1, "the head has no commit at all".to_owned()));
    }
    let at_head = records.iter().find(|r| r.number == head.number)?;
    (at_head.hash != head.hash).then(|| {
        let why = "the head holds another hash than the commit it stands at".to_owned();
        finding(head, head.number, why)
    })
}

/// What a snapshot says that the events do not make. One that is ahead of the rows was kept since they were read.
async fn against_snapshot(
    journal: &dyn Journal,
    head: &Head,
    records: &[Record],
) -> Result<Option<Finding>, Fault> {
    // Before that many commits nothing is kept.
    if (records.len() as u64) < snapshot::EVERY {
        return Ok(None);
    }
    let Some(kept) = journal.snapshot(&head.stream).await? else {
        return Ok(None);
    };
    if kept.number > records.len() as u64 {
        return Ok(None);
    }
    let wrong = match snapshot::verify(&kept, &head.stream, records) {
        // An event of a newer program; the chain says that nobody changed it.
        Err(Fault::Corrupt { .. }) => None,
        verified => verified?,
    };
    Ok(wrong.map(|why| finding(head, kept.number, why)))
}

fn finding(head: &Head, commit: u64, why: String) -> Finding {
    Finding {
        stream: head.stream.clone(),
        commit,
        why,
    }
}

#[cfg(test)]
mod tests;
