//! Purpose: the log of one attempt, page by page, from its end, or as plain text.

#[cfg(test)]
mod tests;

use domain::ids::{BuildId, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::run::{Attempt, Phase, Run};
use serde::Serialize;

use crate::fault::Fault;
use crate::load::load;
use crate::ports::{Journal, LogLine, LogPage, Logs};

/// Lines of one page.
pub const MAX_LOG_LINES: usize = 500;
/// Bytes of one plain-text answer; AWS Lambda sends 6 MB at most.
pub const MAX_RAW_BYTES: usize = 5_000_000;
/// Steps of the search for a log's end: 2 for each doubling of 2^40 lines.
const MAX_PROBES: usize = 80;

/// Some lines of one attempt's log.
#[derive(Clone, Debug, Serialize)]
pub struct LogView {
    pub repository: RepositoryId,
    pub run: RunId,
    pub attempt: Attempt,
    /// `None` = the build has not begun, so there is no log yet.
    pub build: Option<BuildId>,
    /// The task's word, as on the run's page.
    pub status: String,
    /// The page holds lines with a number above this.
    pub after: u64,
    /// Colours and cursor movements of the terminal are taken out.
    pub lines: Vec<LogLine>,
    /// Where the next page goes on; `None` = these are the last lines so far.
    pub next: Option<u64>,
    /// Whether more lines may come.
    pub live: bool,
}

/// A log as plain text.
#[derive(Clone, Debug, Default)]
pub struct RawLog {
    pub text: String,
    /// The number of the last line in the text, when there are more after it.
    pub next: Option<u64>,
}

struct Place {
    build: Option<BuildId>,
    status: String,
    ended: bool,
}

/// Lines of an attempt's log with a number above `after`, at most [`MAX_LOG_LINES`]; `None` if there is no such attempt.
pub async fn log(
    journal: &dyn Journal,
    logs: &dyn Logs,
    repository: RepositoryId,
    run: &RunId,
    attempt: &Attempt,
    after: u64,
) -> Result<Option<LogView>, Fault> {
    let Some(place) = find(journal, repository, run, attempt).await? else {
        return Ok(None);
    };
    let mut view = LogView {
        repository,
        run: run.clone(),
        attempt: attempt.clone(),
        build: place.build.clone(),
        status: place.status,
        after,
        lines: Vec::new(),
        next: None,
        live: !place.ended,
    };
    if let Some(build) = &place.build {
        let (page, next) = page(logs, build, after).await?;
        view.live = !(page.complete || place.ended);
        view.next = next;
        view.lines = page.lines;
    }
    Ok(Some(view))
}

/// Lines as they are shown, and the number of the last one when there are more after it.
async fn page(
    logs: &dyn Logs,
    build: &BuildId,
    after: u64,
) -> Result<(LogPage, Option<u64>), Fault> {
    // One more than is shown, so that "there is more" is known and not guessed.
    let mut page = logs.read(build, after, MAX_LOG_LINES + 1).await?;
    let mut more = page.lines.len() > MAX_LOG_LINES;
    page.lines.truncate(MAX_LOG_LINES);
    let last = page.lines.last().map(|line| line.number);
    if let Some(last) = last.filter(|_| !more && !page.complete) {
        // A page of long lines is short although the log goes on.
        more = !logs.read(build, last, 1).await?.lines.is_empty();
    }
    for line in &mut page.lines {
        line.text = plain(&line.text);
    }
    Ok((page, last.filter(|_| more)))
}

/// The last page of an attempt's log.
pub async fn log_tail(
    journal: &dyn Journal,
    logs: &dyn Logs,
    repository: RepositoryId,
    run: &RunId,
    attempt: &Attempt,
) -> Result<Option<LogView>, Fault> {
    let Some(place) = find(journal, repository, run, attempt).await? else {
        return Ok(None);
    };
    let after = match &place.build {
        Some(build) => last_line(logs, build)
            .await?
            .saturating_sub(MAX_LOG_LINES as u64),
        None => 0,
    };
    log(journal, logs, repository, run, attempt, after).await
}

/// An attempt's log as plain text, from the line after `after`; `None` if there is no such attempt.
pub async fn raw_log(
    journal: &dyn Journal,
    logs: &dyn Logs,
    repository: RepositoryId,
    run: &RunId,
    attempt: &Attempt,
    after: u64,
) -> Result<Option<RawLog>, Fault> {
    let Some(place) = find(journal, repository, run, attempt).await? else {
        return Ok(None);
    };
    match &place.build {
        Some(build) => raw(logs, build, after).await.map(Some),
        None => Ok(Some(RawLog::default())),
    }
}

async fn raw(logs: &dyn Logs, build: &BuildId, mut after: u64) -> Result<RawLog, Fault> {
    let mut raw = RawLog::default();
    loop {
        let page = logs.read(build, after, MAX_LOG_LINES).await?;
        // A store ends a page where it likes, so only an empty page or its own word is the end.
        let last = page.complete || page.lines.is_empty();
        for line in page.lines {
            if raw.text.len() + line.text.len() > MAX_RAW_BYTES {
                raw.next = Some(after);
                return Ok(raw);
            }
            raw.text.push_str(&line.text);
            raw.text.push('\n');
            after = line.number;
        }
        if last {
            return Ok(raw);
        }
    }
}

async fn find(
    journal: &dyn Journal,
    repository: RepositoryId,
    run: &RunId,
    attempt: &Attempt,
) -> Result<Option<Place>, Fault> {
    let state: Run = load(journal, &StreamId::run(repository, run)).await?.state;
    let Some(task) = state.tasks.get(&attempt.task) else {
        return Ok(None);
    };
    if let Some(past) = task.past.iter().find(|past| past.number == attempt.number) {
        return Ok(Some(Place {
            build: past.build.clone(),
            status: past.end.verdict.word().to_owned(),
            ended: true,
        }));
    }
    if attempt.number == 0 || attempt.number != task.attempt {
        return Ok(None);
    }
    let (build, status) = match &task.phase {
        Phase::Started { build, claimed, .. } => {
            let word = if *claimed { "running" } else { "starting" };
            (Some(build.clone()), word)
        }
        _ => (None, "starting"),
    };
    Ok(Some(Place {
        build,
        status: status.to_owned(),
        ended: task.verdict().is_some(),
    }))
}

/// The number of the last line: doubles until it is past the end, then halves the rest.
async fn last_line(logs: &dyn Logs, build: &BuildId) -> Result<u64, Fault> {
    let (mut there, mut step) = (0_u64, MAX_LOG_LINES as u64);
    let mut gone = None;
    for _ in 0..MAX_PROBES {
        let probe = match gone {
            None => there.saturating_add(step),
            Some(gone) if gone - there <= 1 => break,
            Some(gone) => there + (gone - there) / 2,
        };
        // Line `probe` exists if there is one with a number above `probe - 1`.
        match logs.read(build, probe - 1, 1).await?.lines.last() {
            Some(line) => there = line.number.max(probe),
            None => gone = Some(probe),
        }
        step = step.saturating_mul(2);
    }
    Ok(there)
}

/// The line without what only a terminal understands; tabs stay.
fn plain(text: &str) -> String {
    if !text.contains(['\u{1b}', '\u{9b}', '\r', '\u{8}']) {
        return text.to_owned();
    }
    // A progress bar writes over itself; its last state is what a terminal shows.
    let last = text.trim_end_matches('\r').rsplit('\r').next();
    let mut shown = String::new();
    for (index, part) in last.unwrap_or(text).split('\t').enumerate() {
        if index > 0 {
            shown.push('\t');
        }
        shown.push_str(&strip_ansi_escapes::strip_str(part));
    }
    shown
}
