//! Purpose: the laws, held against every new commit and against what the world saw, after every step.
//!
//! What really happened (who ran when, who decided what, who was there) comes from the world's own record; what should have
//! happened comes from the scenario. The machines' own state is used only where a law is about the journal itself.

mod effects;
mod end;
mod fold;
mod lanes;
mod runs;
mod shown;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{Digest, RepositoryId, RunId};
use domain::kernel::StreamId;
use domain::{repository, run};
use engine::ports::{Folded, Position, Record, Snapshot};
use engine::{chain, snapshot};

use fold::Fold;
use runs::RunFacts;
use words::Heard;

use super::world::{Ack, World};

/// A law that does not hold, and how.
#[derive(Clone, Debug)]
pub struct Broken {
    pub law: &'static str,
    pub what: String,
}

/// Says no.
fn broken<T>(law: &'static str, what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken {
        law,
        what: what.into(),
    })
}

/// One new event.
#[derive(Clone, Debug)]
pub enum News {
    Run(Box<run::Event>),
    /// On a stream of another kind.
    Other,
}

/// The commits of one step.
pub type Commits = Vec<(StreamId, Digest, Vec<News>)>;

/// A stream as the checker has followed it.
#[derive(Default)]
struct Followed {
    position: Option<Position>,
    ids: Vec<String>,
    fold: Fold,
}

/// S16: a snapshot is what the journal says, and is kept at its time.
fn check_snapshot(
    world: &World,
    stream: &StreamId,
    record: &Record,
    fold: &Fold,
) -> Result<(), Broken> {
    let Some((version, state)) = fold.long_lived() else {
        return Ok(());
    };
    if !record.number.is_multiple_of(snapshot::EVERY) {
        return Ok(());
    }
    let kept = world.journal.memory.peek_snapshot(stream);
    let made = state.map(|state| Snapshot {
        number: record.number,
        hash: record.hash.clone(),
        folded: Folded { version, state },
    });
    match (kept, made) {
        (kept, Ok(made)) if kept.as_ref() == Some(&made) => Ok(()),
        (kept, made) => broken(
            "S16",
            format!("the snapshot of {stream} is {kept:?}, the journal says {made:?}"),
        ),
    }
}

/// Follows the journal and the world.
#[derive(Default)]
pub struct Checker {
    seen: usize,
    streams: BTreeMap<StreamId, Followed>,
    ids: BTreeSet<String>,
    acks: Vec<Ack>,
    runs: BTreeMap<StreamId, RunFacts>,
    /// Which run each delivery led to.
    deliveries: BTreeMap<String, StreamId>,
    /// Intents that ran code.
    passed: BTreeSet<String>,
    deploys: u64,
    /// Repositories whose deploys are frozen, by the number of commits that there were then.
    frozen: BTreeMap<RepositoryId, usize>,
    words: Heard,
}

impl Checker {
    /// Holds what is new against every law.
    pub fn after_step(&mut self, world: &World) -> Result<Commits, Broken> {
        let mut commits = Vec::new();
        for (stream, record) in world.journal.memory.appended_after(self.seen) {
            self.seen += 1;
            let news = self.commit(world, &stream, &record)?;
            commits.push((stream, record.hash.clone(), news));
        }
        for ack in world.journal.take_acks() {
            self.acknowledged(&ack)?;
            self.acks.push(ack);
        }
        let seen = std::mem::take(&mut world.state().seen);
        for seen in seen {
            self.world_saw(world, &seen)?;
        }
        Ok(commits)
    }

    fn commit(
        &mut self,
        world: &World,
        stream: &StreamId,
        record: &Record,
    ) -> Result<Vec<News>, Broken> {
        let followed = self.streams.entry(stream.clone()).or_default();
        let before = followed
            .position
            .clone()
            .unwrap_or_else(|| Position::after(&[]));
        // S1: numbers without a gap, hashes that chain.
        if let Err(fault) = chain::verify(stream, &before, std::slice::from_ref(record)) {
            return broken("S1", fault.to_string());
        }
        // S2: the id of a commit is its own.
        if !self.ids.insert(record.id.clone()) {
            return broken(
                "S2",
                format!("{stream} #{}: its commit id is not new", record.number),
            );
        }
        followed.position = Some(Position::after(std::slice::from_ref(record)));
        followed.ids.push(record.id.clone());
        if followed.ids.len() == 1 {
            followed.fold = Fold::of(stream);
        }
        let mut fold = std::mem::take(&mut followed.fold);
        let news = self.fold_record(world, stream, record, &mut fold)?;
        self.check_head(world, stream, record, &fold)?;
        check_snapshot(world, stream, record, &fold)?;
        if let Some(followed) = self.streams.get_mut(stream) {
            followed.fold = fold;
        }
        Ok(news)
    }

