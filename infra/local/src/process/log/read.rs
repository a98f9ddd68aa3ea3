//! Purpose: reading a log by line number, through its index.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use engine::ports::LogLine;

use super::{INDEX_ENTRY, INDEX_EVERY, INDEX_FILE, LOG_FILE};

/// Most lines of a page.
const MAX_LINES: usize = 10_000;
/// Most bytes of a page.
const MAX_BYTES: usize = 4 << 20;

/// Lines with a number above `after`, and whether they are the last ones in the file now.
///
/// # Errors
/// `InvalidData` when a line is not what was written.
pub fn read(folder: &Path, after: u64, limit: usize) -> io::Result<(Vec<LogLine>, bool)> {
    let mut log = match File::open(folder.join(LOG_FILE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), true)),
        opened => opened?,
    };
    let (skipped, offset) = place(folder, after)?;
    log.seek(SeekFrom::Start(offset))?;
    let mut reader = BufReader::with_capacity(64 << 10, log);
    let (mut lines, mut bytes, mut number) = (Vec::new(), 0, skipped);
    let mut line = Vec::new();
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Ok((lines, true)); // Nothing more, or a line that is being written.
        }
        number += 1;
        if number <= after {
            continue;
        }
        if lines.len() >= limit.min(MAX_LINES) || bytes >= MAX_BYTES {
            return Ok((lines, false));
        }
        let parsed: LogLine =
            serde_json::from_slice(&line).map_err(|error| damaged(number, &error.to_string()))?;
        if parsed.number != number {
            return Err(damaged(
                number,
                &format!("it has the number {}", parsed.number),
            ));
        }
        bytes += line.len();
        lines.push(parsed);
    }
}

fn damaged(number: u64, why: &str) -> io::Error {
    let said = format!("line {number} of the log is not what was written: {why}");
    io::Error::new(ErrorKind::InvalidData, said)
}

/// The last place of the index at or before the line after `after`: lines before it, and its offset.
fn place(folder: &Path, after: u64) -> io::Result<(u64, u64)> {
    let index = match File::open(folder.join(INDEX_FILE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((0, 0)),
        opened => opened?,
    };
    let entries = index.metadata()?.len() / INDEX_ENTRY;
    let Some(last) = entries.checked_sub(1) else {
        return Ok((0, 0));
    };
    let entry = last.min(after / INDEX_EVERY);
    let mut bytes = [0; INDEX_ENTRY as usize];
    index.read_exact_at(&mut bytes, entry * INDEX_ENTRY)?;
    Ok((entry * INDEX_EVERY, u64::from_le_bytes(bytes)))
}
