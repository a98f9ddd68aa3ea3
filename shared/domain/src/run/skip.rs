//! Purpose: jobs that somebody does not want to be run: those that have not begun. They have not passed, so nothing follows them.

use jiff::Timestamp;

use super::advance::ended;
use super::command::Rejection;
use super::decide::Answer;
use super::task::{Attempt, Phase, Task, TaskId, Verdict};
use super::{Event, Run};
use crate::guard::{Guard, holds};
use crate::ids::PersonId;

impl Run {
    /// Whether this wish to skip jobs was followed.
    pub fn has_skipped(&self, wish: &str) -> bool {
        self.skips.iter().any(|known| known == wish)
    }

    pub(super) fn skip(&self, at: Timestamp, by: PersonId, wish: &str) -> Answer {
        if self.has_skipped(wish) {
            return Ok(Vec::new());
        }
        if self.waits_for_trust() {
            let why = "nobody has released its commit".to_owned();
            return Err(Rejection::NotPermitted(why));
        }
        let skipped = self.tasks.iter();
        let skipped = skipped.filter_map(|(id, task)| self.skipped(at, id, task));
        let skipped: Vec<Event> = skipped.collect();
        if skipped.is_empty() {
            return Err(Rejection::NothingToSkip);
        }
        let wish = wish.to_owned();
        let mut events = vec![Event::SkipRequested { by, wish, at }];
        events.extend(skipped);
        Ok(events)
    }

    /// The end of a job that has not begun; one that is to be tried again has.
    fn skipped(&self, at: Timestamp, id: &TaskId, task: &Task) -> Option<Event> {
        let job = self.job(id)?;
        match task.phase {
            Phase::Waiting if job.skip.is_none() => {
                let task = id.clone();
                Some(Event::JobCancelled { task })
            }
            Phase::WantsSlot { .. } | Phase::Requested { .. } if task.attempt <= 1 => {
                let attempt = Attempt {
                    task: id.clone(),
                    number: task.attempt,
                };
                Some(ended(attempt, Verdict::Cancelled, at))
            }
            _ => None,
        }
    }

    /// What was skipped, as the end of a run that failed in nothing else.
    pub(super) fn skipped_headline(&self) -> Option<String> {
        if self.skips.is_empty() || holds(Guard::SkippedIsNotPassed, false) {
            return None;
        }
        let cancelled = self.tasks.iter().filter_map(|(id, task)| match id {
            TaskId::Job(job) if task.verdict() == Some(&Verdict::Cancelled) => Some(job.as_str()),
            _ => None,
        });
        let names: Vec<&str> = cancelled.collect();
        Some(format!("skipped by /skip: {}", names.join(", ")))
    }
}
