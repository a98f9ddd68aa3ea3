//! Purpose: logs of builds, read from CloudWatch Logs by line number.
//!
//! CloudWatch numbers nothing, so lines are counted from the head; where pages end is remembered, as long as this process
//! lives. API: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsOutput;
use aws_sdk_cloudwatchlogs::types::OutputLogEvent;
use aws_sdk_codebuild::types::{Build, StatusType};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use domain::buildspec::{NOT_RUN, SAID};
use domain::ids::BuildId;
use engine::Fault;
use engine::ports::{LogLine, LogPage, LogStream, Logs};

use crate::client::{fault, slow};
use crate::settings::Projects;

/// Events of one page, which is also the service's most.
const PAGE_EVENTS: i32 = 10_000;
/// Pages that one read looks through.
const MAX_PAGES: usize = 200;
/// Lines of one read.
const MAX_LINES: usize = 10_000;
/// Builds whose pages are remembered.
const MAX_REMEMBERED: usize = 64;
/// How much of the output's end is kept as the console, bytes.
const CONSOLE_BYTES: usize = 64 << 10;
/// Events that are read for the console.
const CONSOLE_EVENTS: i32 = 2_000;
/// Longest line, bytes.
const LINE_BYTES: usize = 16 << 10;
/// What CodeBuild's own lines begin with.
const CONTAINER: &str = "[Container] ";

/// Reads logs of builds.
pub struct BuildLogs {
    builds: aws_sdk_codebuild::Client,
    logs: Client,
    projects: Projects,
    pages: Mutex<Pages>,
}

/// Of builds: how many lines come before a page, and its token.
type Pages = BTreeMap<BuildId, BTreeMap<u64, String>>;

