//! Purpose: what a run does by itself: the next events that its state and the time call for.

use jiff::Timestamp;

use super::stage::{StageOutcome, StagePhase};
use super::task::{Attempt, EndFacts, MAX_LOST_ATTEMPTS, Phase, Task, TaskId, Verdict};
use super::{Event, LIFETIME_SECONDS, Run, START_SECONDS};
use crate::guard::{Guard, holds};
use crate::kernel::later;
use crate::plan::PlannedJob;
use crate::release::release_of;

impl Run {
    /// The next step, or nothing when the run has to wait.
    pub(super) fn next(&self, at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if self.is_over() {
            return Vec::new();
        }
        if opening.problem.is_some() {
            return self.finish_if_done(at);
        }
        let steps: [fn(&Self, Timestamp) -> Vec<Event>; 7] = [
            Self::end_of_life,
            Self::stop_what_waits,
            Self::overdue_starts,
            Self::next_jobs,
            Self::seal_release,
            Self::next_stages,
            Self::finish_if_done,
        ];
        steps
            .iter()
            .map(|step| step(self, at))
            .find(|events| !events.is_empty())
            .unwrap_or_default()
    }

    fn end_of_life(&self, at: Timestamp) -> Vec<Event> {
        let over = self
            .opened_at
            .is_some_and(|opened| at >= later(opened, LIFETIME_SECONDS));
        if !over || self.cancelled.is_some() {
            return Vec::new();
        }
        let reason = format!("it is older than {} days", LIFETIME_SECONDS / 86_400);
        vec![Event::CancelRequested {
            by: None,
            reason,
            at,
        }]
    }

    /// Tasks and stages of a cancelled or superseded run that have not begun.
    fn stop_what_waits(&self, at: Timestamp) -> Vec<Event> {
        if !self.is_stopping() {
            return Vec::new();
        }
        let why = if self.cancelled.is_some() {
            "the run was cancelled"
        } else {
            "the run was superseded"
        };
        let mut events = Vec::new();
        for (id, task) in &self.tasks {
            let attempt = Attempt {
                task: id.clone(),
                number: task.attempt,
            };
            match task.phase {
                Phase::Waiting => {
                    events.push(Event::JobSkipped {
                        task: id.clone(),
                        why: why.to_owned(),
                    });
                }
                Phase::WantsSlot { .. } => events.push(ended(attempt, Verdict::Cancelled, at)),
                Phase::Requested { .. } if self.stops_unstarted(id) => {
                    events.push(ended(attempt, Verdict::Cancelled, at));
                }
                _ => {}
            }
        }
        for (environment, stage) in &self.stages {
            let environment = environment.clone();
            let outcome = StageOutcome::Cancelled;
            match stage.phase {
                StagePhase::Blocked
                | StagePhase::Opening
                | StagePhase::Approval
                | StagePhase::WantsLane
                    if self.cancelled.is_some() || !self.ignores_supersede() =>
                {
                    events.push(Event::StageEnded {
                        environment,
                        outcome,
                    });
                }
                StagePhase::HoldsLane if self.cancelled.is_some() || !self.ignores_supersede() => {
                    events.push(Event::StageStopped {
                        environment,
                        outcome,
                    });
                }
                _ => {}
            }
        }
        events
    }

    /// Never, unless the simulator has switched the guard of S15 off.
    fn ignores_supersede(&self) -> bool {
        holds(Guard::SupersededStartsNoDeploy, false)
    }

    /// A cancelled run starts nothing; a superseded one starts no job and no deploy, but ends what it began.
    pub(super) fn stops_unstarted(&self, id: &TaskId) -> bool {
        self.cancelled.is_some()
            || matches!(id, TaskId::Job(_))
            || matches!(id, TaskId::Deploy(_)) && !self.ignores_supersede()
    }

