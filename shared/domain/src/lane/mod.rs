//! Purpose: the lane, which is the right to deploy to one environment: one holder at a time, in order, with a fence that
//! only grows.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guard::{Guard, holds};
use crate::ids::{CommitSha, Digest, RepositoryId, RunId};
use crate::kernel::{Machine, StreamId};
use crate::run::StageOutcome;

/// Runs that may wait for one lane; one more is refused until a place is free.
pub const MAX_WAITING: usize = 200;

/// What runs in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    pub run: RunId,
    pub commit: CommitSha,
    pub release: Digest,
    pub at: Timestamp,
}

/// The run that may touch the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub run: RunId,
    pub fence: u64,
    pub since: Timestamp,
}

/// The state of a lane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    pub repository: Option<RepositoryId>,
    pub holder: Option<Holder>,
    pub waiting: Vec<RunId>,
    pub fence: u64,
    /// The release that was last deployed with success.
    pub deployed: Option<Deployed>,
    /// Why it is not known whether the environment still is what `deployed` says.
    pub doubt: Option<String>,
}

/// A wish about a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Take {
        repository: RepositoryId,
        run: RunId,
    },
    /// The run needs the lane no more: it is gone, or gives it back.
    Return {
        run: RunId,
        outcome: StageOutcome,
        release: Option<(CommitSha, Digest)>,
    },
    /// The run was read, and neither uses nor wants the lane.
    Reclaim { run: RunId },
}

/// Something that happened to a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Queued {
        repository: RepositoryId,
        run: RunId,
    },
    Granted {
        run: RunId,
        fence: u64,
        at: Timestamp,
    },
    /// It stopped waiting.
    Left {
        run: RunId,
    },
    Returned {
        run: RunId,
        fence: u64,
        outcome: StageOutcome,
        deployed: Option<Deployed>,
    },
    Reclaimed {
        run: RunId,
        fence: u64,
    },
}

/// What a lane wants from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read whether this run still uses or wants the lane.
    CheckRun(RunId),
}

/// Why a lane says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("{MAX_WAITING} runs wait for this environment already")]
    Full,
}

/// What lists show of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub holder: Option<RunId>,
    pub fence: u64,
    pub waiting: Vec<RunId>,
    pub deployed: Option<Deployed>,
    pub doubt: Option<String>,
}

impl Lane {
    /// 1 = next in turn; `None` = neither waiting nor holding.
    pub fn position(&self, run: &RunId) -> Option<usize> {
        self.waiting
            .iter()
            .position(|waiting| waiting == run)
            .map(|index| index + 1)
    }

    /// The fence of this run's grant.
    pub fn fence_of(&self, run: &RunId) -> Option<u64> {
        self.holder
            .as_ref()
            .filter(|holder| holder.run == *run)
            .map(|holder| holder.fence)
    }

    fn take(
        &self,
        at: Timestamp,
        repository: RepositoryId,
        run: &RunId,
    ) -> Result<Vec<Event>, Rejection> {
        if self.fence_of(run).is_some() || self.waiting.contains(run) {
            return Ok(Vec::new());
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(Rejection::Full);
        }
        let mut events = vec![Event::Queued {
            repository,
            run: run.clone(),
        }];
        if holds(Guard::LaneIsExclusive, false) {
            events.push(Event::Granted {
                run: run.clone(),
                fence: self.next_fence(),
                at,
            });
        }
        Ok(events)
    }

    fn next_fence(&self) -> u64 {
        if holds(Guard::FenceGrows, false) {
            self.fence.max(1)
        } else {
            self.fence + 1
        }
    }

    fn leave(&self, run: &RunId) -> Vec<Event> {
        if self.waiting.contains(run) {
            vec![Event::Left { run: run.clone() }]
        } else {
            Vec::new()
        }
    }
}

impl Machine for Lane {
    const KIND: &'static str = "lane";
    const FOLD: Option<u32> = Some(1);
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Rejection = Rejection;
    type Summary = Summary;

    fn decide(&self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Take { repository, run } => self.take(at, *repository, run),
            Command::Return {
                run,
                outcome,
                release,
            } => {
                let Some(fence) = self.fence_of(run) else {
                    return Ok(self.leave(run));
                };
                let deployed = release
                    .clone()
                    .filter(|_| *outcome == StageOutcome::Deployed);
                Ok(vec![Event::Returned {
                    run: run.clone(),
                    fence,
                    outcome: outcome.clone(),
                    deployed: deployed.map(|(commit, release)| Deployed {
                        run: run.clone(),
                        commit,
                        release,
                        at,
                    }),
                }])
            }
            Command::Reclaim { run } => Ok(match self.fence_of(run) {
                Some(fence) => vec![Event::Reclaimed {
                    run: run.clone(),
                    fence,
                }],
                None => self.leave(run),
            }),
        }
    }

    fn advance(&self, at: Timestamp) -> Vec<Event> {
        match (&self.holder, self.waiting.first()) {
            (None, Some(run)) => {
                vec![Event::Granted {
                    run: run.clone(),
                    fence: self.next_fence(),
                    at,
                }]
            }
            _ => Vec::new(),
        }
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Queued { repository, run } => {
                self.repository = Some(*repository);
                self.waiting.push(run.clone());
            }
            Event::Granted { run, fence, at } => {
                self.waiting.retain(|waiting| waiting != run);
                self.holder = Some(Holder {
                    run: run.clone(),
                    fence: *fence,
                    since: *at,
                });
                self.fence = *fence;
            }
            Event::Left { run } => self.waiting.retain(|waiting| waiting != run),
            Event::Returned {
                outcome, deployed, ..
            } => {
                self.holder = None;
                match outcome {
                    StageOutcome::Deployed => {
                        self.doubt = None;
                        self.deployed = deployed.clone().or(self.deployed);
                    }
                    StageOutcome::Failed { why } => self.doubt = Some(why.clone()),
                    StageOutcome::RolledBack { .. } => self.doubt = None,
                    _ => {}
                }
            }
            Event::Reclaimed { .. } => self.holder = None,
        }
        self
    }

    fn outstanding(&self, _at: Timestamp) -> Vec<Effect> {
        let holder = self.holder.iter().map(|holder| &holder.run);
        holder
            .chain(&self.waiting)
            .map(|run| Effect::CheckRun(run.clone()))
            .collect()
    }

    fn wake_at(&self, _after: Timestamp) -> Option<Timestamp> {
        None
    }

    fn is_ended(&self) -> bool {
        self.holder.is_none() && self.waiting.is_empty()
    }

    fn summary(&self) -> Summary {
        Summary {
            holder: self.holder.as_ref().map(|holder| holder.run.clone()),
            fence: self.fence,
            waiting: self.waiting.iter().take(20).cloned().collect(),
            deployed: self.deployed.clone(),
            doubt: self.doubt.clone(),
        }
    }

    fn neighbours(&self, event: &Event) -> Vec<StreamId> {
        let (Event::Granted { run, .. }, Some(repository)) = (event, self.repository) else {
            return Vec::new();
        };
        vec![StreamId::run(repository, run)]
    }
}
