//! Purpose: what a person reads after a wish: one sentence for each line that needs one, made of what is safe to publish.

use domain::delivery::{self, Answer, Reaction, Reply};
use domain::ids::RepositoryId;
use github::commands::{Command, Line};
use github::payload::Comment;

/// What a delivery says of a wish that needs no words.
const DONE: &str = "done";

/// What one line came to.
pub(crate) struct Said {
    pub done: bool,
    /// Markdown that is safe to publish; `None` = the reaction says it all.
    pub text: Option<String>,
}

impl Said {
    /// It was done, and people see what follows elsewhere.
    pub fn done() -> Self {
        Self {
            done: true,
            text: None,
        }
    }

    /// It was done, and this is to be read.
    pub fn text(text: String) -> Self {
        Self {
            done: true,
            text: Some(text),
        }
    }

    /// It was not done, and why.
    pub fn no(why: String) -> Self {
        Self {
            done: false,
            text: Some(why),
        }
    }
}

/// A command that is understood and that nothing follows from yet.
pub(super) fn not_there(command: &Command) -> Said {
    Said::no(format!(
        "`/{}` is not there yet; `/help` lists what is.",
        command.name()
    ))
}

/// The answer to a comment, as the delivery records it.
pub(super) fn to_comment(
    comment: &Comment,
    thread: u64,
    said: &[(&Line, Said)],
) -> delivery::Command {
    let texts: Vec<String> = said
        .iter()
        .filter_map(|(line, said)| one(line, said))
        .collect();
    let alone = match said {
        [(_, only)] => only.text.clone(),
        _ => None,
    };
    reply(
        comment.repository,
        thread,
        Some(comment.id),
        said.iter().all(|(_, said)| said.done),
        alone.or_else(|| (!texts.is_empty()).then(|| texts.join("\n\n"))),
    )
}

/// The answer to a button, which is read below the pull request where there is one.
pub(super) fn to_button(
    repository: RepositoryId,
    thread: Option<u64>,
    said: Said,
) -> delivery::Command {
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
fn one(line: &Line, said: &Said) -> Option<String> {
    let text = said.text.as_ref()?;
    Some(match &line.read {
        Ok(command) => format!("`/{}` in line {}: {text}", command.name(), line.number),
        Err(_) => format!("Line {}: {text}", line.number),
    })
}
