//! Purpose: the page of one attempt's log, and the log as plain text.

use askama::Template;
use engine::ports::{LogLine, LogStream};
use engine::views::{self, LogView};
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};

use crate::present::{self, When};
use crate::problem::Problem;
use crate::route::{Asked, LogPlace, log_path, run_path};
use crate::{Deps, as_json};

/// Seconds after which the page of a live log is read again.
const REFRESH_SECONDS: u32 = 3;

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage<'a> {
    view: &'a LogView,
    refresh: Option<u32>,
}

pub async fn page(
    deps: &Deps<'_>,
    asked: &Asked,
    place: &LogPlace,
) -> Result<Response<Body>, Problem> {
    let LogPlace {
        repository,
        run,
        attempt,
    } = place;
    let missing = || {
        Problem::missing(format!(
            "Run {run} has no attempt {attempt}, so no log of it."
        ))
    };
    let after = match asked.value("after").map(str::parse) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => {
            let why = "`after` is the number of a line".to_owned();
            return Err(engine::Fault::Malformed(why).into());
        }
    };
    let (journal, logs) = (deps.journal, deps.logs);
    if asked.value("format") == Some("text") {
        let raw = views::raw_log(journal, logs, *repository, run, attempt, after).await?;
        return Ok(as_text(raw.ok_or_else(missing)?));
    }
    let view = if asked.has("tail") {
        views::log_tail(journal, logs, *repository, run, attempt).await?
    } else {
        views::log(journal, logs, *repository, run, attempt, after).await?
    };
    let view = view.ok_or_else(missing)?;
    if asked.json {
        return as_json(&view);
    }
    let live = view.live && !asked.is_still();
    let page = LogPage {
        view: &view,
        refresh: live.then_some(REFRESH_SECONDS),
    };
    Ok(pages::html(StatusCode::OK, &page))
}

fn as_text(raw: views::RawLog) -> Response<Body> {
    let mut text = raw.text;
    if let Some(next) = raw.next {
        text.push_str(&format!(
            "--- there is more: ask for ?format=text&after={next}\n"
        ));
    }
    let mut answer = pages::plain(StatusCode::OK, text);
    answer.headers_mut().insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("inline; filename=\"log.txt\""),
    );
    answer
}

impl LogPage<'_> {
    fn run_path(&self) -> String {
        run_path(self.view.repository, &self.view.run)
    }

    fn path(&self) -> String {
        log_path(self.view.repository, &self.view.run, &self.view.attempt)
    }

    fn clock(&self, line: &LogLine) -> String {
        present::clock(line.at_ms)
    }

    fn when(&self, line: &LogLine) -> When {
        present::when(line.at_ms, line.at_ms)
    }

    /// The class of a line, what stands beside it, and what that means.
    fn mark(&self, line: &LogLine) -> (&'static str, &'static str, &'static str) {
        match line.stream {
            LogStream::Stdout => ("out", "", ""),
            LogStream::Stderr => ("err", "err", "standard error"),
            LogStream::System => ("sys", "sys", "written by Slipway itself"),
        }
    }

    fn title(&self) -> String {
        views::task_name(&self.view.attempt.task)
    }

    fn is_first(&self) -> bool {
        self.view.lines.first().is_none_or(|line| line.number <= 1)
    }

    /// Where the page before this one begins.
    fn before(&self) -> u64 {
        let first = self.view.lines.first().map_or(0, |line| line.number);
        first.saturating_sub(1 + views::MAX_LOG_LINES as u64)
    }

    fn range(&self) -> Option<(u64, u64)> {
        let (first, last) = (self.view.lines.first()?, self.view.lines.last()?);
        Some((first.number, last.number))
    }
}
