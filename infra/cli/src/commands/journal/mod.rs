//! Purpose: `slipway journal`: any stream, its state at any past moment, its hash chain. Reads the file by itself, so it
//! works whether or not a machine runs, and never changes it; only `release` does.

mod at;
mod export;
mod list;
mod release;
mod show;
mod verify;

use domain::kernel::StreamId;
use engine::ports::Journal;
use local::journal::SqliteJournal;

use crate::args::{Global, JournalCommand};
use crate::data;
use crate::failure::{Failure, NEGATIVE, USAGE};

use super::find;

/// Answers a question about the journal.
pub async fn run(global: &Global, command: JournalCommand) -> Result<u8, Failure> {
    match command {
        JournalCommand::List { prefix, limit } => {
            list::run(global, &open(global)?, &prefix, limit).await
        }
        JournalCommand::Show { stream, raw } => {
            let journal = open(global)?;
            let stream = stream_of(&journal, &stream).await?;
            show::run(global, &journal, &stream, raw).await
        }
        JournalCommand::At(args) => {
            let journal = open(global)?;
            let stream = stream_of(&journal, &args.stream).await?;
            at::run(global, &journal, &stream, &args).await
        }
        JournalCommand::Verify { prefix } => {
            let journal = open(global).map_err(corrupt)?;
            verify::run(global, &journal, &prefix)
                .await
                .map_err(corrupt)
        }
        JournalCommand::Export { stream } => {
            let journal = open(global)?;
            let stream = match stream {
                Some(stream) => Some(stream_of(&journal, &stream).await?),
                None => None,
            };
            export::run(&journal, stream.as_ref()).await
        }
        JournalCommand::Release { stream } => {
            // Looked up first, so that a wrong directory does not get a journal.
            let stream = stream_of(&open(global)?, &stream).await?;
            let journal = SqliteJournal::open(&data::dir(global)?.join(data::JOURNAL))?;
            release::run(global, &journal, &stream).await
        }
    }
}

/// A file that cannot be read as a journal is an answer to whether it is sound: no.
fn corrupt(failure: Failure) -> Failure {
    match failure.code {
        USAGE => Failure {
            code: NEGATIVE,
            ..failure
        },
        _ => failure,
    }
}

/// The journal of this data directory, to read only.
pub fn open(global: &Global) -> Result<SqliteJournal, Failure> {
    let dir = data::dir(global)?;
    let file = dir.join(data::JOURNAL);
    if !file.exists() {
        return Err(data::no_machine(&dir));
    }
    Ok(SqliteJournal::open_read_only(&file)?)
}

/// The stream of this name; a word without a slash is the beginning of a run's id.
async fn stream_of(journal: &dyn Journal, text: &str) -> Result<StreamId, Failure> {
    let Some(stream) = StreamId::parse(text) else {
        return find::run(journal, text).await;
    };
    if journal.head(&stream).await?.is_some() {
        return Ok(stream);
    }
    let near = journal.heads(text, None, find::MAX_CANDIDATES).await?;
    let help = match near.as_slice() {
        [] => format!(
            "`slipway journal list {}/` lists what there is",
            stream.kind()
        ),
        [only] => return Ok(only.stream.clone()),
        many => find::candidates(many.iter().map(|head| head.stream.to_string())),
    };
    Err(Failure::usage(format!("the journal has no stream {text}")).help(help))
}
