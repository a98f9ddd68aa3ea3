//! Purpose: `slipway journal export`: records as JSON lines, each with its stream, as they are stored.

use domain::kernel::StreamId;
use engine::load::history;
use engine::ports::{HeadCursor, Journal, Record};
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

/// Heads that are read at once.
const PAGE: usize = 500;

/// One line: the record's own keys with the stream (`p`), as the cloud's table has them.
#[derive(Serialize)]
struct Line<'a> {
    p: &'a StreamId,
    #[serde(flatten)]
    record: &'a Record,
}

/// Exports one stream, or all of them, newest first.
pub async fn run(journal: &dyn Journal, stream: Option<&StreamId>) -> Result<u8, Failure> {
    if let Some(stream) = stream {
        return export(journal, stream).await.map(|()| 0);
    }
    let mut cursor: Option<HeadCursor> = None;
    loop {
        let page = journal.heads("", cursor.as_ref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(0);
        };
        cursor = Some(last.cursor());
        for head in &page {
            export(journal, &head.stream).await?;
        }
    }
}

async fn export(journal: &dyn Journal, stream: &StreamId) -> Result<(), Failure> {
    for record in &history(journal, stream).await? {
        output::json_line(&Line { p: stream, record })?;
    }
    Ok(())
}
