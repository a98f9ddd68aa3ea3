//! Purpose: the commands that people write into comments: one parser, one table, who may.
//!
//! A command stands on a line of its own, as GitHub shows it: not in code, not in a quote, not in an HTML comment
//! ([`lines`]). What there is, who may and where is said once, in [`TABLE`]; `/help` and the page of the documentation are
//! written from it.

pub mod answer;
mod arguments;
mod authorise;
mod decision;
mod help;
mod lines;
mod table;

use std::fmt;

use domain::ids::{CommitSha, EnvironmentName, JobId};

pub use arguments::{Mistake, ReleasePrefix};
pub use authorise::{Facts, Refusal, Standing, authorised, by_its_author};
pub use decision::Decision;
pub use help::{help, page};
pub use table::{Permission, Place, Row, TABLE};

/// Characters of a comment at most; GitHub takes no longer one.
pub const MAX_COMMENT: usize = 65_536;
/// Commands and mistakes that are read in one comment.
pub const MAX_COMMANDS: usize = 10;
/// Edits at most between what was written and the command that was meant.
const MAX_EDITS: usize = 2;

/// One wish of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `None` = every job.
    Test {
        job: Option<JobId>,
    },
    Retest,
    Cancel,
    /// Trust in this commit and no other.
    OkToTest {
        commit: CommitSha,
    },
    Hold {
        reason: Option<String>,
    },
    Unhold,
    Approve {
        environment: EnvironmentName,
        release: ReleasePrefix,
    },
    Reject {
        environment: EnvironmentName,
        /// `None` = the only one that waits.
        release: Option<ReleasePrefix>,
        reason: String,
    },
    Deploy {
        environment: EnvironmentName,
    },
    Promote,
    Rollback {
        environment: EnvironmentName,
        release: ReleasePrefix,
        reason: String,
    },
    Freeze {
        reason: Option<String>,
    },
    Unfreeze,
    Why,
    Skip,
    Override {
        check: String,
        reason: String,
    },
    Lgtm {
        /// One's own is taken back.
        cancel: bool,
    },
    CherryPick {
        branch: String,
    },
    Help,
}

/// A line of a comment that is meant for the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    pub read: Result<Command, Mistake>,
}

impl Command {
    /// The name in the table, without the slash.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Test { .. } => "test",
            Self::Retest => "retest",
            Self::Cancel => "cancel",
            Self::OkToTest { .. } => "ok-to-test",
            Self::Hold { .. } => "hold",
            Self::Unhold => "unhold",
            Self::Approve { .. } => "approve",
            Self::Reject { .. } => "reject",
            Self::Deploy { .. } => "deploy",
            Self::Promote => "promote",
            Self::Rollback { .. } => "rollback",
            Self::Freeze { .. } => "freeze",
            Self::Unfreeze => "unfreeze",
            Self::Why => "why",
            Self::Skip => "skip",
            Self::Override { .. } => "override",
            Self::Lgtm { .. } => "lgtm",
            Self::CherryPick { .. } => "cherrypick",
            Self::Help => "help",
        }
    }

    /// The environment that the command is about.
    pub fn environment(&self) -> Option<&EnvironmentName> {
        match self {
            Self::Approve { environment, .. }
            | Self::Reject { environment, .. }
            | Self::Deploy { environment }
            | Self::Rollback { environment, .. } => Some(environment),
            _ => None,
        }
    }
}

/// The line that a person would write for it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.name())?;
        match self {
            Self::Test { job } => job.iter().try_for_each(|job| write!(f, " {job}")),
            Self::OkToTest { commit } => write!(f, " {commit}"),
            Self::Approve {
                environment,
                release,
            } => write!(f, " {environment} {release}"),
            Self::Reject {
                environment,
                release,
                reason,
            } => {
                write!(f, " {environment}")?;
                release.iter().try_for_each(|name| write!(f, " {name}"))?;
                write!(f, " {reason}")
            }
            Self::Deploy { environment } => write!(f, " {environment}"),
            Self::Rollback {
                environment,
                release,
                reason,
            } => write!(f, " {environment} {release} {reason}"),
            Self::Hold { reason } | Self::Freeze { reason } => {
                reason.iter().try_for_each(|why| write!(f, " {why}"))
            }
            Self::Override { check, reason } if check.contains(' ') || reason.starts_with('(') => {
                write!(f, " \"{check}\" {reason}")
            }
            Self::Override { check, reason } => write!(f, " {check} {reason}"),
            Self::Lgtm { cancel: true } => f.write_str(" cancel"),
            Self::CherryPick { branch } => write!(f, " {branch}"),
            Self::Retest
            | Self::Cancel
            | Self::Unhold
            | Self::Promote
            | Self::Unfreeze
            | Self::Why
            | Self::Skip
            | Self::Lgtm { cancel: false }
            | Self::Help => Ok(()),
        }
    }
}

/// The commands of a comment, and what is mistaken in lines that are meant as one. Nothing else makes the bot talk.
pub fn parse(body: &str) -> Vec<Line> {
    if body.chars().nth(MAX_COMMENT).is_some() {
        return vec![Line {
            number: 1,
            read: Err(Mistake::TooLong),
        }];
    }
    let found = lines::own(body);
    let read = |(number, text): &(usize, String)| {
        let read = read(text)?;
        Some(Line {
            number: *number,
            read,
        })
    };
    let mut read: Vec<Line> = found
        .iter()
        .filter_map(read)
        .take(MAX_COMMANDS + 1)
        .collect();
    if let Some(over) = read.get_mut(MAX_COMMANDS) {
        over.read = Err(Mistake::TooMany);
    }
    read
}

/// One line that begins with a slash; `None` = it is not meant for the bot.
fn read(line: &str) -> Option<Result<Command, Mistake>> {
    let line = line.strip_prefix('/')?;
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    let name = word.to_ascii_lowercase();
    let Some(row) = TABLE.iter().find(|row| row.name == name) else {
        let meant = nearest(&name)?;
        return Some(Err(Mistake::unknown(word, meant)));
    };
    // No-break and other spaces look like one and part nothing.
    if let Some(space) = rest.chars().next().filter(|c| !" \t".contains(*c)) {
        return Some(Err(Mistake::Space {
            row,
            code: u32::from(space),
        }));
    }
    Some(arguments::read(row, rest))
}

/// The name that somebody who wrote this most likely meant: few edits away, and fewer than half of it.
pub fn closest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(edits, name)| *edits <= MAX_EDITS && edits * 2 < name.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// The command that somebody who wrote this most likely meant: few edits away, and fewer than half of its name.
fn nearest(word: &str) -> Option<&'static Row> {
    let longest = TABLE.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let is_path = word.contains('/');
    if is_path || word.chars().count() > longest + MAX_EDITS {
        return None;
    }
    let name = closest(word, TABLE.iter().map(|row| row.name))?;
    TABLE.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
