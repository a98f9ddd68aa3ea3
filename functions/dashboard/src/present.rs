//! Purpose: what all pages do to make a view readable: times, counts, places.

use domain::report::{Coverage, FindingCounts, TestCounts};
use domain::words::{counted, duration, exact, relative};
use jiff::Timestamp;

/// A point in time, told twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// `2026-03-01 12:34:56 UTC`.
    pub exact: String,
    /// `3 minutes ago`.
    pub said: String,
}

/// A time in milliseconds since the epoch, seen from `now_ms`. What is no time is told as it is.
pub fn when(ms: i64, now_ms: i64) -> When {
    match (
        Timestamp::from_millisecond(ms),
        Timestamp::from_millisecond(now_ms),
    ) {
        (Ok(at), Ok(now)) => When {
            exact: exact(at),
            said: relative(at, now),
        },
        _ => When {
            exact: format!("{ms} ms"),
            said: format!("{ms} ms"),
        },
    }
}

/// `12:34:56.789` of a time in milliseconds.
pub fn clock(ms: i64) -> String {
    let day = ms.rem_euclid(86_400_000);
    let (hours, minutes, seconds) = (day / 3_600_000, day / 60_000 % 60, day / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", day % 1_000)
}

/// `412 passed, 1 failed, 3 skipped`; `None` when there are none.
pub fn tests(counts: &TestCounts) -> Option<String> {
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// `2 errors, 1 warning, 2 of them new`.
pub fn findings(counts: &FindingCounts) -> String {
    let parts = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.notes, "note"),
    ];
    let mut told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(u64::from(*count), noun))
        .collect();
    if told.is_empty() {
        return "no findings".to_owned();
    }
    told.push(format!("{} new", counts.new));
    told.join(", ")
}

/// `81.50 % of 200 lines`.
pub fn coverage(coverage: &Coverage) -> String {
    let share = coverage.hundredths();
    let lines = counted(coverage.lines, "line");
    format!("{}.{:02} % of {lines}", share / 100, share % 100)
}

/// `src/lib.rs:12`, without the line where it is not known.
pub fn place(file: Option<&str>, line: Option<u32>) -> Option<String> {
    let file = file?;
    Some(match line {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    })
}

/// CPU time and memory of a task, where anything was measured: `1.4 s CPU, 120.3 MiB`.
pub fn usage(cpu_ms: u64, max_rss_kib: u64) -> Option<String> {
    let cpu = (cpu_ms > 0).then(|| format!("{} CPU", duration(cpu_ms)));
    let memory = (max_rss_kib > 0).then(|| domain::words::bytes(max_rss_kib.saturating_mul(1024)));
    let told: Vec<String> = cpu.into_iter().chain(memory).collect();
    (!told.is_empty()).then(|| told.join(", "))
}
