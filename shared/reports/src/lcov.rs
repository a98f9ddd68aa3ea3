//! Purpose: lcov trace files: how many lines of how many are covered
//! (<https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1>, "FILES").
//!
//! Lines count once per source file, however many sections the file has (one per test name), and are covered when one
//! section says so. Where a section lists no lines (`DA`), its totals (`LF`, `LH`) count. Records of functions and
//! branches, and records that a later lcov may add, are passed over.

use std::collections::BTreeMap;

use domain::report::{Coverage, Report};
use lcov::Record;

use crate::{Unreadable, text};

/// What is known of one source file.
#[derive(Debug, Default)]
struct Source {
    /// Whether each line that can run did.
    lines: BTreeMap<u32, bool>,
    /// The largest totals of sections without lines.
    found: u64,
    hit: u64,
}

/// The section that is open.
#[derive(Debug, Default)]
struct Section {
    source: String,
    lines: BTreeMap<u32, bool>,
    found: u64,
    hit: u64,
}

/// Reads the file into the coverage of all lines.
pub(crate) fn read(bytes: &[u8], report: &mut Report) -> Result<(), Unreadable> {
    let trace = String::from_utf8_lossy(bytes);
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    let mut open: Option<Section> = None;
    for (number, line) in trace.lines().enumerate() {
        let line = line.trim();
        if !matters(line) {
            continue;
        }
        let wrong = |why: String| {
            let line = text::line(line, 80);
            Unreadable::new(format!(
                "line {} ({line}) cannot be used: {why}",
                number + 1
            ))
        };
        let record = line
            .parse::<Record>()
            .map_err(|error| wrong(error.to_string()))?;
        match (record, &mut open) {
            (Record::SourceFile { path }, None) => {
                open = Some(Section {
                    source: path.to_string_lossy().into_owned(),
                    ..Section::default()
                });
            }
            (Record::LineData { line, count, .. }, Some(section)) => {
                *section.lines.entry(line).or_default() |= count > 0;
            }
            (Record::LinesFound { found }, Some(section)) => section.found = found.into(),
            (Record::LinesHit { hit }, Some(section)) => section.hit = hit.into(),
            (Record::EndOfRecord, Some(_)) => {
                if let Some(section) = open.take() {
                    sources
                        .entry(section.source.clone())
                        .or_default()
                        .add(section);
                }
            }
            (Record::SourceFile { .. }, Some(_)) => {
                return Err(wrong("the section before has no end".to_owned()));
            }
            _ => {
                return Err(wrong(
                    "it stands outside of a section (SF: … end_of_record)".to_owned(),
                ));
            }
        }
    }
    if open.is_some() {
        return Err(Unreadable::new(
            "it ends in the middle of a section; the tool was ended while it wrote",
        ));
    }
    if sources.is_empty() {
        return Err(Unreadable::new(
            "there is no source file (SF:) in it, so it is not an lcov trace file",
        ));
    }
    let mut coverage = Coverage::default();
    for source in sources.values() {
        let (lines, covered) = source.totals();
        coverage.lines = coverage.lines.saturating_add(lines);
        coverage.covered = coverage.covered.saturating_add(covered);
    }
    report.coverage = Some(coverage);
    Ok(())
}

fn matters(line: &str) -> bool {
    line == "end_of_record"
        || ["SF:", "DA:", "LF:", "LH:"]
            .iter()
            .any(|kind| line.starts_with(kind))
}

impl Source {
    fn add(&mut self, section: Section) {
        if section.lines.is_empty() {
            self.found = self.found.max(section.found);
            self.hit = self.hit.max(section.hit.min(section.found));
        }
        for (line, is_covered) in section.lines {
            *self.lines.entry(line).or_default() |= is_covered;
        }
    }

    /// Lines, and covered lines.
    fn totals(&self) -> (u64, u64) {
        if self.lines.is_empty() {
            return (self.found, self.hit);
        }
        (
            self.lines.len() as u64,
            self.lines.values().filter(|covered| **covered).count() as u64,
        )
    }
}

#[cfg(test)]
mod tests;
