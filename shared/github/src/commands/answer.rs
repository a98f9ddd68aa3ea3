//! Purpose: what a person reads after a wish: one sentence for each line that needs one, made of what is safe to publish.

use std::collections::BTreeMap;

use domain::delivery::{self, Answer, Reaction, Reply, Said};
use domain::ids::RepositoryId;

use super::{Command, Line};
use crate::payload::Comment;

/// What a delivery says of a wish that needs no words.
const DONE: &str = "done";

/// A command that is understood and that nothing follows from yet.
pub fn not_there(command: &Command) -> Said {
    Said::no(format!(
        "`/{}` is not there yet; `/help` lists what is.",
        command.name()
    ))
}

/// The answer to a comment, as the delivery records it; `said` by the numbers of the lines.
pub fn to_comment(
    comment: &Comment,
    lines: &[Line],
    said: &BTreeMap<usize, Said>,
) -> delivery::Command {
    let one = |line: &Line| about(line, said.get(&line.number)?);
    let texts: Vec<String> = lines.iter().filter_map(one).collect();
    let mut all = said.values();
    let alone = match (all.next(), all.next()) {
        (Some(only), None) => only.text.clone(),
        _ => None,
    };
    reply(
        comment.repository,
        comment.thread.number(),
        Some(comment.id),
        said.values().all(|said| said.done),
        alone.or_else(|| (!texts.is_empty()).then(|| texts.join("\n\n"))),
    )
}

/// The answer to a button, which is read below the pull request where there is one.
pub fn to_button(repository: RepositoryId, thread: Option<u64>, said: Said) -> delivery::Command {
    match (thread, &said.text) {
        (Some(thread), Some(_)) => reply(repository, thread, None, said.done, said.text),
        _ => delivery::Command::Answer(Answer::Answered {
            text: said.text.unwrap_or_else(|| DONE.to_owned()),
        }),
    }
}

fn reply(
    repository: RepositoryId,
    thread: u64,
    comment: Option<u64>,
    done: bool,
    body: Option<String>,
) -> delivery::Command {
    let reaction = match done {
        true => Reaction::ThumbsUp,
        false => Reaction::Confused,
    };
    let text = body.clone().unwrap_or_else(|| DONE.to_owned());
    delivery::Command::Reply {
        answer: Answer::Answered { text },
        reply: Reply {
            repository,
            thread,
            comment,
            reaction,
            body,
        },
    }
}

/// Which line it is about, where there are several.
fn about(line: &Line, said: &Said) -> Option<String> {
    let text = said.text.as_ref()?;
    Some(match &line.read {
        Ok(command) => format!("`/{}` in line {}: {text}", command.name(), line.number),
        Err(_) => format!("Line {}: {text}", line.number),
    })
}
