//! Purpose: what a reader sees of a log, and where its end is found.

use std::sync::Mutex;

use async_trait::async_trait;
use futures::FutureExt as _;

use super::*;
use crate::ports::{LogPage, LogStream};

/// A log of so many lines; counts how often it is read.
struct Counted(u64, Mutex<usize>);

#[async_trait]
impl Logs for Counted {
    async fn read(&self, _: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault> {
        *self.1.lock().unwrap() += 1;
        let end = self.0.min(after.saturating_add(limit as u64));
        let lines = (after + 1..=end).map(|number| LogLine {
            number,
            at_ms: 0,
            stream: LogStream::Stdout,
            text: format!("line {number}"),
        });
        Ok(LogPage {
            lines: lines.collect(),
            complete: end == self.0,
        })
    }
}

#[test]
fn the_last_line_is_found_in_few_reads() {
    for length in [0, 1, 2, 499, 500, 501, 1_000, 12_345, 10_000_000] {
        let logs = Counted(length, Mutex::new(0));
        let found = last_line(&logs, &BuildId::new("b"))
            .now_or_never()
            .unwrap()
            .unwrap();
        assert_eq!(found, length);
        assert!(*logs.1.lock().unwrap() <= MAX_PROBES);
    }
}

/// A log of ten lines of which a page has at most three, as of a store whose pages are bounded in bytes.
struct Short {
    ended: bool,
}

#[async_trait]
impl Logs for Short {
    async fn read(&self, build: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault> {
        let ten = Counted(10, Mutex::new(0));
        let mut page = ten.read(build, after, limit.min(3)).await?;
        page.complete &= self.ended;
        Ok(page)
    }
}

#[test]
fn a_page_of_fewer_lines_than_asked_for_is_not_the_end() {
    for ended in [true, false] {
        let (logs, build) = (Short { ended }, BuildId::new("b"));
        let (mut after, mut seen) = (0, Vec::new());
        for _ in 0..4 {
            let (shown, next) = page(&logs, &build, after).now_or_never().unwrap().unwrap();
            seen.push((shown.lines.len(), next));
            after = next.unwrap_or(after);
        }
        let pages = [(3, Some(3)), (3, Some(6)), (3, Some(9)), (1, None)];
        assert_eq!(seen, pages, "ended: {ended}");
        let whole = raw(&logs, &build, 0).now_or_never().unwrap().unwrap();
        assert_eq!(whole.text.lines().count(), 10, "ended: {ended}");
        assert!(whole.text.ends_with("line 10\n"));
        assert_eq!(whole.next, None);
    }
}

#[test]
fn sec_31_what_only_a_terminal_understands_is_taken_out() {
    assert_eq!(
        plain("\u{1b}[1;31merror\u{1b}[0m: no\ttab"),
        "error: no\ttab"
    );
    assert_eq!(plain("10 %\r50 %\r100 %"), "100 %");
    assert_eq!(plain("done\r"), "done");
    assert_eq!(plain("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}"), "link");
    assert_eq!(plain("a\tb <i>"), "a\tb <i>");
}
