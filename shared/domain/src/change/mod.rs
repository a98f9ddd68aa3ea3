//! Purpose: the runs of one concurrency group (a branch, as a rule): who goes on, who waits, who is superseded.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{CommitSha, RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};
use crate::plan::OnNew;

/// Commits remembered, to recognise a push that comes after the one that replaced it.
const MAX_RECENT: usize = 50;

/// A run in its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub run: RunId,
    pub commit: CommitSha,
    pub granted: bool,
    /// The newer run that wants to take its place, until it has answered.
    pub superseding: Option<RunId>,
}

/// The state of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub repository: Option<RepositoryId>,
    /// In the order in which they came.
    pub members: Vec<Member>,
    /// The latest runs and their commits, oldest first.
    pub recent: Vec<(RunId, CommitSha)>,
}

/// A wish about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Enter {
        repository: RepositoryId,
        run: RunId,
        commit: CommitSha,
        on_new: OnNew,
        /// What the branch points to now, read from the repository.
        head: Option<CommitSha>,
    },
    Leave {
        run: RunId,
    },
    /// The run was asked to make way, and did or said why not.
    SupersedeAnswered {
        run: RunId,
        accepted: bool,
    },
}

/// Something that happened to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Entered {
        repository: RepositoryId,
        run: RunId,
        commit: CommitSha,
    },
    Granted {
        run: RunId,
    },
    SupersedeAsked {
        run: RunId,
        by: RunId,
    },
    SupersedeAnswered {
        run: RunId,
        accepted: bool,
    },
    Left {
        run: RunId,
    },
}

/// What a group wants from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask this run to make way.
    Supersede { run: RunId, by: RunId },
    /// Read whether this run has ended.
    CheckRun(RunId),
}

/// Why a group says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("the branch has moved on to a commit that run {by} is about")]
    Stale { by: RunId },
}

/// What lists show of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub running: Vec<RunId>,
    pub waiting: Vec<RunId>,
}

impl Change {
    /// The member, while it is one.
    pub fn member(&self, run: &RunId) -> Option<&Member> {
        self.members.iter().find(|member| member.run == *run)
    }

    /// The run that this one waits for.
    pub fn before(&self, run: &RunId) -> Option<&RunId> {
        let index = self.members.iter().position(|member| member.run == *run)?;
        self.members
            .get(index.checked_sub(1)?)
            .map(|member| &member.run)
    }

    fn enter(&self, command: &Command) -> Result<Vec<Event>, Rejection> {
        let Command::Enter {
            repository,
            run,
            commit,
            on_new,
            head,
        } = command
        else {
            return Ok(Vec::new());
        };
        // One that waits long is not among the recent ones any more, and still is a member.
        let recent = self.recent.iter().any(|(known, _)| known == run);
        if recent || self.member(run).is_some() {
            return Ok(Vec::new());
        }
        let moved_to = head.as_ref().filter(|head| *head != commit);
        if *on_new == OnNew::Cancel
            && let Some(head) = moved_to
            && let Some((by, _)) = self.recent.iter().rev().find(|(_, known)| known == head)
        {
            return Err(Rejection::Stale { by: by.clone() });
        }
        let mut events = vec![Event::Entered {
            repository: *repository,
            run: run.clone(),
            commit: commit.clone(),
        }];
        if *on_new == OnNew::Cancel {
            events.extend(self.members.iter().map(|older| Event::SupersedeAsked {
                run: older.run.clone(),
                by: run.clone(),
            }));
            events.push(Event::Granted { run: run.clone() });
        }
        Ok(events)
    }
}

impl Machine for Change {
    const KIND: &'static str = "change";
    const FOLD: Option<u32> = Some(1);
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, _at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Enter { .. } => self.enter(command),
            Command::Leave { run } => {
                let here = self.member(run).is_some();
                Ok(if here {
                    vec![Event::Left { run: run.clone() }]
                } else {
                    Vec::new()
                })
            }
            Command::SupersedeAnswered { run, accepted } => {
                let asked = self.member(run).is_some_and(|m| m.superseding.is_some());
                let (run, accepted) = (run.clone(), *accepted);
                Ok(if asked {
                    vec![Event::SupersedeAnswered { run, accepted }]
                } else {
                    Vec::new()
                })
            }
        }
    }

    fn advance(&self, _at: Timestamp) -> Vec<Event> {
        match self.members.first() {
            Some(first) if !first.granted => vec![Event::Granted {
                run: first.run.clone(),
            }],
            _ => Vec::new(),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Entered {
                repository,
                run,
                commit,
            } => {
                self.repository = Some(*repository);
                self.members.push(Member {
                    run: run.clone(),
                    commit: commit.clone(),
                    granted: false,
                    superseding: None,
                });
                self.recent.push((run.clone(), commit.clone()));
                if self.recent.len() > MAX_RECENT {
                    self.recent.remove(0);
                }
            }
            Event::Left { run } => self.members.retain(|member| member.run != *run),
            Event::Granted { run } => self.change(run, |member| member.granted = true),
            Event::SupersedeAsked { run, by } => {
                self.change(run, |member| member.superseding = Some(by.clone()));
            }
            Event::SupersedeAnswered { run, .. } => {
                self.change(run, |member| member.superseding = None);
            }
        }
        self
    }

    fn outstanding(&self, _at: Timestamp) -> Vec<Effect> {
        let mut owed = Vec::new();
        for member in &self.members {
            if let Some(by) = &member.superseding {
                owed.push(Effect::Supersede {
                    run: member.run.clone(),
                    by: by.clone(),
                });
            }
            owed.push(Effect::CheckRun(member.run.clone()));
        }
        owed
    }

    fn wake_at(&self, _after: Timestamp) -> Option<Timestamp> {
        None
    }

    fn is_ended(&self) -> bool {
        self.members.is_empty()
    }

    fn summary(&self) -> Summary {
        let of = |granted: bool| {
            let members = self.members.iter().filter(move |m| m.granted == granted);
            members.map(|member| member.run.clone()).take(20).collect()
        };
        Summary {
            running: of(true),
            waiting: of(false),
        }
    }

    fn neighbours(&self, event: &Event) -> Vec<StreamId> {
        let (Event::Granted { run }, Some(repository)) = (event, self.repository) else {
            return Vec::new();
        };
        vec![StreamId::run(repository, run)]
    }
}

impl Change {
    fn change(&mut self, run: &RunId, edit: impl FnOnce(&mut Member)) {
        if let Some(member) = self.members.iter_mut().find(|member| member.run == *run) {
            edit(member);
        }
    }
}
