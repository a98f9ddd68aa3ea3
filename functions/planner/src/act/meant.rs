//! Purpose: of which run a decision in a comment speaks. Whether it counts is for the approval function alone.

use domain::delivery::Said;
use domain::ids::{EnvironmentName, RunId};
use domain::run::{Run, StagePhase, Summary};
use engine::{Fault, load};
use github::commands::Decision;
use jiff::{SignedDuration, Timestamp};

use super::{MAX_LOOKED_AT, Wisher};
use crate::Planner;

/// What a line of a comment leads to.
pub(super) enum Meant {
    /// A decision about this run.
    Run(RunId),
    /// It has been carried out, or it cannot be.
    Nothing(Said),
}

impl Planner<'_> {
    /// The newest run whose release is named, or the only one that waits to be decided about.
    pub(super) async fn meant(
        &self,
        wisher: &Wisher<'_>,
        decision: Decision<'_>,
    ) -> Result<Meant, Fault> {
        let (mut waiting, mut named) = (Vec::new(), Vec::new());
        let prefix = format!("run/{}/", wisher.repository);
        let heads = self
            .deps
            .journal
            .heads(&prefix, None, MAX_LOOKED_AT)
            .await?;
        for head in heads {
            let summary: Summary = serde_json::from_value(head.summary).unwrap_or_default();
            if !is_about(&summary, decision) {
                continue;
            }
            let Some(run) = summary.run else { continue };
            let state: Run = load(self.deps.journal, &head.stream).await?.state;
            match opened(&state, decision.environment) {
                None => {}
                // Whoever rejects what they have not seen does not mean it.
                Some((_, opened)) if decision.approves.is_none() && opened > wisher.said => {}
                Some((waits, _)) => {
                    waiting.extend(waits.then(|| run.clone()));
                    named.push(run);
                }
            }
        }
        let environment = decision.environment;
        Ok(match (waiting.len(), decision.approves) {
            (1, _) | (2.., Some(_)) => Meant::Run(waiting.remove(0)),
            (2.., None) => Meant::Nothing(Said::no(format!(
                "{} releases wait for an approval of `{environment}`; each is rejected on its own page.",
                waiting.len()
            ))),
            // It was decided about before, or too late: its rules say which.
            (0, Some(_)) if !named.is_empty() => Meant::Run(named.remove(0)),
            (0, Some(release)) => Meant::Nothing(Said::no(format!(
                "No release that begins with `{release}` has asked for an approval of `{environment}`."
            ))),
            (0, None) => Meant::Nothing(Said::no(format!(
                "Nothing waits for an approval of `{environment}`."
            ))),
        })
    }
}

/// Whether a run's approval of the environment waits for decisions, and since when it was asked for.
fn opened(run: &Run, environment: &EnvironmentName) -> Option<(bool, Timestamp)> {
    let stage = run.stages.get(environment)?;
    let policy = run.planned_stage(environment)?.approval.as_ref()?;
    let lasts = SignedDuration::from_secs(i64::from(policy.expires_seconds));
    let opened = stage
        .approval
        .as_ref()?
        .expires_at
        .checked_sub(lasts)
        .ok()?;
    Some((stage.phase == StagePhase::Approval, opened))
}

/// Whether a run can be meant, by what lists show of it.
fn is_about(summary: &Summary, decision: Decision<'_>) -> bool {
    let mut stages = summary.stages.iter();
    let has_it = stages.any(|stage| stage.environment == *decision.environment);
    let is_open = summary.outcome.is_none() || decision.approves.is_some();
    let release = summary.release.as_ref();
    has_it && is_open && release.is_some_and(|release| decision.is_about(release))
}
