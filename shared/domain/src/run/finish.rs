//! Purpose: the end of a run: its outcome and the one sentence to show first.

use jiff::Timestamp;

use super::advance::short;
use super::stage::StageOutcome;
use super::task::{Phase, TaskId, Verdict};
use super::{Event, Outcome, Run};

impl Run {
    pub(super) fn finish_if_done(&self, at: Timestamp) -> Vec<Event> {
        let Some(opening) = &self.opening else {
            return Vec::new();
        };
        if let Some(problem) = &opening.problem {
            return vec![Event::RunFinished {
                outcome: Outcome::Failed,
                headline: problem.clone(),
                at,
            }];
        }
        let stages_over = self.stages.values().all(|stage| stage.outcome().is_some());
        let tasks_over = self
            .tasks
            .values()
            .all(|task| matches!(task.phase, Phase::Ended(_)));
        if !stages_over || !tasks_over || !(self.has_turn || self.is_stopping()) {
            return Vec::new();
        }
        let (outcome, headline) = self.verdict();
        vec![Event::RunFinished {
            outcome,
            headline,
            at,
        }]
    }

    fn verdict(&self) -> (Outcome, String) {
        if let Some(reason) = &self.cancelled {
            return (Outcome::Cancelled, format!("cancelled: {reason}"));
        }
        if let Some(headline) = self.failed_job() {
            return (Outcome::Failed, headline);
        }
        if let Some(by) = &self.superseded {
            return (Outcome::Superseded, format!("superseded by run {by}"));
        }
        if let Some(headline) = self.skipped_headline() {
            return (Outcome::Cancelled, headline);
        }
        self.failed_stage()
            .unwrap_or_else(|| (Outcome::Succeeded, self.good_headline()))
    }

    fn failed_job(&self) -> Option<String> {
        let opening = self.opening.as_ref()?;
        let failed = opening.plan.jobs.iter().filter_map(|job| {
            let task = self.tasks.get(&TaskId::Job(job.id.clone()))?;
            let verdict = task.verdict().filter(|verdict| !verdict.is_good())?;
            (*verdict != Verdict::Cancelled).then_some((job, task, verdict))
        });
        let (job, task, verdict) = failed.into_iter().next()?;
        let detail = task
            .last_end()
            .and_then(|end| end.headline.as_deref())
            .or(verdict.why());
        Some(match detail {
            Some(detail) => format!("{} {}: {detail}", job.id, verdict.word()),
            None => format!("{} {}", job.id, verdict.word()),
        })
    }

    fn failed_stage(&self) -> Option<(Outcome, String)> {
        let plan = &self.opening.as_ref()?.plan;
        plan.stages.iter().find_map(|planned| {
            let name = &planned.environment;
            let outcome = self.stages.get(name)?.outcome()?;
            let why = outcome.why().unwrap_or_default();
            match outcome {
                StageOutcome::Deployed => None,
                StageOutcome::Rejected { .. } => {
                    Some((Outcome::Rejected, format!("{name} rejected: {why}")))
                }
                StageOutcome::Expired => Some((
                    Outcome::Expired,
                    format!("nobody approved {name} in time, or the approval had run out"),
                )),
                StageOutcome::Cancelled => Some((
                    Outcome::Cancelled,
                    format!("{name} was not deployed: cancelled"),
                )),
                _ => Some((Outcome::Failed, format!("{name} {}: {why}", outcome.word()))),
            }
        })
    }

    fn good_headline(&self) -> String {
        let deployed: Vec<&str> = self
            .opening
            .iter()
            .flat_map(|opening| &opening.plan.stages)
            .map(|stage| stage.environment.as_str())
            .collect();
        let jobs = self.tasks.keys().filter(|id| matches!(id, TaskId::Job(_)));
        let skipped = jobs
            .clone()
            .filter(|id| {
                matches!(
                    self.tasks.get(*id).and_then(|t| t.verdict()),
                    Some(Verdict::Skipped { .. })
                )
            })
            .count();
        let ran = jobs.count() - skipped;
        let jobs = if ran == 1 {
            "1 job passed".to_owned()
        } else {
            format!("{ran} jobs passed")
        };
        if deployed.is_empty() {
            jobs
        } else {
            format!("{jobs}, deployed to {}", deployed.join(", "))
        }
    }

    /// The task that a person should look at first, for a run that did not go well.
    pub fn first_bad_task(&self) -> Option<String> {
        self.tasks
            .iter()
            .find(|(_, task)| task.verdict().is_some_and(|verdict| !verdict.is_good()))
            .map(|(id, _)| short(id))
    }
}
