//! Purpose: `slipway journal export`: records as JSON lines, each with its stream, as they are stored.

use domain::kernel::StreamId;
use engine::Pages;
use engine::load::history;
use engine::ports::{Journal, Record};
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

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
    let mut pages = Pages::new(journal, "");
    while let Some(page) = pages.next_page().await? {
        for head in &page {
            export(journal, &head.stream).await?;
        }
    }
    Ok(0)
}

async fn export(journal: &dyn Journal, stream: &StreamId) -> Result<(), Failure> {
    for record in &history(journal, stream).await? {
        output::json_line(&Line { p: stream, record })?;
    }
    Ok(())
}