    /// Intents for which no build could be had in time.
    fn overdue_starts(&self, at: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, task) in &self.tasks {
            let Phase::Requested {
                at: requested,
                deferred,
            } = &task.phase
            else {
                continue;
            };
            if at < later(*requested, START_SECONDS) {
                continue;
            }
            let reason = deferred
                .as_ref()
                .map_or("the host did not answer", |d| d.why.as_str());
            let why = format!(
                "it did not start within {} minutes: {reason}",
                START_SECONDS / 60
            );
            let attempt = Attempt {
                task: id.clone(),
                number: task.attempt,
            };
            events.push(ended(attempt, Verdict::NotStarted { why }, at));
        }
        events
    }

    fn next_jobs(&self, at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if !self.has_turn {
            return Vec::new();
        }
        opening
            .plan
            .jobs
            .iter()
            .filter_map(|job| self.next_job(job, at))
            .collect()
    }

    fn next_job(&self, job: &PlannedJob, at: Timestamp) -> Option<Event> {
        let id = TaskId::Job(job.id.clone());
        let task = self.tasks.get(&id)?;
        match &task.phase {
            Phase::Waiting => {
                if let Some(why) = &job.skip {
                    return Some(Event::JobSkipped {
                        task: id,
                        why: why.clone(),
                    });
                }
                let needs = || job.needs.iter().map(|need| TaskId::Job(need.clone()));
                if let Some(bad) = needs().find(|need| self.has_failed(need)) {
                    let why = format!("it needs {}, which did not succeed", short(&bad));
                    return Some(Event::JobSkipped { task: id, why });
                }
                needs()
                    .all(|need| self.is_done(&need))
                    .then(|| Event::AttemptQueued {
                        attempt: Attempt {
                            task: id.clone(),
                            number: 1,
                        },
                        at,
                    })
            }
            Phase::Ended(_) if self.will_retry(&id, task) => Some(Event::AttemptQueued {
                attempt: Attempt {
                    task: id,
                    number: task.attempt + 1,
                },
                at,
            }),
            _ => None,
        }
    }

    /// Whether an ended attempt is followed by another.
    pub(super) fn will_retry(&self, id: &TaskId, task: &Task) -> bool {
        let Phase::Ended(verdict) = &task.phase else {
            return false;
        };
        if self.is_stopping() && self.stops_unstarted(id) {
            return false;
        }
        let count = |wanted: fn(&Verdict) -> bool| {
            task.past
                .iter()
                .filter(|past| wanted(&past.end.verdict))
                .count()
        };
        match verdict {
            Verdict::Succeeded | Verdict::Cancelled | Verdict::Skipped { .. } => false,
            _ if id.touches_target() => {
                task.attempt < MAX_LOST_ATTEMPTS
                    && holds(Guard::DeployNeverRepeated, !task.was_claimed())
            }
            Verdict::Lost { .. } | Verdict::NotStarted { .. } => {
                count(|v| matches!(v, Verdict::Lost { .. } | Verdict::NotStarted { .. }))
                    < usize::from(MAX_LOST_ATTEMPTS)
            }
            Verdict::Failed { .. } | Verdict::TimedOut => {
                let retries = self.job(id).map_or(0, |job| job.retries);
                count(|v| matches!(v, Verdict::Failed { .. } | Verdict::TimedOut))
                    <= usize::from(retries)
            }
        }
    }

    /// Ended, and no attempt will follow.
    fn final_verdict(&self, id: &TaskId) -> Option<&Verdict> {
        let task = self.tasks.get(id)?;
        task.verdict().filter(|_| !self.will_retry(id, task))
    }

    fn is_done(&self, id: &TaskId) -> bool {
        self.final_verdict(id).is_some_and(Verdict::is_good)
    }

    fn has_failed(&self, id: &TaskId) -> bool {
        let skipped_by_need = |id: &TaskId| {
            self.job(id).is_some_and(|job| job.skip.is_none())
                && matches!(self.final_verdict(id), Some(Verdict::Skipped { .. }))
        };
        self.final_verdict(id).is_some_and(|v| !v.is_good()) || skipped_by_need(id)
    }

    /// Every job has ended, good or bad; `None` while one has not, else whether all are good.
    pub(super) fn jobs_verdict(&self) -> Option<bool> {
        let mut good = true;
        for id in self.tasks.keys().filter(|id| matches!(id, TaskId::Job(_))) {
            self.final_verdict(id)?;
            good &= !self.has_failed(id);
        }
        Some(good)
    }

    fn seal_release(&self, _at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if !self.has_turn
            || self.release.is_some()
            || self.is_stopping()
            || self.jobs_verdict() != Some(true)
        {
            return Vec::new();
        }
        let release = release_of(&opening.commit, &opening.plan.rules(), &self.artifacts());
        vec![Event::ReleaseSealed { release }]
    }
}

/// The name as a person wrote it.
pub(super) fn short(id: &TaskId) -> String {
    match id {
        TaskId::Job(job) => job.to_string(),
        TaskId::Deploy(name) => format!("the deploy to {name}"),
        TaskId::Verify(name) => format!("the verification of {name}"),
        TaskId::Rollback(name) => format!("the rollback of {name}"),
    }
}

pub(super) fn ended(attempt: Attempt, verdict: Verdict, at: Timestamp) -> Event {
    Event::AttemptEnded {
        attempt,
        end: Box::new(EndFacts::without_build(verdict, at)),
    }
}
