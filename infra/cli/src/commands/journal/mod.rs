//! Purpose: `slipway journal`: any stream, its state at any past moment, its hash chain. On this computer it reads the file by
//! itself, so it works whether or not a machine runs, and never changes it; only `release` does.

mod at;
mod export;
mod list;
mod release;
mod show;
mod verify;

use std::sync::Arc;

use domain::kernel::StreamId;
use engine::ports::Journal;
use local::journal::SqliteJournal;

use crate::args::{Global, JournalCommand};
use crate::backend::{Backend, first_run};
use crate::data;
use crate::failure::{Failure, NEGATIVE, USAGE};

use super::find;

/// The journal that is asked.
struct Asked {
    journal: Arc<dyn Journal>,
    /// The file that it lies in, when it lies in one.
    file: Option<Arc<SqliteJournal>>,
    /// Where it is, as people call it.
    place: String,
}

/// Answers a question about the journal.
pub async fn run(global: &Global, command: JournalCommand) -> Result<u8, Failure> {
    match command {
        JournalCommand::List { prefix, limit } => {
            let asked = open(global).await?;
            list::run(global, &*asked.journal, &prefix, limit).await
        }
        JournalCommand::Show { stream, raw } => {
            let asked = open(global).await?;
            let stream = stream_of(&asked, &stream).await?;
            show::run(global, &*asked.journal, &stream, raw).await
        }
        JournalCommand::At(args) => {
            let asked = open(global).await?;
            let stream = stream_of(&asked, &args.stream).await?;
            at::run(global, &*asked.journal, &stream, &args).await
        }
        JournalCommand::Verify { prefix } => {
            let asked = open(global).await.map_err(corrupt)?;
            verify::run(global, &asked, &prefix).await.map_err(corrupt)
        }
        JournalCommand::Export { stream } => {
            let asked = open(global).await?;
            let stream = match stream {
                Some(stream) => Some(stream_of(&asked, &stream).await?),
                None => None,
            };
            export::run(&*asked.journal, stream.as_ref()).await
        }
        JournalCommand::Release { stream } => {
            // Looked up first, so that a wrong directory does not get a journal.
            let asked = open(global).await?;
            let stream = stream_of(&asked, &stream).await?;
            let journal = match asked.file {
                Some(_) => Arc::new(SqliteJournal::open(
                    &data::dir(global)?.join(data::JOURNAL),
                )?),
                None => asked.journal,
            };
            release::run(global, &*journal, &stream).await
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

/// The journal of the stack, or of this data directory to read only.
async fn open(global: &Global) -> Result<Asked, Failure> {
    if let Some(stack) = &global.aws {
        return Ok(Asked {
            journal: Backend::open(global).await?.journal,
            file: None,
            place: format!("the stack {stack}"),
        });
    }
    let dir = data::dir(global)?;
    let file = dir.join(data::JOURNAL);
    if !file.exists() {
        return Err(data::no_machine(&dir));
    }
    let journal = Arc::new(SqliteJournal::open_read_only(&file)?);
    Ok(Asked {
        journal: journal.clone(),
        place: journal.path().display().to_string(),
        file: Some(journal),
    })
}

/// The stream of this name; a word without a slash is the beginning of a run's id.
async fn stream_of(asked: &Asked, text: &str) -> Result<StreamId, Failure> {
    let journal = &*asked.journal;
    let Some(stream) = StreamId::parse(text) else {
        return find::run_in(journal, text, first_run(asked.file.is_some())).await;
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