    fn fold_record(
        &mut self,
        world: &World,
        stream: &StreamId,
        record: &Record,
        fold: &mut Fold,
    ) -> Result<Vec<News>, Broken> {
        let mut news = Vec::new();
        for stored in &record.events {
            let event = match fold.decode(stored) {
                Ok(event) => event,
                Err(error) => {
                    return broken("S18", format!("{stream} #{}: {error}", record.number));
                }
            };
            self.event(world, stream, record, fold, &event)?;
            news.push(match &event {
                fold::Event::Run(event) => News::Run(event.clone()),
                _ => News::Other,
            });
            fold.evolve(&event);
        }
        Ok(news)
    }

    fn event(
        &mut self,
        world: &World,
        stream: &StreamId,
        record: &Record,
        before: &Fold,
        event: &fold::Event,
    ) -> Result<(), Broken> {
        match (event, before) {
            (fold::Event::Run(event), _) => self.run_event(world, stream, record, event),
            (fold::Event::Lane(event), Fold::Lane(lane)) => {
                lanes::lane_event(world, stream, lane, event)
            }
            (fold::Event::Repository(event), _) => {
                self.repository_event(stream, event);
                Ok(())
            }
            (fold::Event::Pull(event), _) => self.words.heard(world, stream, event),
            (fold::Event::Pool(event), Fold::Pool(pool)) => lanes::pool_event(world, pool, event),
            _ => Ok(()),
        }
    }

    fn repository_event(&mut self, stream: &StreamId, event: &repository::Event) {
        let Some(id) = stream.repository_id() else {
            return;
        };
        match event {
            repository::Event::DeploysFrozen { .. } => {
                self.frozen.entry(id).or_insert(self.seen);
            }
            repository::Event::DeploysUnfrozen { .. } => {
                self.frozen.remove(&id);
            }
            _ => {}
        }
    }

    /// S16, L3, L4: the head says what the journal says.
    fn check_head(
        &self,
        world: &World,
        stream: &StreamId,
        record: &Record,
        fold: &Fold,
    ) -> Result<(), Broken> {
        let Some(head) = world.journal.memory.peek_head(stream) else {
            return broken("S16", format!("{stream} has commits but no head"));
        };
        if head.number != record.number || head.hash != record.hash {
            return broken(
                "S16",
                format!("the head of {stream} is not at commit {}", record.number),
            );
        }
        match fold.summary() {
            Ok(summary) if summary == head.summary => {}
            Ok(summary) => {
                let what = format!(
                    "the head of {stream} says {}, the journal {summary}",
                    head.summary
                );
                return broken("S16", what);
            }
            Err(error) => return broken("S16", format!("{stream}: {error}")),
        }
        if head.ended != fold.is_ended() {
            return broken(
                "S16",
                format!("{stream}: ended is {} in its head", head.ended),
            );
        }
        if head.ended && fold.owes() {
            return broken("L3", format!("{stream} has ended and still owes something"));
        }
        if !head.ended && head.due.is_none() {
            return broken(
                "L4",
                format!("{stream} has not ended, and nobody will look at it"),
            );
        }
        Ok(())
    }

    /// S2: what was acknowledged is there, under its number.
    fn acknowledged(&self, ack: &Ack) -> Result<(), Broken> {
        let place = usize::try_from(ack.number).unwrap_or(0).wrapping_sub(1);
        let there = self
            .streams
            .get(&ack.stream)
            .and_then(|followed| followed.ids.get(place));
        if there == Some(&ack.id) {
            return Ok(());
        }
        broken(
            "S2",
            format!(
                "{} #{} was acknowledged and is not there",
                ack.stream, ack.number
            ),
        )
    }

    /// Runs, those that succeeded, deploys that ran code.
    pub fn figures(&self) -> (u64, u64, u64) {
        let good = |facts: &&RunFacts| facts.outcome == Some(run::Outcome::Succeeded);
        let succeeded = self.runs.values().filter(good).count();
        (self.runs.len() as u64, succeeded as u64, self.deploys)
    }

    fn facts_of(&self, run: &RunId) -> Option<&RunFacts> {
        self.runs
            .iter()
            .find(|(stream, _)| stream.run_id().as_ref() == Some(run))
            .map(|(_, f)| f)
    }
}
