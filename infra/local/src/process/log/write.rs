//! Purpose: writing a log, on a thread of its own, so that a slow or full disk neither blocks nor hangs a build.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use engine::ports::{LogLine, LogStream};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::super::redact::Redactor;
use super::super::text::Lines;
use super::{CONSOLE_LIMIT, INDEX_EVERY, INDEX_FILE, LOG_FILE};

/// Lines that wait for the disk; a program that writes faster waits too.
const QUEUE: usize = 1_024;

enum Message {
    Line {
        at_ms: i64,
        stream: LogStream,
        text: String,
    },
    Flush(oneshot::Sender<()>),
}

/// An open log. Drop every handle, then [`Log::close`] it.
pub struct Log {
    handle: LogHandle,
    console: oneshot::Receiver<String>,
}

/// What writes into a log.
#[derive(Clone)]
pub struct LogHandle {
    messages: mpsc::Sender<Message>,
    failed: watch::Receiver<Option<String>>,
    redactor: Arc<Redactor>,
}

impl Log {
    /// Begins the log of a new build in its folder; it takes `limit` bytes of text.
    pub fn create(folder: &Path, redactor: Arc<Redactor>, limit: u64) -> io::Result<Self> {
        let open = |name: &str| {
            OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(folder.join(name))
        };
        Self::over(open(LOG_FILE)?, open(INDEX_FILE)?, redactor, limit)
    }

    /// Begins a log in these files.
    pub(super) fn over(
        log: File,
        index: File,
        redactor: Arc<Redactor>,
        limit: u64,
    ) -> io::Result<Self> {
        let (messages, inbox) = mpsc::channel(QUEUE);
        let (fail, failed) = watch::channel(None);
        let (done, console) = oneshot::channel();
        let mut writer = Writer::new(log, index, limit);
        std::thread::Builder::new()
            .name("build-log".to_owned())
            .spawn(move || {
                writer.serve(inbox, &fail);
                // Nobody asks for the console of a build whose task is gone.
                done.send(writer.console()).ok();
            })?;
        let handle = LogHandle {
            messages,
            failed,
            redactor,
        };
        Ok(Self { handle, console })
    }

    pub fn handle(&self) -> &LogHandle {
        &self.handle
    }

    /// Makes the log durable; gives the end of the output.
    pub async fn close(self) -> String {
        let Self { handle, console } = self;
        drop(handle);
        console.await.unwrap_or_default()
    }
}

impl LogHandle {
    /// A line of Slipway's own.
    pub async fn system(&self, text: impl AsRef<str>) {
        let mut lines = Lines::new(Arc::clone(&self.redactor));
        let mut whole = lines.push(text.as_ref().as_bytes());
        whole.extend(lines.finish());
        self.lines(LogStream::System, whole).await;
    }

    /// Lines that have been redacted.
    pub async fn lines(&self, stream: LogStream, lines: Vec<String>) {
        let at_ms = Timestamp::now().as_millisecond();
        for text in lines {
            let line = Message::Line {
                at_ms,
                stream,
                text,
            };
            // The thread takes messages until every handle is gone, even when it can write no more.
            if self.messages.send(line).await.is_err() {
                tracing::error!("a log takes no lines any more");
                return;
            }
        }
    }

    /// Returns when everything before has been written, or could not be.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.messages.send(Message::Flush(done)).await.is_err() || flushed.await.is_err() {
            tracing::error!("a log could not be flushed");
        }
    }

    /// Why the log could not be written, once that is so.
    pub fn failure(&self) -> Option<String> {
        self.failed.borrow().clone()
    }

    /// Waits until the log cannot be written.
    pub async fn failed(&self) -> String {
        let mut failed = self.failed.clone();
        let why = failed.wait_for(Option::is_some).await;
        let why = why.ok().and_then(|why| why.clone());
        match why {
            Some(why) => why,
            // The writer has ended without a failure: there will be none.
            None => std::future::pending().await,
        }
    }

    pub fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }
}

struct Writer {
    log: BufWriter<File>,
    index: File,
    /// Number of the next line.
    next: u64,
    /// Where the next line begins.
    offset: u64,
    /// Bytes of text that are still taken.
    budget: u64,
    limit: u64,
    console: VecDeque<u8>,
}

impl Writer {
    fn new(log: File, index: File, limit: u64) -> Self {
        Self {
            log: BufWriter::new(log),
            index,
            next: 1,
            offset: 0,
            budget: limit,
            limit,
            console: VecDeque::new(),
        }
    }

