//! Purpose: tests of the log: paging, the index, the bound, a full disk, a host that died.

use std::fs::OpenOptions;
use std::sync::Arc;

use engine::ports::LogStream::{self, Stdout, System};

use super::super::redact::Redactor;
use super::*;

fn create(folder: &std::path::Path, limit: u64) -> Log {
    Log::create(folder, Arc::new(Redactor::default()), limit).unwrap()
}

async fn write(log: &Log, stream: LogStream, range: std::ops::Range<u32>) {
    let lines = range.map(|number| format!("line {number}")).collect();
    log.handle().lines(stream, lines).await;
}

#[tokio::test]
async fn a_log_is_paged_by_number_while_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let log = create(dir.path(), LOG_LIMIT);
    write(&log, Stdout, 1..1_001).await;
    log.handle().flush().await;
    for after in [0, 1, 255, 256, 257, 511, 512, 998, 999] {
        let (lines, last) = read(dir.path(), after, 2).unwrap();
        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        let expected: Vec<u64> = (after + 1..=1_000).take(2).collect();
        assert_eq!(numbers, expected, "after {after}");
        assert_eq!(lines[0].text, format!("line {}", after + 1));
        assert_eq!(last, after >= 998);
    }
    assert_eq!(read(dir.path(), 1_000, 10).unwrap(), (vec![], true));
    assert_eq!(read(dir.path(), 5_000, 10).unwrap(), (vec![], true));
    write(&log, Stdout, 1_001..1_003).await;
    log.handle().flush().await;
    assert_eq!(read(dir.path(), 1_000, 10).unwrap().0.len(), 2);
    log.close().await;
    assert_eq!(
        std::fs::metadata(dir.path().join("log.idx")).unwrap().len(),
        4 * 8
    );
}

#[tokio::test]
async fn reading_uses_the_index_and_not_the_whole_file() {
    let dir = tempfile::tempdir().unwrap();
    let log = create(dir.path(), LOG_LIMIT);
    write(&log, Stdout, 1..601).await;
    log.close().await;
    // Lines before the place of the index are never looked at.
    let path = dir.path().join(LOG_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..100].fill(b'#');
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(read(dir.path(), 300, 1).unwrap().0[0].text, "line 301");
    let error = read(dir.path(), 0, 1).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("line 1 of the log is not what was written"),
        "{error}"
    );
}

#[tokio::test]
async fn a_lost_index_costs_time_only() {
    let dir = tempfile::tempdir().unwrap();
    let log = create(dir.path(), LOG_LIMIT);
    write(&log, Stdout, 1..601).await;
    log.close().await;
    std::fs::remove_file(dir.path().join("log.idx")).unwrap();
    assert_eq!(read(dir.path(), 300, 1).unwrap().0[0].text, "line 301");
}

#[tokio::test]
async fn a_log_is_bounded_and_says_so_and_the_console_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let log = create(dir.path(), 2_048);
    write(&log, Stdout, 1..20_000).await;
    log.handle().system("the end").await;
    let console = log.close().await;
    let (lines, last) = read(dir.path(), 0, 10_000).unwrap();
    let text: u64 = lines
        .iter()
        .filter(|l| l.stream == Stdout)
        .map(|l| l.text.len() as u64 + 1)
        .sum();
    assert!(last && text <= 2_048 && text > 2_000, "{text}");
    let [cut, end] = &lines[lines.len() - 2..] else {
        panic!()
    };
    assert_eq!((cut.stream, end.stream), (System, System));
    assert_eq!(
        cut.text,
        "The log was cut here: it holds 2 KiB of output, and more is not kept."
    );
    assert_eq!(end.text, "the end");
    assert!(console.len() <= CONSOLE_LIMIT && console.len() > CONSOLE_LIMIT - 20);
    assert!(console.starts_with("line ") && console.ends_with("line 19999\n"));
}

#[tokio::test]
async fn a_full_disk_is_told_and_hangs_nobody() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let index = std::fs::File::create(dir.path().join("index")).unwrap();
    let log = Log::over(full(), index, Arc::new(Redactor::default()), LOG_LIMIT).unwrap();
    write(&log, Stdout, 1..100_000).await;
    let why = log.handle().failed().await;
    assert!(why.contains("No space left on device"), "{why}");
    log.handle().flush().await;
    assert_eq!(log.handle().failure(), Some(why));
    assert!(!log.close().await.is_empty());
}

#[tokio::test]
async fn a_log_that_was_cut_by_a_crash_goes_on_after_its_last_whole_line() {
    let dir = tempfile::tempdir().unwrap();
    let log = create(dir.path(), LOG_LIMIT);
    write(&log, Stdout, 1..257).await;
    log.close().await;
    use std::io::Write as _;
    let mut file = OpenOptions::new()
        .append(true)
        .open(dir.path().join(LOG_FILE))
        .unwrap();
    file.write_all(b"{\"number\":257,\"at_m").unwrap();
    assert_eq!(read(dir.path(), 255, 9).unwrap().0.len(), 1);
    resume(dir.path(), "Lost.").unwrap();
    let (lines, last) = read(dir.path(), 255, 9).unwrap();
    let seen: Vec<_> = lines.iter().map(|l| (l.number, l.text.as_str())).collect();
    assert_eq!(seen, [(256, "line 256"), (257, "Lost.")]);
    assert!(last);
    resume(dir.path(), "Again.").unwrap();
    assert_eq!(read(dir.path(), 257, 9).unwrap().0[0].text, "Again.");
    let empty = tempfile::tempdir().unwrap();
    resume(empty.path(), "Lost.").unwrap();
    assert_eq!(read(empty.path(), 0, 9).unwrap().0[0].text, "Lost.");
}
