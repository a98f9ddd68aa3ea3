//! Purpose: the kernel, which is what every machine is made of, and the names of streams.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ids::{EnvironmentName, RepositoryId, RunId};

/// A pure state machine: the rules of one kind of stream. No clock, no I/O, no panic.
pub trait Machine: Default + Clone + Serialize + DeserializeOwned + Send + Sync {
    /// The stream prefix; renaming it orphans data.
    const KIND: &'static str;
    /// The version of the fold, for streams that never end: their state is kept beside the journal now and then, and read from
    /// there. Every change of the state's shape, or of what `evolve` makes of old events, raises it; states of another version
    /// are thrown away. `None` = the stream is short, and its state is always made from its events.
    const FOLD: Option<u32> = None;
    /// A wish.
    type Command: Send + Sync + fmt::Debug;
    /// A fact, as an externally tagged enum of struct variants: the tag is the stored type.
    type Event: Serialize + DeserializeOwned + Clone + Send + Sync + fmt::Debug;
    /// Something that the world still owes this stream.
    type Effect: Clone + PartialEq + Send + Sync + fmt::Debug;
    /// A rule that said no, in words for the person who asked.
    type Rejection: std::error::Error + Send + Sync + 'static;
    /// What lists show of a stream, at most 2 KB.
    type Summary: Serialize;

    /// May it happen? `Ok(vec![])` = already true (a redelivery).
    fn decide(
        &self,
        at: Timestamp,
        command: &Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;
    /// What has become true by itself since the last event: a time-out, an expiry, the next step.
    fn advance(&self, at: Timestamp) -> Vec<Self::Event>;
    /// It happened. Never fails.
    fn evolve(self, event: &Self::Event) -> Self;
    /// What the world still owes this stream now. Derived from the state, never stored.
    fn outstanding(&self, at: Timestamp) -> Vec<Self::Effect>;
    /// The first moment after `after` at which something becomes true by itself: a time-out, an expiry, a retry. What became
    /// true before is either in [`advance`](Self::advance) or owed already.
    fn wake_at(&self, after: Timestamp) -> Option<Timestamp>;
    /// Whether this stream has reached its end; an ended stream owes nothing.
    fn is_ended(&self) -> bool;
    /// What lists show.
    fn summary(&self) -> Self::Summary;
    /// The streams that wait for what this event says.
    fn neighbours(&self, event: &Self::Event) -> Vec<StreamId>;

    /// The state after these events.
    fn replay<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::default(), Self::evolve)
    }
}

/// `from` plus so many seconds; the end of time if that is beyond it.
pub fn later(from: Timestamp, seconds: u32) -> Timestamp {
    from.checked_add(SignedDuration::from_secs(i64::from(seconds)))
        .unwrap_or(Timestamp::MAX)
}

/// The name of a stream: its kind, then what it is the history of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamId(String);

impl StreamId {
    /// One run of a pipeline.
    pub fn run(repository: RepositoryId, run: &RunId) -> Self {
        Self(format!("run/{repository}/{run}"))
    }

    /// The right to deploy to one environment.
    pub fn lane(repository: RepositoryId, environment: &EnvironmentName) -> Self {
        Self(format!("lane/{repository}/{environment}"))
    }

    /// The runs of one concurrency group, a branch as a rule.
    pub fn change(repository: RepositoryId, group: &str) -> Self {
        Self(format!("change/{repository}/{group}"))
    }

    /// What GitHub shows of a run.
    pub fn checks(repository: RepositoryId, run: &RunId) -> Self {
        Self(format!("checks/{repository}/{run}"))
    }

    /// One pull request.
    pub fn pull(repository: RepositoryId, number: u64) -> Self {
        Self(format!("pull/{repository}/{number}"))
    }

    /// The schedules of a repository.
    pub fn repository(repository: RepositoryId) -> Self {
        Self(format!("repository/{repository}"))
    }

    /// A bounded number of places for jobs.
    pub fn pool(name: &str) -> Self {
        Self(format!("pool/{name}"))
    }

    /// One delivery of a webhook.
    pub fn delivery(guid: &str) -> Self {
        Self(format!("delivery/{guid}"))
    }

    /// Takes a name as it was stored or typed; `None` when it has no kind or no rest.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('/')?;
        (!kind.is_empty() && !rest.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The part before the first slash: which machine it is.
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The part after the kind.
    pub fn rest(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, rest)| rest)
    }

    /// The repository that the stream belongs to, where it belongs to one.
    pub fn repository_id(&self) -> Option<RepositoryId> {
        match self.kind() {
            "run" | "checks" | "pull" | "lane" | "change" | "repository" => self
                .rest()
                .split('/')
                .next()?
                .parse()
                .ok()
                .map(RepositoryId),
            _ => None,
        }
    }

    /// The run, for a run's stream.
    pub fn run_id(&self) -> Option<RunId> {
        (self.kind() == "run")
            .then(|| self.rest().split_once('/').map(|(_, run)| RunId::new(run)))?
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