    fn serve(&mut self, mut inbox: mpsc::Receiver<Message>, fail: &watch::Sender<Option<String>>) {
        let mut broken = false;
        while let Some(first) = inbox.blocking_recv() {
            let mut message = Some(first);
            let mut flushes = Vec::new();
            let mut result = Ok(());
            while let Some(taken) = message {
                match taken {
                    Message::Flush(done) => flushes.push(done),
                    Message::Line { .. } if broken || result.is_err() => {}
                    Message::Line {
                        at_ms,
                        stream,
                        text,
                    } => result = self.take(at_ms, stream, text),
                }
                message = inbox.try_recv().ok();
            }
            if !broken {
                result = result.and_then(|()| self.log.flush());
            }
            if let Err(error) = result {
                broken = true;
                fail.send_replace(Some(error.to_string()));
            }
            for done in flushes {
                // Who asked may have been stopped in the meantime.
                done.send(()).ok();
            }
        }
        let synced = self
            .log
            .flush()
            .and_then(|()| self.log.get_ref().sync_all());
        if let Err(error) = synced
            && !broken
        {
            fail.send_replace(Some(error.to_string()));
        }
    }

    fn take(&mut self, at_ms: i64, stream: LogStream, text: String) -> io::Result<()> {
        if stream == LogStream::System {
            return self.write(at_ms, stream, text);
        }
        self.console.extend(text.as_bytes());
        self.console.push_back(b'\n');
        let surplus = self.console.len().saturating_sub(2 * CONSOLE_LIMIT);
        if surplus > 0 {
            self.console.drain(..self.console.len() - CONSOLE_LIMIT - 1);
        }
        if self.budget == 0 {
            return Ok(());
        }
        match self.budget.checked_sub(text.len() as u64 + 1) {
            Some(left) => {
                self.budget = left;
                self.write(at_ms, stream, text)
            }
            None => {
                self.budget = 0;
                let said = format!(
                    "The log was cut here: it holds {} KiB of output, and more is not kept.",
                    self.limit >> 10
                );
                self.write(at_ms, LogStream::System, said)
            }
        }
    }

    fn write(&mut self, at_ms: i64, stream: LogStream, text: String) -> io::Result<()> {
        if (self.next - 1).is_multiple_of(INDEX_EVERY) {
            // The index never speaks of a line whose predecessors are not in the file.
            self.log.flush()?;
            self.index.write_all(&self.offset.to_le_bytes())?;
        }
        let mut line = serde_json::to_vec(&LogLine {
            number: self.next,
            at_ms,
            stream,
            text,
        })?;
        line.push(b'\n');
        self.log.write_all(&line)?;
        self.next += 1;
        self.offset += line.len() as u64;
        Ok(())
    }

    /// The end of the output, from the beginning of a line where that is in it.
    fn console(&mut self) -> String {
        let bytes = self.console.make_contiguous();
        let from = bytes.len().saturating_sub(CONSOLE_LIMIT);
        let mut kept = &bytes[from..];
        if from > 0
            && bytes[from - 1] != b'\n'
            && let Some(end) = kept.iter().position(|byte| *byte == b'\n')
        {
            kept = &kept[end + 1..];
        }
        String::from_utf8_lossy(kept).into_owned()
    }
}

/// Adds a line of Slipway's own to the log of a build whose host died.
pub fn resume(folder: &Path, text: &str) -> io::Result<()> {
    let log = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(folder.join(LOG_FILE))?;
    let index = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(folder.join(INDEX_FILE))?;
    let (mut lines, mut whole) = (0, 0);
    let mut reader = BufReader::new(&log);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        lines += 1;
        whole += line.len() as u64;
        line.clear();
    }
    // The host may have died within a line.
    log.set_len(whole)?;
    let mut end = &log;
    end.seek(io::SeekFrom::End(0))?;
    let entries = index.metadata()?.len() / super::INDEX_ENTRY;
    let mut writer = Writer::new(log, index, 0);
    writer.next = lines + 1;
    writer.offset = whole;
    if entries > lines.div_ceil(INDEX_EVERY) {
        writer
            .index
            .set_len(lines.div_ceil(INDEX_EVERY) * super::INDEX_ENTRY)?;
    }
    let at_ms = Timestamp::now().as_millisecond();
    writer.write(at_ms, LogStream::System, text.to_owned())?;
    writer.log.flush()?;
    writer.log.get_ref().sync_all()
}
