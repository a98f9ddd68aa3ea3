//! Purpose: one environment of a run for readers: its approval, its lane, its tasks.

use domain::ids::{Digest, EnvironmentName, PersonId};
use domain::lane::Deployed;
use domain::plan::{ApprovalPolicy, PlannedStage};
use domain::run::{Approval, Run, Stage, StagePhase, TaskId};
use jiff::Timestamp;
use serde::Serialize;

use super::names::{Names, Who};
use super::task::{TaskView, task_view};

/// One environment on the road of a run.
#[derive(Clone, Debug, Serialize)]
pub struct StageView {
    pub environment: EnvironmentName,
    /// The environment before it.
    pub after: Option<EnvironmentName>,
    /// A word of [`StagePhase`].
    pub status: String,
    /// Why it ended as it did.
    pub why: Option<String>,
    /// Who would have to approve, as the pipeline file has it; `None` = nobody.
    pub policy: Option<ApprovalPolicy>,
    /// The approval, once it was opened.
    pub approval: Option<ApprovalLine>,
    /// End of the freeze window that holds now.
    pub frozen_until_ms: Option<i64>,
    /// The number of this run's turn in the environment's lane; it only grows.
    pub fence: Option<u64>,
    /// What the environment ran before this run.
    pub previous: Option<Deployed>,
    /// Deploy, verification, rollback: those that have begun.
    pub tasks: Vec<TaskView>,
}

/// An approval for readers.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalLine {
    pub release: Digest,
    /// `awaiting approval`, `granted`, `rejected`, `expired`, `void`.
    pub status: String,
    /// How many people have to approve.
    pub count: u8,
    /// How many have.
    pub given: usize,
    /// Those who may decide.
    pub approvers: Vec<Who>,
    /// Those who may not, because it is their own change.
    pub excluded: Vec<Who>,
    pub expires_ms: i64,
    pub decisions: Vec<DecisionLine>,
    /// Why it no longer counts.
    pub voided: Option<String>,
}

/// One decision for readers.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionLine {
    pub who: Who,
    pub approve: bool,
    pub reason: String,
    pub at_ms: i64,
}

/// The people that the stages of a run speak of.
pub(super) fn people_of(run: &Run) -> Vec<PersonId> {
    let approvals = run.stages.values().filter_map(|s| s.approval.as_ref());
    approvals
        .flat_map(|approval| {
            let decided = approval.decisions.iter().map(|decision| decision.person);
            let asked = approval.approvers.iter().chain(&approval.excluded);
            asked.copied().chain(decided).collect::<Vec<_>>()
        })
        .collect()
}

/// The environment as it stands in this run.
pub(super) fn stage_view(
    run: &Run,
    planned: &PlannedStage,
    names: &Names<'_>,
    at: Timestamp,
) -> StageView {
    let name = &planned.environment;
    let stage = run.stages.get(name).cloned().unwrap_or_default();
    let tasks = [TaskId::Deploy, TaskId::Verify, TaskId::Rollback];
    StageView {
        environment: name.clone(),
        after: planned.after.clone(),
        status: stage.phase.word().to_owned(),
        why: why(&stage),
        policy: planned.approval.clone(),
        approval: stage
            .approval
            .as_ref()
            .map(|approval| approval_line(approval, names, at)),
        frozen_until_ms: stage
            .frozen_until
            .filter(|until| *until > at && stage.outcome().is_none())
            .map(|until| until.as_millisecond()),
        fence: stage.fence,
        previous: stage.previous.clone(),
        tasks: tasks
            .iter()
            .filter_map(|task| task_view(run, &task(name.clone()), at))
            .collect(),
    }
}

fn why(stage: &Stage) -> Option<String> {
    let (StagePhase::Ended(outcome)
    | StagePhase::Settling(outcome)
    | StagePhase::Returning(outcome)) = &stage.phase
    else {
        return None;
    };
    outcome.why().map(str::to_owned)
}

fn approval_line(approval: &Approval, names: &Names<'_>, at: Timestamp) -> ApprovalLine {
    let who = |ids: &mut dyn Iterator<Item = PersonId>| ids.map(|id| names.who(id)).collect();
    let may = &mut approval
        .approvers
        .iter()
        .copied()
        .filter(|person| approval.may_decide(*person));
    ApprovalLine {
        release: approval.release.clone(),
        status: standing(approval, at).to_owned(),
        count: approval.count,
        given: approval.decisions.iter().filter(|d| d.approve).count(),
        approvers: who(may),
        excluded: who(&mut approval.excluded.iter().copied()),
        expires_ms: approval.expires_at.as_millisecond(),
        decisions: approval
            .decisions
            .iter()
            .map(|decision| DecisionLine {
                who: names.who(decision.person),
                approve: decision.approve,
                reason: decision.reason.clone(),
                at_ms: decision.at.as_millisecond(),
            })
            .collect(),
        voided: approval.voided.clone(),
    }
}

fn standing(approval: &Approval, at: Timestamp) -> &'static str {
    if approval.voided.is_some() {
        "void"
    } else if approval.refusal().is_some() {
        "rejected"
    } else if approval.is_granted() {
        "granted"
    } else if approval.is_expired(at) {
        "expired"
    } else {
        "awaiting approval"
    }
}
