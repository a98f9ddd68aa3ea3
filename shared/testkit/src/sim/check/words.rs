//! Purpose: what people have said about a pull request. S24: nothing that somebody holds may be merged. S25: what was said of
//! one commit holds at no other, and that commit was the head when it was said.

use std::collections::{BTreeMap, BTreeSet};

use domain::checks::{Check, Conclusion, Status};
use domain::ids::CommitSha;
use domain::kernel::StreamId;
use domain::pull::{Event, Planned, Pull, Word};
use github::checks::LOOKS;
use jiff::Timestamp;

use super::{Broken, Checker, broken};
use crate::sim::world::World;

/// What was said, from the events alone.
#[derive(Default)]
pub struct Heard {
    /// Whether each pull request is held: when that was said last, and what.
    holds: BTreeMap<StreamId, (Timestamp, bool)>,
    /// The topics of which something was said that is bound to a commit, with that commit.
    bound: BTreeSet<(StreamId, String, CommitSha)>,
}

impl Heard {
    pub fn heard(&mut self, world: &World, stream: &StreamId, event: &Event) -> Result<(), Broken> {
        let Event::Spoken { word, wish, .. } = event else {
            return Ok(());
        };
        match word {
            Word::Hold { .. } => self.held(stream, wish.said, true),
            Word::Unhold { .. } => self.held(stream, wish.said, false),
            Word::TakenBack { .. } => {}
            Word::LooksGood { commit, .. } | Word::Override { commit, .. } => {
                if !was_head(world, stream, commit, wish.said) {
                    let what = format!("{commit} was not the head of {stream} when that was said");
                    return broken("S25", what);
                }
                let bound = (stream.clone(), word.topic(), commit.clone());
                self.bound.insert(bound);
            }
        }
        Ok(())
    }

    fn held(&mut self, stream: &StreamId, said: Timestamp, held: bool) {
        let before = self.holds.get(stream);
        if before.is_none_or(|(before, _)| *before <= said) {
            self.holds.insert(stream.clone(), (said, held));
        }
    }

    /// Whether anything was said of this topic, or one that begins so, at this commit.
    fn is_bound(&self, stream: &StreamId, topic: &str, commit: &CommitSha) -> bool {
        let mut bound = self.bound.iter();
        bound.any(|(of, about, at)| of == stream && about.starts_with(topic) && at == commit)
    }
}

/// Words are told to the second.
fn was_head(world: &World, stream: &StreamId, commit: &CommitSha, said: Timestamp) -> bool {
    let state = world.state();
    let said = said.as_millisecond();
    let heads = state.pull_heads.iter();
    let heads: Vec<_> = heads
        .filter(|(of, ..)| of == stream)
        .map(|(_, since, head)| (*since, head))
        .collect();
    heads.iter().enumerate().any(|(index, (since, head))| {
        let until = heads.get(index + 1).map_or(i64::MAX, |(next, _)| *next);
        *head == commit && *since < said + 1_000 && said <= until
    })
}

impl Checker {
    /// At rest GitHub shows what was said, and nothing else.
    pub(super) fn words_hold(
        &self,
        world: &World,
        stream: &StreamId,
        pull: &Pull,
    ) -> Result<(), Broken> {
        let state = world.state();
        let is_held = self.words.holds.get(stream).is_some_and(|(_, held)| *held);
        for planned in &pull.runs {
            let run = planned.run.as_str();
            for check in state.check_runs.iter().map(|one| &one.check) {
                let name = check.external_id.strip_prefix(run);
                match name.map(|name| name.strip_prefix("/job/")) {
                    None => {}
                    Some(None) => self.whole_is_right(stream, planned, check, is_held)?,
                    Some(Some(job)) => self.job_is_right(stream, planned, check, job)?,
                }
            }
        }
        Ok(())
    }

    fn whole_is_right(
        &self,
        stream: &StreamId,
        planned: &Planned,
        check: &Check,
        is_held: bool,
    ) -> Result<(), Broken> {
        let name = &check.external_id;
        if is_held && check.status == Status::Completed(Conclusion::Success) {
            return broken(
                "S24",
                format!("{stream} is held, and {name} is shown as passed"),
            );
        }
        let looked = self.words.is_bound(stream, "look/", &planned.commit);
        if check.summary.contains(LOOKS) && !looked {
            let what = format!("{name} looks good to somebody who has seen another commit");
            return broken("S25", what);
        }
        Ok(())
    }

    fn job_is_right(
        &self,
        stream: &StreamId,
        planned: &Planned,
        check: &Check,
        job: &str,
    ) -> Result<(), Broken> {
        let overridden = check.status == Status::Completed(Conclusion::Neutral);
        let topic = format!("check/{job}");
        if overridden && !self.words.is_bound(stream, &topic, &planned.commit) {
            let what = format!("{} is overridden at another commit", check.external_id);
            return broken("S25", what);
        }
        Ok(())
    }
}