impl BuildLogs {
    /// Logs of builds of these projects.
    pub fn new(config: &SdkConfig, projects: Projects) -> Self {
        Self {
            builds: aws_sdk_codebuild::Client::new(&slow(config)),
            logs: Client::new(&slow(config)),
            projects,
            pages: Mutex::default(),
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        // What is remembered is whole after each call, and losing it costs time only.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, build: &BuildId, before: u64, token: &str) {
        let mut pages = self.pages();
        if pages.len() >= MAX_REMEMBERED && !pages.contains_key(build) {
            pages.clear();
        }
        let of_build = pages.entry(build.clone()).or_default();
        of_build.insert(before, token.to_owned());
    }

    /// The last page that begins at or before the line after `after`.
    fn place(&self, build: &BuildId, after: u64) -> (u64, Option<String>) {
        let pages = self.pages();
        let found = pages
            .get(build)
            .and_then(|pages| pages.range(..=after).next_back());
        found.map_or((0, None), |(before, token)| (*before, Some(token.clone())))
    }

    /// One page; `None` while there is no log.
    async fn page(
        &self,
        build: &Build,
        token: Option<String>,
        from_head: bool,
        limit: i32,
    ) -> Result<Option<GetLogEventsOutput>, Fault> {
        let Some(logs) = build.logs() else {
            return Ok(None);
        };
        let (Some(group), Some(stream)) = (logs.group_name(), logs.stream_name()) else {
            return Ok(None);
        };
        let call = self
            .logs
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream)
            .start_from_head(from_head)
            .limit(limit)
            .set_next_token(token);
        match call.send().await {
            Ok(page) => Ok(Some(page)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(fault("CloudWatch Logs GetLogEvents", &error)),
        }
    }

    /// The end of what the commands printed, and why they were not run, where the program says so.
    pub(super) async fn tail(&self, build: &Build) -> Result<(String, Option<String>), Fault> {
        let page = self.page(build, None, false, CONSOLE_EVENTS).await?;
        let events = page.map(|page| page.events.unwrap_or_default());
        let (mut console, mut not_run) = (String::new(), None);
        for (_, stream, text) in events.iter().flatten().flat_map(lines) {
            if let Some(why) = text.strip_prefix(NOT_RUN) {
                not_run = Some(why.to_owned());
            }
            if stream == LogStream::Stdout {
                console.push_str(&text);
                console.push('\n');
            }
        }
        let from = console.ceil_char_boundary(console.len().saturating_sub(CONSOLE_BYTES));
        Ok((console.split_off(from), not_run))
    }

    async fn read_from(
        &self,
        id: &BuildId,
        build: &Build,
        after: u64,
        limit: usize,
    ) -> Result<LogPage, Fault> {
        let ended = !matches!(build.build_status(), None | Some(StatusType::InProgress));
        let (mut number, mut token) = self.place(id, after);
        let mut read = Vec::new();
        for _ in 0..MAX_PAGES {
            let page = self.page(build, token.clone(), true, PAGE_EVENTS).await?;
            let Some(page) = page else {
                return Ok(LogPage {
                    lines: read,
                    complete: ended,
                });
            };
            for (at_ms, stream, text) in page.events().iter().flat_map(lines) {
                number += 1;
                if number <= after {
                    continue;
                }
                if read.len() >= limit.min(MAX_LINES) {
                    return Ok(LogPage {
                        lines: read,
                        complete: false,
                    });
                }
                read.push(LogLine {
                    number,
                    at_ms,
                    stream,
                    text,
                });
            }
            // The same token again says that there is nothing after it now.
            let next = page.next_forward_token().map(str::to_owned);
            if next.is_none() || next == token {
                return Ok(LogPage {
                    lines: read,
                    complete: ended,
                });
            }
            if let Some(next) = &next {
                self.remember(id, number, next);
            }
            token = next;
        }
        Ok(LogPage {
            lines: read,
            complete: false,
        })
    }
}

#[async_trait]
impl Logs for BuildLogs {
    async fn read(&self, build: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault> {
        if let Some(found) = super::find(&self.builds, &self.projects, build).await? {
            return self.read_from(build, &found, after, limit).await;
        }
        let gone = LogLine {
            number: 1,
            at_ms: 0,
            stream: LogStream::System,
            text: "The log of this build is not kept any more.".to_owned(),
        };
        let first = after == 0 && limit > 0;
        Ok(LogPage {
            lines: if first { vec![gone] } else { Vec::new() },
            complete: true,
        })
    }
}

#[async_trait]
impl Logs for super::CodeBuild {
    async fn read(&self, build: &BuildId, after: u64, limit: usize) -> Result<LogPage, Fault> {
        self.logs.read(build, after, limit).await
    }
}

/// The lines of an event. CodeBuild keeps one stream, so what commands print counts as standard output.
fn lines(event: &OutputLogEvent) -> Vec<(i64, LogStream, String)> {
    let at = event.timestamp().unwrap_or(0);
    let message = event.message().unwrap_or_default();
    let message = message.strip_suffix('\n').unwrap_or(message);
    let line = |line: &str| {
        let text = clean(line);
        let own = text.starts_with(CONTAINER) || text.starts_with(SAID);
        (
            at,
            if own {
                LogStream::System
            } else {
                LogStream::Stdout
            },
            text,
        )
    };
    message.split('\n').map(line).collect()
}

/// The text without terminal sequences and control characters (a tab stays), of bounded length, and with a mark where it would
/// run the other way. A carriage return goes back to the line's beginning: the last state of a progress bar is kept.
pub fn clean(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let last = line
        .rsplit('\r')
        .find(|part| !part.is_empty())
        .unwrap_or("");
    let plain = anstream::adapter::strip_str(last).to_string();
    let kept = plain.chars().filter(|c| *c == '\t' || !c.is_control());
    let mut text: String = kept
        .map(|c| if is_bidi(c) { '\u{fffd}' } else { c })
        .collect();
    text.truncate(text.floor_char_boundary(LINE_BYTES));
    text
}

/// Characters that change the direction of text. <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
