//! Purpose: the arguments of a command, each by its own grammar, and what can be mistaken about a line.

use std::fmt;

use domain::ids::{CommitSha, Digest, EnvironmentName, JobId};

use super::Command;
use super::table::Row;
use crate::payload::is_reference;
use crate::text::{self, Cap};

/// Hexadecimal characters of a release's hash at least; fewer could be met by another release on purpose.
pub const MIN_RELEASE: usize = 12;
/// Hexadecimal characters of a SHA-256.
const MAX_RELEASE: usize = 64;
/// Characters of a name at most.
const MAX_NAME: usize = 63;
/// Characters of a check's name at most.
const MAX_CHECK: usize = 200;
/// Characters of a reason at most.
const MAX_REASON: usize = 500;
/// What is shown of a word that is mistaken.
const SHOWN: Cap = Cap {
    chars: 60,
    bytes: 240,
};

/// The beginning of a release's hash: 12 to 64 lowercase hexadecimal characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasePrefix(String);

impl ReleasePrefix {
    /// `None` = not the beginning of a hash, or too short to name one release.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (MIN_RELEASE..=MAX_RELEASE).contains(&text.len());
        (fits && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// Whether this release is meant.
    pub fn names(&self, release: &Digest) -> bool {
        release.is_valid() && release.as_str().starts_with(&self.0)
    }

    /// The characters that were written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleasePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a line that is meant as a command: a sentence in Markdown that is safe to publish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// `word` is as it is shown.
    #[error("There is no command {word}. Did you mean `{usage}`?", usage = meant.usage())]
    Unknown { word: String, meant: &'static Row },
    #[error("After `/{name}` stands a space that is not a plain one (U+{code:04X}). Write `{usage}`.", name = row.name, usage = row.usage())]
    Space { row: &'static Row, code: u32 },
    #[error("`<{argument}>` is missing. Write `{usage}`.", usage = row.usage())]
    Missing {
        row: &'static Row,
        argument: &'static str,
    },
    #[error("`/ok-to-test` needs the commit that you have read, for the branch may have moved since. Write `{usage}`.", usage = row.usage())]
    NoCommit { row: &'static Row },
    #[error("{word} is not {wanted}. Write `{usage}`.", usage = row.usage())]
    Malformed {
        row: &'static Row,
        word: String,
        wanted: &'static str,
    },
    #[error("{word} is too much here. Write `{usage}`.", usage = row.usage())]
    Extra { row: &'static Row, word: String },
    #[error("A comment has at most {max} commands; this one and those after it are not read.", max = super::MAX_COMMANDS)]
    TooMany,
    #[error("A comment has at most {max} characters; this one is not read.", max = super::MAX_COMMENT)]
    TooLong,
}

impl Mistake {
    pub(super) fn unknown(word: &str, meant: &'static Row) -> Self {
        let word = text::code(&format!("/{word}"), SHOWN);
        Self::Unknown { word, meant }
    }
}

/// The arguments of one line that are not taken yet.
pub(super) struct Arguments<'a> {
    row: &'static Row,
    rest: &'a str,
}

/// The command of a row with these arguments; what is left over is a mistake.
pub(super) fn read(row: &'static Row, rest: &str) -> Result<Command, Mistake> {
    let rest = trim(rest);
    let mut arguments = Arguments { row, rest };
    let command = (row.read)(&mut arguments)?;
    if arguments.rest.is_empty() {
        return Ok(command);
    }
    let word = shown(arguments.rest);
    Err(Mistake::Extra { row, word })
}

impl<'a> Arguments<'a> {
    /// The name of a job, if there is one.
    pub(super) fn job(&mut self) -> Result<Option<JobId>, Mistake> {
        // A cell of a matrix has spaces in its name: `unit (go=1.24)`.
        let job = std::mem::take(&mut self.rest);
        if job.is_empty() {
            return Ok(None);
        }
        let cell = |c: char| c.is_ascii_graphic() && !"`<>\"\\".contains(c) || c == ' ';
        let (name, axes) = job.split_once(' ').unwrap_or((job, "()"));
        let whole = axes.starts_with('(') && axes.ends_with(')') && axes.chars().all(cell);
        if is_name(name) && whole && job.len() <= MAX_CHECK {
            return Ok(Some(JobId::new(job)));
        }
        Err(self.malformed(job, "the name of a job"))
    }

    pub(super) fn commit(&mut self) -> Result<CommitSha, Mistake> {
        let row = self.row;
        let word = self.word().ok_or(Mistake::NoCommit { row })?;
        let commit = CommitSha::new(word);
        if commit.is_valid() {
            return Ok(commit);
        }
        let wanted =
            "a full commit name, 40 or 64 of 0-9 and a-f; a short one can be met by another commit";
        Err(self.malformed(word, wanted))
    }

    pub(super) fn environment(&mut self) -> Result<EnvironmentName, Mistake> {
        let word = self.word().ok_or(self.missing("environment"))?;
        if is_name(word) {
            return Ok(EnvironmentName::new(word));
        }
        let wanted = "the name of an environment, at most 63 of a-z, 0-9, `_` and `-`";
        Err(self.malformed(word, wanted))
    }

    pub(super) fn release(&mut self) -> Result<ReleasePrefix, Mistake> {
        let word = self.word().ok_or(self.missing("release"))?;
        let wanted = "the beginning of a release's hash, 12 to 64 of 0-9 and a-f";
        ReleasePrefix::new(word).ok_or_else(|| self.malformed(word, wanted))
    }

    /// The beginning of a release's hash, if the next word is one.
    pub(super) fn release_if_named(&mut self) -> Option<ReleasePrefix> {
        let before = self.rest;
        let named = self.word().and_then(ReleasePrefix::new);
        if named.is_none() {
            self.rest = before;
        }
        named
    }

    /// One word, or more of them in double quotes.
    pub(super) fn check(&mut self) -> Result<String, Mistake> {
        let quoted = self.rest.strip_prefix('"');
        let (check, rest) = match quoted.and_then(|rest| rest.split_once('"')) {
            Some((check, rest)) => (check, rest),
            None => {
                let word = self.word().ok_or(self.missing("check"))?;
                // Half of the name of one job of a matrix is the name of all of them.
                if self.rest.starts_with('(') {
                    return Err(self.malformed(
                        word,
                        "the whole name: one with spaces is put into double quotes",
                    ));
                }
                (word, self.rest)
            }
        };
        self.rest = trim(rest);
        let shown = check.chars().all(|c| c != '"' && !c.is_control());
        let whole = !check.trim().is_empty() && check.trim() == check;
        if shown && whole && check.chars().count() <= MAX_CHECK {
            return Ok(check.to_owned());
        }
        Err(self.malformed(check, "the name of a check"))
    }

    pub(super) fn branch(&mut self) -> Result<String, Mistake> {
        let word = self.word().ok_or(self.missing("branch"))?;
        if is_reference(&format!("refs/heads/{word}")) {
            return Ok(word.to_owned());
        }
        Err(self.malformed(word, "the name of a branch that git allows"))
    }

    /// Whether what was said before is taken back.
    pub(super) fn cancel(&mut self) -> Result<bool, Mistake> {
        match self.word() {
            None => Ok(false),
            Some("cancel") => Ok(true),
            Some(word) => Err(self.malformed(word, "`cancel`")),
        }
    }

    /// A reason, if there is one.
    pub(super) fn remark(&mut self) -> Result<Option<String>, Mistake> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.reason().map(Some)
    }

    /// The rest of the line, as it was written; whoever shows it makes it safe.
    pub(super) fn reason(&mut self) -> Result<String, Mistake> {
        let reason = std::mem::take(&mut self.rest);
        if text::clean(reason).trim().is_empty() {
            return Err(self.missing("reason"));
        }
        if reason.chars().nth(MAX_REASON).is_some() {
            return Err(self.malformed(reason, "a reason of at most 500 characters"));
        }
        Ok(reason.to_owned())
    }

    fn word(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = trim(rest);
        Some(word)
    }

    fn missing(&self, argument: &'static str) -> Mistake {
        let row = self.row;
        Mistake::Missing { row, argument }
    }

    fn malformed(&self, word: &str, wanted: &'static str) -> Mistake {
        let word = shown(word);
        let row = self.row;
        Mistake::Malformed { row, word, wanted }
    }
}

/// A word as code; of hidden characters nothing can be shown.
fn shown(word: &str) -> String {
    let code = text::code(word, SHOWN);
    if code.is_empty() {
        "What cannot be seen".to_owned()
    } else {
        code
    }
}

/// Only plain white space parts arguments.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The names of jobs and environments in a pipeline file.
fn is_name(text: &str) -> bool {
    let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= MAX_NAME
        && text.bytes().next().is_some_and(first)
        && text.bytes().all(|b| first(b) || b"_-".contains(&b))
}

fn is_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}
