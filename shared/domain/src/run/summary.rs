//! Purpose: what lists show of a run.

use serde::{Deserialize, Serialize};

use super::stage::StagePhase;
use super::task::{Phase, TaskId};
use super::{Outcome, Run};
use crate::ids::{CommitSha, Digest, EnvironmentName, RepositoryId, RunId};
use crate::plan::Parties;
use crate::report::TestCounts;

/// A run in one line; stored in its head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub repository: Option<RepositoryId>,
    pub run: Option<RunId>,
    pub reference: String,
    pub commit: Option<CommitSha>,
    /// `push`, `tag` …
    pub event: String,
    /// Who started it and who wrote the commit.
    #[serde(default)]
    pub parties: Parties,
    /// `queued`, `running`, `awaiting trust`, `awaiting approval`, or the outcome.
    pub status: String,
    pub outcome: Option<Outcome>,
    pub headline: String,
    pub release: Option<Digest>,
    pub opened_ms: i64,
    pub finished_ms: Option<i64>,
    pub jobs_done: u32,
    pub jobs: u32,
    pub tests: TestCounts,
    pub stages: Vec<StageSummary>,
}

/// An environment of a run in two words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageSummary {
    pub environment: EnvironmentName,
    pub status: String,
}

impl Run {
    pub(super) fn summarise(&self) -> Summary {
        let Some(opening) = &self.opening else {
            return Summary::default();
        };
        let jobs: Vec<_> = self
            .tasks
            .iter()
            .filter(|(id, _)| matches!(id, TaskId::Job(_)))
            .collect();
        let done = jobs
            .iter()
            .filter(|(_, task)| task.verdict().is_some())
            .count();
        Summary {
            repository: Some(opening.repository),
            run: Some(opening.run.clone()),
            reference: opening.reference.clone(),
            commit: Some(opening.commit.clone()),
            event: opening.trigger.event().to_owned(),
            parties: opening.parties,
            status: self.status().to_owned(),
            outcome: self.finished.as_ref().map(|finish| finish.outcome),
            headline: self
                .finished
                .as_ref()
                .map(|f| cut(&f.headline))
                .unwrap_or_default(),
            release: self.release.clone(),
            opened_ms: self.opened_at.map_or(0, |at| at.as_millisecond()),
            finished_ms: self.finished.as_ref().map(|f| f.at.as_millisecond()),
            jobs_done: u32::try_from(done).unwrap_or(u32::MAX),
            jobs: u32::try_from(jobs.len()).unwrap_or(u32::MAX),
            tests: self.test_counts(),
            stages: opening
                .plan
                .stages
                .iter()
                .filter_map(|planned| {
                    Some(StageSummary {
                        environment: planned.environment.clone(),
                        status: self
                            .stages
                            .get(&planned.environment)?
                            .phase
                            .word()
                            .to_owned(),
                    })
                })
                .collect(),
        }
    }

    /// One or two words for where the run stands.
    pub fn status(&self) -> &'static str {
        if let Some(finish) = &self.finished {
            return finish.outcome.word();
        }
        if self.is_stopping() {
            return "stopping";
        }
        if self.waits_for_trust() {
            return "awaiting trust";
        }
        if self
            .stages
            .values()
            .any(|stage| matches!(stage.phase, StagePhase::Approval))
        {
            return "awaiting approval";
        }
        let idle = |phase: &Phase| matches!(phase, Phase::Waiting | Phase::WantsSlot { .. });
        if self.tasks.values().all(|task| idle(&task.phase)) {
            "queued"
        } else {
            "running"
        }
    }

    /// Tests of the last attempt of every job.
    pub fn test_counts(&self) -> TestCounts {
        let ends = self.tasks.values().filter_map(|task| task.last_end());
        ends.flat_map(|end| &end.reports)
            .filter_map(|report| report.tests)
            .fold(TestCounts::default(), |sum, tests| TestCounts {
                passed: sum.passed.saturating_add(tests.passed),
                failed: sum.failed.saturating_add(tests.failed),
                skipped: sum.skipped.saturating_add(tests.skipped),
                millis: sum.millis.saturating_add(tests.millis),
            })
    }
}

impl StagePhase {
    /// One or two words for lists and pages.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Blocked => "waiting",
            Self::Opening | Self::Approval => "awaiting approval",
            Self::WantsLane => "waiting for its turn",
            Self::HoldsLane => "about to deploy",
            Self::Working => "deploying",
            Self::Settling(_) | Self::Returning(_) => "settling",
            Self::Ended(outcome) => outcome.word(),
        }
    }
}

/// Long headlines are for the run's own page.
fn cut(text: &str) -> String {
    const MAX_CHARS: usize = 300;
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    text.chars().take(MAX_CHARS).chain("…".chars()).collect()
}
