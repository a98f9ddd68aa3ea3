//! Purpose: one run for readers, whole: what it is about, its jobs, its environments, what it waits for, what happened.

use domain::ids::{CommitSha, Digest, RepositoryId, RunId};
use domain::kernel::{Machine as _, StreamId};
use domain::plan::{Plan, Trigger};
use domain::report::TestCounts;
use domain::run::{Opening, Run, TaskId};
use jiff::Timestamp;
use serde::Serialize;

use super::Reads;
use super::history::{self, EventLine};
use super::names::{Names, RepositoryRef, Who, commit_of, repository_ref};
use super::runs::short_reference;
use super::stage::{self, StageView, stage_view};
use super::task::{TaskView, between, task_view};
use super::why::{Why, why};
use crate::fault::Fault;
use crate::load::history;
use crate::ports::Record;

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct RunView {
    pub repository: RepositoryRef,
    pub run: RunId,
    pub status: String,
    /// The one sentence about its end; `None` while it runs.
    pub headline: Option<String>,
    /// The full ref.
    pub reference: String,
    /// The branch or tag alone.
    pub branch: String,
    pub commit: CommitView,
    pub event: String,
    pub trigger: Trigger,
    /// Who started it.
    pub initiator: Option<Who>,
    /// Who wrote the commit.
    pub author: Option<Who>,
    /// The delivery that asked for it.
    pub delivery: String,
    pub opened_ms: i64,
    pub finished_ms: Option<i64>,
    /// Until its end, or until now.
    pub duration_ms: u64,
    pub release: Option<Digest>,
    pub superseded_by: Option<RunId>,
    /// Why it was cancelled.
    pub cancelled: Option<String>,
    /// Why the pipeline file cannot be used.
    pub problem: Option<String>,
    pub tests: TestCounts,
    /// In the plan's order: each after what it needs.
    pub jobs: Vec<TaskView>,
    pub stages: Vec<StageView>,
    /// What it waits for; nothing once it is over.
    pub why: Why,
    /// Where the environments were read, if not in the run's own pipeline file: one sentence.
    pub rules: Option<String>,
    pub plan: Plan,
    pub events: Vec<EventLine>,
    /// Why nobody works on it any more.
    pub quarantine: Option<String>,
    pub at_ms: i64,
}

impl RunView {
    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.finished_ms.is_some()
    }
}

/// A commit for readers.
#[derive(Clone, Debug, Serialize)]
pub struct CommitView {
    pub sha: CommitSha,
    /// First line of the message, where it can be told.
    pub title: Option<String>,
    /// As git has it, which anybody can write.
    pub author_name: Option<String>,
}

/// The run as it stands at `at`; `None` if there is no such run.
pub async fn run(
    reads: &Reads<'_>,
    repository: RepositoryId,
    id: &RunId,
    at: Timestamp,
) -> Result<Option<RunView>, Fault> {
    let stream = StreamId::run(repository, id);
    let records = history(reads.journal, &stream).await?;
    let events = history::decoded(&stream, &records)?;
    let run = Run::replay(&events);
    let Some(opening) = &run.opening else {
        return Ok(None);
    };
    let mut names = Names::new(reads.people);
    names.learn(history::people_of(&records, &events)).await;
    names.learn(stage::people_of(&run)).await;
    let told = commit_of(reads, repository, &opening.commit).await;
    let commit = CommitView {
        sha: opening.commit.clone(),
        title: told.as_ref().map(|commit| commit.title.clone()),
        author_name: told.map(|commit| commit.author_name),
    };
    let head = reads.journal.head(&stream).await?;
    let Some(why) = why(reads.journal, reads.people, &stream, at).await? else {
        return Ok(None);
    };
    let mut view = assemble(&run, opening, commit, &records, &names, at, why);
    view.repository = repository_ref(reads, repository).await;
    view.quarantine = head.and_then(|head| head.quarantine);
    Ok(Some(view))
}

/// A reader wants to know it where something is deployed, or would be.
fn rules(plan: &Plan) -> Option<String> {
    let source = plan.environments.as_ref()?;
    let told = source.problem.is_some() || !plan.stages.is_empty();
    told.then(|| source.sentence())
}

fn assemble(
    run: &Run,
    opening: &Opening,
    commit: CommitView,
    records: &[Record],
    names: &Names<'_>,
    at: Timestamp,
    why: Why,
) -> RunView {
    let opened_ms = run.opened_at.unwrap_or(at).as_millisecond();
    let finished_ms = run.finished.as_ref().map(|end| end.at.as_millisecond());
    let plan = &opening.plan;
    RunView {
        repository: RepositoryRef {
            id: opening.repository,
            name: String::new(),
        },
        run: opening.run.clone(),
        status: run.status().to_owned(),
        headline: run.finished.as_ref().map(|end| end.headline.clone()),
        reference: opening.reference.clone(),
        branch: short_reference(&opening.reference).to_owned(),
        commit,
        event: opening.trigger.event().to_owned(),
        trigger: opening.trigger.clone(),
        initiator: opening.parties.initiator.map(|id| names.who(id)),
        author: opening.parties.author.map(|id| names.who(id)),
        delivery: opening.delivery.clone(),
        opened_ms,
        finished_ms,
        duration_ms: between(opened_ms, finished_ms.unwrap_or(at.as_millisecond())),
        release: run.release.clone(),
        superseded_by: run.superseded.clone(),
        cancelled: run.cancelled.clone(),
        problem: opening.problem.clone(),
        rules: rules(plan),
        tests: run.test_counts(),
        jobs: plan
            .jobs
            .iter()
            .filter_map(|job| task_view(run, &TaskId::Job(job.id.clone()), at))
            .collect(),
        stages: plan
            .stages
            .iter()
            .map(|planned| stage_view(run, planned, names, at))
            .collect(),
        why,
        plan: plan.clone(),
        events: history::lines(records, names),
        quarantine: None,
        at_ms: at.as_millisecond(),
    }
}
