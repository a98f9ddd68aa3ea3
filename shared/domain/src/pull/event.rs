//! Purpose: what can happen to a pull request, and what it changes. These are stored for good: a shipped variant never changes
//! its meaning.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MAX_RUNS, Pull, Word};
use crate::ids::{CommitSha, Digest, RepositoryId, RunId};
use crate::wish::Wish;

/// Which pull request it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub repository: RepositoryId,
    pub number: u64,
}

/// A run of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub run: RunId,
    pub commit: CommitSha,
}

/// Something that happened to a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    RunPlanned {
        opening: Opening,
        run: Planned,
    },
    /// From here on GitHub may be told, by this call and no other.
    CommentIntended {
        number: u64,
        view: Digest,
        call: String,
        at: Timestamp,
    },
    CommentShown {
        number: u64,
        view: Digest,
        comment: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<RunId>,
    },
    CommentFailed {
        number: u64,
        why: String,
        until: Timestamp,
        refused: bool,
        /// It may have been made all the same.
        unsure: bool,
    },
    /// Nothing more is said about this run.
    RunSaid {
        run: RunId,
        /// Why GitHub is not told, though there was something to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Somebody said something; the first word may open the stream.
    Spoken {
        opening: Opening,
        word: Word,
        wish: Wish,
        at: Timestamp,
    },
    /// The checks of this run show what was said so far.
    RunTold {
        run: RunId,
        words: u64,
    },
}

impl Pull {
    pub(super) fn apply(mut self, event: &Event) -> Self {
        match event {
            Event::RunPlanned { opening, run } => self.planned(opening, run),
            Event::CommentIntended {
                number, call, at, ..
            } => self.updates.intended(*number, call, *at),
            Event::CommentShown {
                view,
                comment,
                ended,
                ..
            } => {
                self.updates.made();
                self.shown = Some(view.clone());
                self.comment = Some(*comment);
                if ended.is_some() {
                    self.said.clone_from(ended);
                }
            }
            Event::CommentFailed {
                until,
                refused,
                unsure,
                ..
            } => self.updates.failed(*until, *refused, *unsure),
            Event::RunSaid { run, .. } => {
                self.updates.dropped();
                self.said = Some(run.clone());
            }
            Event::Spoken {
                opening,
                word,
                wish,
                ..
            } => {
                self.opening.get_or_insert_with(|| opening.clone());
                self.words.say(word, wish);
                self.must_be_told();
            }
            Event::RunTold { run, words } => {
                if *words == self.words.number {
                    self.untold.remove(run);
                }
            }
        }
        self
    }

    fn planned(&mut self, opening: &Opening, run: &Planned) {
        self.opening = Some(opening.clone());
        self.runs.push(run.clone());
        if self.runs.len() > MAX_RUNS {
            let forgotten = self.runs.remove(0);
            self.untold.remove(&forgotten.run);
        }
        // Its checks may have been looked at before the words were.
        if self.words.number > 0 {
            self.untold.insert(run.run.clone());
        }
    }

    /// What holds has become another: every check and the comment are looked at again.
    fn must_be_told(&mut self) {
        self.untold = self.runs.iter().map(|run| run.run.clone()).collect();
        self.said = None;
    }
}
